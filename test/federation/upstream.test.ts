import { buildSubgraphSchema } from '@apollo/subgraph';
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { composeWithApollo } from './executor/graph-of.js';

/**
 * Defects of the query planner that the executor keeps away from, each by its smallest input. One that
 * fails here is mended: see docs/upstream.md for what of ours can then go.
 */
async function plannerOver(parts: Readonly<Record<string, string>>): Promise<QueryPlanner> {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8",
    import: ["@key", "@external", "@provides", "@shareable", "@interfaceObject"])\n`;
  const subgraphs = Object.entries(parts).map(([name, sdl]) => ({
    name: name as never,
    schema: buildSubgraphSchema({ typeDefs: parse(link + sdl) }),
  }));
  return new QueryPlanner((await composeWithApollo(subgraphs)).supergraphSdl);
}

const textOf = (planner: QueryPlanner, query: string) =>
  JSON.stringify(planner.plan(query, null, new Set(), 0));

test('it breaks off at a whole number of more than 64 bits', async () => {
  const planner = await plannerOver({ a: 'type Query { ward(id: ID): Int }' });
  expect(textOf(planner, '{ ward(id: 1234567890123456789) }')).toContain('"Fetch"');
  expect(() => textOf(planner, '{ ward(id: 12345678901234567890) }')).toThrow();
});

test('it asks a subgraph for a kind that it does not have, where an interface cannot be resolved', async () => {
  const planner = await plannerOver({
    a: 'type Query { a: Int } interface Care @key(fields: "id") { id: ID! }',
    b: `type Query { b: Care }
      type Care @key(fields: "id", resolvable: false) @interfaceObject { id: ID! more: Int }`,
  });
  expect(textOf(planner, '{ b { id } }')).not.toContain('_entities');
  expect(textOf(planner, '{ b { __typename id } }')).toContain('...on Care{__typename}');
});

test('it takes a field for one that is not provided where `__typename` is asked for beside', async () => {
  const planner = await plannerOver({
    a: `type Query { ward: Ward @provides(fields: "care { code }") }
      type Ward @key(fields: "id") { id: ID! care: Care @external }
      interface Care { code: String }
      type Visit implements Care @key(fields: "code") { code: String @external }`,
    b: `type Ward @key(fields: "id") { id: ID! care: Care @shareable }
      interface Care { code: String }
      type Visit implements Care @key(fields: "code") { code: String @shareable }`,
  });
  expect(textOf(planner, '{ ward { care { code } } }')).not.toContain('_entities');
  expect(textOf(planner, '{ ward { care { __typename code } } }')).toContain('_entities');
});
