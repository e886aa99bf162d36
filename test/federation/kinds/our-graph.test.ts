import { readdirSync, readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import {
  buildSchema,
  type GraphQLSchema,
  lexicographicSortSchema,
  parse,
  printSchema,
} from 'graphql';
import { expect, test } from 'vitest';

const OPERATIONS = 'schema/operations';
const SUBGRAPHS = 'schema/subgraphs';
const read = (path: string) => readFileSync(path, 'utf8');

/** The product's own graph, as the reference implementation of composition makes it. */
const reference = composeServices(
  readdirSync(SUBGRAPHS).map((file) => {
    const name = file.replace('.graphql', '');
    return {
      name,
      url: `http://127.0.0.1:4001/${name}`,
      typeDefs: parse(read(`${SUBGRAPHS}/${file}`)),
    };
  }),
);
const supergraphSdl = reference.supergraphSdl ?? '';
const sorted = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

test("the subgraphs compose with Apollo's composer, without an error or a hint", () => {
  expect(reference.errors).toBeUndefined();
  expect(reference.hints?.map(({ message }) => message)).toEqual([]);
});

test('both compositions show clients the same graph', () => {
  const api = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  const theirs = buildSchema(printSchema(api));
  expect(sorted(theirs)).toBe(sorted(buildSchema(read('schema/api.graphql'))));
});

test.each(readdirSync(OPERATIONS).filter((file) => file.endsWith('.graphql')))(
  'over both, the same is asked of the same subgraphs: %s',
  (file) => {
    const text = read(`${OPERATIONS}/${file}`);
    const plan = (sdl: string) => new QueryPlanner(sdl).plan(text, null, new Set(), 0);
    expect(plan(supergraphSdl)).toEqual(plan(read('schema/supergraph.graphql')));
  },
);
