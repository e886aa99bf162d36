import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { composeSubgraphs, type Subgraph } from '../../../src/federation/compose.js';
import { createPlans, type Plans } from '../../../src/federation/executor/plans.js';
import { graphOver } from './graph-of.js';

const asked: string[] = [];
const schemaOf = (sdl: string): GraphQLSchema =>
  buildSubgraphSchema({
    typeDefs: parse(sdl),
    resolvers: { Query: { person: () => asked.push('person') && { id: '1', name: 'Ada' } } },
  });
const PEOPLE: Subgraph = {
  name: 'people' as Subgraph['name'],
  schema: schemaOf('type Query { person(id: ID): Person } type Person { id: ID name: String }'),
};

let plans: Plans;
beforeAll(async () => {
  const { supergraphSdl } = await composeSubgraphs([PEOPLE]);
  plans = createPlans(supergraphSdl, () => PEOPLE.schema);
});

test('operations of one form have one plan', async () => {
  const text = 'query($v0: ID) { _a0: person(id: $v0) { name } }';
  const plan = await plans.planOf(text);
  expect(await plans.planOf(text)).toBe(plan);
  expect([...plan.documents.values()]).toHaveLength(1);
});

test('plans are kept up to a bound: what nobody asked for lately is planned again', async () => {
  const first = await plans.planOf('{ person { id } }');
  const long = (i: number) => `{ ${`_a${i}: person { name } `.repeat(25_000)} }`;
  await Promise.all([0, 1, 2].map((i) => plans.planOf(long(i))));
  expect(await plans.planOf('{ person { id } }')).not.toBe(first);
});

test('a document that its subgraph would refuse is never sent: a fault of ours, with a line in the log', async () => {
  const supergraph = await composeSubgraphs([PEOPLE]);
  const schema = schemaOf('type Query { person(id: ID): Person } type Person { id: ID }');
  const graph = await graphOver([{ ...PEOPLE, schema }], supergraph);
  asked.length = 0;
  const { status, data, errors } = await graph.ask('{ person { id name } }');
  expect([status, data]).toEqual([500, undefined]);
  expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL', retry: 'LATER' } }]);
  expect(graph.lines.join()).toContain('Cannot query field');
  expect(asked).toEqual([]);
  expect((await graph.ask('{ person { id } }')).data).toEqual({ person: { id: '1' } });
});
