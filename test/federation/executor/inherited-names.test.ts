import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Graph, graphOf } from './graph-of.js';

/** What the subgraph was asked, in order. */
const asked: unknown[] = [];
const answer = (_root: unknown, values: object) => {
  asked.push(values);
  return 7;
};

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf({
    people: {
      typeDefs: `
        input Where { only: String }
        type Person { id: ID! friends(ids: [ID!]): [Person!]! }
        type Query { count(first: Int, where: Where): Int people(first: Int, ids: [ID!]): [Person!]! }
        type Mutation { withdraw(secret: Int): Int }
      `,
      resolvers: {
        Query: { count: answer, people: () => [] },
        Mutation: { withdraw: answer },
      },
    },
  });
});
beforeEach(() => {
  asked.length = 0;
  graph.lines.length = 0;
});

/** Names that every plain object has already. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];
const INHERITED_VARIABLES = INHERITED.filter((name) => name !== '__proto__');

describe.each(INHERITED)('a name that plain objects have: %s', (name) => {
  test('of a fragment: its fields are answered', async () => {
    const query = `query { ...${name} } fragment ${name} on Query { count(first: 3) }`;
    expect(await graph.ask(query)).toEqual({ status: 200, data: { count: 7 } });
  });

  test('of a fragment in a mutation: what was carried out is told', async () => {
    const query = `mutation { ...${name} } fragment ${name} on Mutation { withdraw(secret: 1) }`;
    expect(await graph.ask(query)).toEqual({ status: 200, data: { withdraw: 7 } });
    expect(asked).toEqual([{ secret: 1 }]);
  });

  test('of an alias and of an operation', async () => {
    const { status, data } = await graph.ask(`query ${name} { ${name}: count(first: 3) }`);
    expect([status, JSON.stringify(data)]).toEqual([200, `{"${name}":7}`]);
  });
});

describe.each(INHERITED_VARIABLES)('a variable of a name that plain objects have: $%s', (name) => {
  const FILTER = `query ($${name}: Where = { only: "mine" }) { count(where: $${name}) }`;

  test('has its default', async () => {
    expect(await graph.ask(FILTER)).toEqual({ status: 200, data: { count: 7 } });
    const number = `query ($${name}: Int = 3) { count(first: $${name}) }`;
    expect(await graph.ask(number)).toEqual({ status: 200, data: { count: 7 } });
    expect(asked).toMatchObject([{ where: { only: 'mine' } }, { first: 3 }]);
  });

  test('has the value that is given', async () => {
    await graph.ask(FILTER, { [name]: { only: 'another' } });
    expect(asked).toMatchObject([{ where: { only: 'another' } }]);
  });

  test('decides what is left out', async () => {
    const query = `query ($${name}: Boolean = true) { count @skip(if: $${name}) }`;
    expect(await graph.ask(query)).toEqual({ status: 200, data: {} });
  });

  test('is counted by its default', async () => {
    const ids = Array.from({ length: 500 }, () => '1').join(' ');
    const query = (named: string) =>
      `query ($${named}: [ID!] = [${ids}]) { people(ids: $${named}) { friends(ids: $${named}) { id } } }`;
    for (const named of ['ids', name]) {
      const { status, errors } = await graph.ask(query(named));
      expect([status, errors?.[0]?.extensions?.code]).toEqual([413, 'INPUT_TOO_LARGE']);
    }
  });

  test('that is neither given nor has a default is refused, and is no fault of ours', async () => {
    const query = `query ($${name}: String) { count(where: { only: $${name} }) }`;
    const { status, errors } = await graph.ask(query);
    expect([status, errors?.[0]?.extensions?.code]).toEqual([400, 'BAD_INPUT']);
    expect(asked).toEqual([]);
    expect(graph.lines).toEqual([]);
  });
});

test.each([
  ['with a default', 'query ($__proto__: Where = { only: "mine" }) { count(where: $__proto__) }'],
  ['without one', 'query ($__proto__: Where) { count(where: $__proto__) }'],
  [
    'in another operation',
    'query A { count } query B($__proto__: Int) { count(first: $__proto__) }',
  ],
])('no variable can be called __proto__: it is refused, %s', async (_how, query) => {
  const { status, errors } = await graph.ask(query);
  expect([status, errors?.[0]?.extensions?.code]).toEqual([400, 'BAD_INPUT']);
  expect(asked).toEqual([]);
  expect(graph.lines).toEqual([]);
});
