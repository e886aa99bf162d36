import { GraphQLScalarType } from 'graphql';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Graph, graphOf } from './graph-of.js';

/** What the subgraphs were asked, in order. */
const asked: string[] = [];
const PEOPLE = [
  { id: '1', name: 'Ada', roles: ['HOSPITAL', 'TRIAL'] },
  { id: '2', name: 'Grace', roles: ['HOSPITAL'] },
];

const Even = new GraphQLScalarType({
  name: 'Even',
  parseValue: (value) => {
    if (typeof value === 'number' && value % 2 === 0) return { even: value };
    throw new TypeError('not even');
  },
  serialize: (value) => (value as { even: number }).even,
});

const PARTS = {
  people: {
    typeDefs: `
      scalar Even
      enum Role { HOSPITAL TRIAL }
      input Where { name: String, even: Even, roles: [Role!] }
      type Query {
        people(first: Int = 2, after: ID, where: Where): [Person!]!
        person(id: ID!): Person
        take(even: Even, evens: [Even!]): Even
        required(id: ID! = "1"): ID
        echo(where: Where): String
        mustFail: String!
      }
      type Mutation { add(name: String!): Int! mustFail: String! }
      type Person @key(fields: "id") { id: ID! name: String! roles: [Role!]! best: Person }
    `,
    resolvers: {
      Even,
      Query: {
        people: (_: unknown, { first }: { first: number }) => {
          asked.push('people');
          return PEOPLE.slice(0, first);
        },
        person: (_: unknown, { id }: { id: string }) => {
          asked.push(`person ${id}`);
          return PEOPLE.find((one) => one.id === id) ?? null;
        },
        take: (_: unknown, { even, evens }: { even?: object; evens?: object[] }) => {
          asked.push('take');
          return even ?? evens?.[0] ?? null;
        },
        required: (_: unknown, { id }: { id: string }) => id,
        echo: (_: unknown, { where }: { where: unknown }) => JSON.stringify(where),
        mustFail: () => {
          throw new Error('connect ECONNREFUSED 10.1.2.3');
        },
      },
      Mutation: {
        add: (_: unknown, { name }: { name: string }) => asked.push(`add ${name}`),
        mustFail: () => {
          asked.push('mustFail');
          throw new Error('connect ECONNREFUSED 10.1.2.3');
        },
      },
      Person: {
        best: ({ id }: { id: string }) => PEOPLE.find((one) => one.id !== id),
        __resolveReference: ({ id }: { id: string }) => PEOPLE.find((one) => one.id === id),
      },
    },
  },
  hours: {
    typeDefs: `
      type Person @key(fields: "id") { id: ID! hours: [Int!] limit(of: Int): Int name2: String! friend: Person }
    `,
    resolvers: {
      Person: {
        __resolveReference: async ({ id }: { id: string }) => {
          asked.push(`hours of ${id}`);
          if (id === '2') throw new Error('connect ECONNREFUSED 10.1.2.3');
          return { id };
        },
        hours: () => [7, 8],
        limit: (_: unknown, { of }: { of?: number }) => of ?? -1,
        name2: () => {
          throw new Error('select * from patient');
        },
        friend: () => ({ id: '1' }),
      },
    },
  },
};

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf(PARTS);
});
beforeEach(() => {
  asked.length = 0;
  graph.lines.length = 0;
});

describe('what is asked for twice is one answer', () => {
  test.each<[string, string, unknown]>([
    [
      'a list in one selection set',
      '{ person(id: 1) { roles roles } }',
      { person: { roles: ['HOSPITAL', 'TRIAL'] } },
    ],
    [
      'a root field with other fields below',
      '{ people { id } people { name } }',
      {
        people: [
          { id: '1', name: 'Ada' },
          { id: '2', name: 'Grace' },
        ],
      },
    ],
    [
      'under two aliases, a field of another subgraph below one',
      '{ a: person(id: 1) { name } b: person(id: 1) { hours } }',
      { a: { name: 'Ada' }, b: { hours: [7, 8] } },
    ],
    [
      'in fragments that overlap, at two depths',
      `{ ...A people { best { id } } } fragment A on Query { ...B people { best { name best { id } } } }
       fragment B on Query { people { best { best { name } } id } }`,
      {
        people: [
          { best: { best: { name: 'Ada', id: '1' }, name: 'Grace', id: '2' }, id: '1' },
          { best: { best: { name: 'Grace', id: '2' }, name: 'Ada', id: '1' }, id: '2' },
        ],
      },
    ],
    [
      'with a literal and with a variable of that value',
      'query ($n: Int = 1) { people(first: 1) { id } people(first: $n) { hours } }',
      undefined,
    ],
  ])('%s', async (_what, query, data) => {
    const answer = await graph.ask(query);
    // Unlike arguments in one place are no valid document, whatever their values come to.
    if (data === undefined) expect(answer.status).toBe(400);
    else expect(answer).toEqual({ status: 200, data });
  });

  test('and one question', async () => {
    await graph.ask(
      'query ($n: Int) { a: people(first: 1) { id } b: people(first: $n) { name } }',
      {
        n: 1,
      },
    );
    expect(asked).toEqual(['people']);
  });
});

describe("a caller's alias meets nothing of ours", () => {
  test.each<[string, unknown]>([
    ['{ person(id: 1) { id: __typename hours } }', { person: { id: 'Person', hours: [7, 8] } }],
    [
      '{ person(id: 1) { id: name name: id hours } }',
      { person: { id: 'Ada', name: '1', hours: [7, 8] } },
    ],
    [
      '{ person(id: 1) { __typename: id hours: limit(of: 3) limit: hours _a0: limit(of: 4) } }',
      { person: { __typename: '1', hours: 3, limit: [7, 8], _a0: 4 } },
    ],
    ['{ __proto__: person(id: 1) { id } }', { ['__proto__']: { id: '1' } }],
    ['{ people: __typename q: __typename }', { people: 'Query', q: 'Query' }],
  ])('%s', async (query, data) => {
    const answer = await graph.ask(query);
    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).toBe(JSON.stringify(data));
  });
});

describe('what is left out', () => {
  test.each([
    ['{ people @skip(if: true) { id } }', {}],
    ['query ($s: Boolean!) { people @include(if: $s) { id } }', { s: false }],
    ['mutation ($s: Boolean = true) { add(name: "x") @skip(if: $s) }', {}],
  ])('is not asked for, also where nothing remains: %s', async (query, variables) => {
    expect(await graph.ask(query, variables)).toEqual({ status: 200, data: {} });
    expect(asked).toEqual([]);
  });

  test('leaves an object empty', async () => {
    const query = '{ people(first: 1) { id @skip(if: true) best { name @include(if: false) } } }';
    expect(await graph.ask(query)).toEqual({ status: 200, data: { people: [{ best: {} }] } });
  });
});

describe('introspection', () => {
  test('stands beside data', async () => {
    const query =
      '{ person(id: 1) { name } __type(name: "Person") { name } __schema { queryType { name } } }';
    expect(await graph.ask(query)).toEqual({
      status: 200,
      data: {
        person: { name: 'Ada' },
        __type: { name: 'Person' },
        __schema: { queryType: { name: 'Query' } },
      },
    });
  });

  test('is asked for once, and what stands beside it may have aliases', async () => {
    const beside =
      '{ a: person(id: 1) { b: name } __schema { ...S } } fragment S on __Schema { types { name } }';
    expect((await graph.ask(beside)).status).toBe(200);
    const twice = '{ a: __type(name: "Person") { name } person(id: 1) { id } }';
    expect((await graph.ask(twice)).errors?.[0]?.extensions?.code).toBe('INPUT_TOO_LARGE');
  });
});

describe('values', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'a scalar of ours',
      'query ($even: Even) { take(even: $even) people { id } }',
      { even: 3 },
      'even',
    ],
    ['one in a list', 'query ($x: [Even!]) { take(evens: $x) }', { x: [2, 3] }, 'x'],
    ['one in an input', 'query ($w: Where) { echo(where: $w) }', { w: { even: 'x' } }, 'w'],
    ['null', 'query ($n: ID!) { person(id: $n) { id } }', { n: null }, 'n'],
    ['too large a number', 'query ($n: Int) { people(first: $n) { id } }', { n: 2 ** 31 }, 'n'],
  ])(
    'of a variable that do not fit are told by its name, and nothing is asked: %s',
    async (...row) => {
      const [, query, variables, name] = row;
      const { status, errors, data } = await graph.ask(query, variables);
      expect([status, data]).toEqual([400, undefined]);
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.message).toContain(`"$${name}"`);
      expect(errors?.[0]).toMatchObject({
        locations: [{ line: 1 }],
        extensions: { code: 'BAD_USER_INPUT', retry: 'NEVER' },
      });
      expect(asked).toEqual([]);
      expect(graph.lines).toEqual([]);
    },
  );

  test.each<[string, Record<string, unknown>, unknown]>([
    ['{ person(id: 12345678901234567890) { id } }', {}, { person: null }],
    ['{ take(even: 4) }', {}, { take: 4 }],
    ['query ($e: Even = 6) { take(even: $e) }', {}, { take: 6 }],
    ['query ($e: Even!) { take(evens: [$e]) b: take(evens: 8) }', { e: 2 }, { take: 2, b: 8 }],
    ['query ($i: ID) { required(id: $i) }', {}, { required: '1' }],
    [
      'query ($n: String, $r: Role = TRIAL) { echo(where: { name: $n, even: 2, roles: [$r, HOSPITAL] }) }',
      {},
      { echo: '{"even":{"even":2},"roles":["TRIAL","HOSPITAL"]}' },
    ],
    [
      'query ($n: String, $r: Role!) { echo(where: { name: $n, even: 2, roles: [$r, HOSPITAL] }) }',
      { r: 'TRIAL' },
      { echo: '{"even":{"even":2},"roles":["TRIAL","HOSPITAL"]}' },
    ],
    [
      '{ echo(where: { name: null, roles: HOSPITAL }) }',
      {},
      { echo: '{"name":null,"roles":["HOSPITAL"]}' },
    ],
    ['query ($w: Where) { echo(where: $w) }', { w: { even: 2 } }, { echo: '{"even":{"even":2}}' }],
  ])('reach the subgraph as they were meant: %s', async (query, variables, data) => {
    const answer = await graph.ask(query, variables);
    expect(answer).toEqual({ status: 200, data });
  });

  test('null where the schema allows none is that field’s error alone', async () => {
    const query = 'query ($i: ID) { required(id: $i) person(id: 1) { id } }';
    const answer = await graph.ask(query, { i: null });
    expect(answer).toMatchObject({ status: 200, data: { required: null, person: { id: '1' } } });
    expect(answer.errors).toMatchObject([{ path: ['required'] }]);
  });
});

describe('an error of a subgraph', () => {
  const placesOf = (errors: readonly { readonly path?: unknown }[] = []) =>
    errors.map(({ path }) => path);

  test("has the caller's path, for each alias", async () => {
    const query = '{ p: people { i: id h: hours again: hours } }';
    const { status, data, errors } = await graph.ask(query);
    expect(status).toBe(200);
    expect(data).toEqual({
      p: [
        { i: '1', h: [7, 8], again: [7, 8] },
        { i: '2', h: null, again: null },
      ],
    });
    expect(placesOf(errors)).toEqual([
      ['p', 1, 'h'],
      ['p', 1, 'again'],
    ]);
    expect(errors?.[0]?.locations).toEqual([{ line: 1, column: 21 }]);
  });

  test('makes null as far up as the schema says, once', async () => {
    const query = '{ person(id: 1) { best { best { x: name2 } } y: name } }';
    const { data, errors } = await graph.ask(query);
    expect(data).toEqual({ person: { best: { best: null }, y: 'Ada' } });
    expect(placesOf(errors)).toEqual([['person', 'best', 'best', 'x']]);
  });

  test('that leaves no root is no refusal: data is null, and the status that of an answer', async () => {
    const { status, data, errors } = await graph.ask('{ person(id: 1) { id } x: mustFail }');
    expect([status, data]).toEqual([200, null]);
    expect(placesOf(errors)).toEqual([['x']]);
  });

  test('in a mutation that was carried out: so it looks', async () => {
    const query = 'mutation { a: add(name: "x") b: mustFail c: add(name: "y") }';
    const { status, data, errors } = await graph.ask(query);
    expect([status, data]).toEqual([200, null]);
    expect(errors).toMatchObject([{ path: ['b'], extensions: { code: 'INTERNAL' } }]);
    expect(asked.slice(0, 2)).toEqual(['add x', 'mustFail']);
  });
});

describe('a mutation', () => {
  test('does each of its fields, in their order, also one that is written twice', async () => {
    const query = `mutation ($n: String!) { a: add(name: "x") b: add(name: "y") c: add(name: $n)
      ... on Mutation { d: add(name: "x") } a: add(name: "x") }`;
    const { data } = await graph.ask(query, { n: 'x' });
    expect(asked).toEqual(['add x', 'add y', 'add x', 'add x']);
    expect(data).toEqual({ a: 1, b: 2, c: 3, d: 4 });
  });
});

test('a client that left stops a query between two questions, and no mutation', async () => {
  const leaving = new AbortController();
  const context = { opened: { signal: leaving.signal } };
  leaving.abort();
  const query = await graph.ask('{ people { hours } }', {}, context);
  expect(query.errors?.[0]?.extensions?.code).toBe('REQUEST_TIMEOUT');
  expect(asked).toEqual([]);
  await graph.ask('mutation { add(name: "x") }', {}, context);
  expect(asked).toEqual(['add x']);
});
