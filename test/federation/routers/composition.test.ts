import { composeServices } from '@apollo/composition';
import { buildSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Supergraph } from '../../../src/federation/compose.js';
import { composeDomains } from '../../../src/federation/schema-files.js';

const ELSEWHERE = 'https://subgraphs.example';
let supergraph: Supergraph;

beforeAll(async () => {
  supergraph = await composeDomains(ELSEWHERE);
});

/** Composes as Apollo's tools do, `rover supergraph compose` included. */
function compose(change: (sdl: string, name: string) => string = (sdl) => sdl) {
  return composeServices(
    [...supergraph.subgraphSdl].map(([name, sdl]) => ({
      name,
      url: `${ELSEWHERE}/${name}`,
      typeDefs: parse(change(sdl, name)),
    })),
  );
}

describe("Apollo's composition of the subgraphs", () => {
  test('has no error and no hint', () => {
    const { errors, hints } = compose();
    expect(errors ?? []).toEqual([]);
    expect((hints ?? []).map(String)).toEqual([]);
  });

  test('gives the API that is published', () => {
    const { schema } = compose();
    const ofApollo = schema?.toAPISchema().toGraphQLJSSchema();
    if (ofApollo === undefined) throw new Error('no supergraph');
    expect(printSchema(lexicographicSortSchema(ofApollo))).toBe(
      printSchema(lexicographicSortSchema(buildSchema(supergraph.apiSdl))),
    );
  });

  test('hints at a type that two subgraphs describe differently', () => {
    const { hints = [] } = compose((sdl, name) =>
      name === 'trials'
        ? sdl.replace('"""How one institution answered."""', '"""Another."""')
        : sdl,
    );
    expect(hints.map(({ definition }) => definition.code)).toEqual(['INCONSISTENT_DESCRIPTION']);
  });
});

test('the supergraph names each subgraph where a router is told to find it', async () => {
  const graphs = (sdl: string) =>
    [...sdl.matchAll(/@join__graph\(name: "(\w+)", url: "([^"]+)"\)/g)].map(([, name, url]) => [
      name,
      url,
    ]);
  const names = ['consent', 'identification', 'network', 'records', 'supply', 'trials'];
  expect(graphs(supergraph.supergraphSdl)).toEqual(
    names.map((name) => [name, `${ELSEWHERE}/${name}`]),
  );
  expect(graphs((await composeDomains()).supergraphSdl)).toEqual(
    names.map((name) => [name, `http://127.0.0.1:4001/${name}`]),
  );
});
