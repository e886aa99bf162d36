import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { institution, post, startGateway, startWidgetNode } from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

const lines: string[] = [];
let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  const logger = loggerInto(lines);
  node = await startWidgetNode({ logger });
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)], { logger });
});

afterAll(async () => {
  await Promise.all([gateway.close(), node.app.close()]);
});

const ENDPOINTS = [
  ['gateway', () => gateway, '/graphql'],
  ['node', () => node.app, '/trials'],
] as const;

type More = Parameters<typeof post>[2];

/** What is wrong has a line and a column, or a path: the caller is told where. */
const PLACED: readonly (readonly [what: string, query: string, more: More])[] = [
  ['a subscription', 'subscription { __typename }', {}],
  ['an Int over 2^31 in a literal', '{ widgets(first: 2147483648) { complete } }', {}],
  [
    'one in a variable',
    'query ($n: Int) { widgets(first: $n) { complete } }',
    { variables: { n: 2 ** 31 } },
  ],
  ['one in a default', 'query ($n: Int = 2147483648) { widgets(first: $n) { complete } }', {}],
  ['a scalar of the wrong form in a literal', '{ widgets(field: "007") { complete } }', {}],
  [
    'one in a variable',
    'query ($f: Field) { widgets(field: $f) { complete } }',
    { variables: { f: {} } },
  ],
  ['one in a default', 'query ($f: Field = "007") { widgets(field: $f) { complete } }', {}],
  [
    'null in a list',
    'query ($a: [Int!]! = [1, null]) { widgets { complete @skip(if: true) } }',
    {},
  ],
  ['a directive without its argument', '{ token @include }', {}],
  ['a directive with another argument', '{ token @include(if: 3) }', {}],
  ['an unknown directive', '{ token @nothing }', {}],
  ['a variable that a directive needs', 'query ($a: Boolean!) { token @skip(if: $a) }', {}],
  [
    'null where it may not be',
    'query ($a: Boolean!) { token @skip(if: $a) }',
    { variables: { a: null } },
  ],
  ['deferred parts', '{ ... @defer { token } }', {}],
  ['an argument of __type', '{ __type(name: 5) { name } }', {}],
];

describe.each(ENDPOINTS)(
  'a fault of the caller at the %s is told at its place',
  (_name, app, url) => {
    test.each(PLACED)('%s: %s', async (_what, query, more) => {
      lines.length = 0;
      const { status, body } = await post(app(), query, more, url);
      expect(status).toBe(400);
      expect(body.errors).not.toHaveLength(0);
      for (const { extensions, locations, path } of body.errors ?? []) {
        expect(extensions).toMatchObject({ assentCode: 'BAD_INPUT', retry: 'NEVER' });
        expect(locations ?? path).not.toHaveLength(0);
      }
      expect(lines).toEqual([]);
    });

    test.each<[string, unknown, More]>([
      ['variables that are a list', '{ token }', { variables: [] }],
      ['variables that are text', '{ token }', { variables: 'x' }],
      ['an operation that is not there', 'query A { token }', { operationName: 'B' }],
      ['no name for one of two', 'query A { token } query B { token }', {}],
      ['a name that is no text', 'query A { token }', { operationName: 5 as never }],
      ['no document', null, {}],
    ])('so is what has no place in the document: %s', async (_what, query, more) => {
      lines.length = 0;
      const { status, body } = await post(app(), query, more, url);
      expect(status).toBe(400);
      expect(body.errors?.map(({ extensions }) => extensions.assentCode)).toEqual(['BAD_INPUT']);
      expect(lines).toEqual([]);
    });

    test.each([
      '{ token @skip(if: true) }',
      'query ($s: Boolean = true) { token @skip(if: $s) }',
      'query ($s: Boolean!) { ...A @include(if: $s) } fragment A on Query { token }',
      'query ($s: Boolean!) { ...A } fragment A on Query { ... @include(if: $s) { token } }',
      'query ($s: Boolean!) { token @skip(if: false) @include(if: $s) }',
      'mutation { touch @skip(if: true) }',
    ])('a document of which nothing is left is answered: %s', async (query) => {
      lines.length = 0;
      const { status, body } = await post(
        app(),
        query,
        { variables: { s: query.includes('= true') } },
        url,
      );
      expect([status, body]).toEqual([200, { data: {} }]);
      expect(lines).toEqual([]);
    });

    test('what quotes the caller is cut short', async () => {
      const long = 'x'.repeat(100_000);
      const variables = { n: long };
      const { text } = await post(
        app(),
        'query ($n: Int) { widgets(first: $n) { complete } }',
        { variables },
        url,
      );
      expect(text.length).toBeLessThan(1_500);
    });
  },
);

test('a value of a variable that a scalar of ours refuses is told with the name of the variable', async () => {
  const query = 'query ($f: Field) { token widgets(field: $f) { complete } }';
  const { status, body } = await post(gateway, query, { variables: { f: '007' } });
  expect([status, body.data]).toEqual([400, undefined]);
  expect(body.errors).toMatchObject([
    {
      message: expect.stringContaining('"$f"'),
      extensions: { code: 'BAD_USER_INPUT', assentCode: 'BAD_INPUT' },
    },
  ]);
});

describe('a reference of _entities', () => {
  const ask = (representations: readonly unknown[]) =>
    post(
      node.app,
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Widget { id } } }',
      { variables: { r: representations } },
      '/trials',
    );

  test.each<[string, unknown]>([
    ['an unknown type', { __typename: 'Nothing', id: '1' }],
    ['a type that is no entity', { __typename: 'PageInfo', id: '1' }],
    ['the root', { __typename: 'Query', id: '1' }],
    ['no type', { id: '1' }],
    ['a type that is no text', { __typename: 5, id: '1' }],
    ['no key', { __typename: 'Widget' }],
    ['a key of another form', { __typename: 'Widget', id: { a: 1 } }],
    ['a key that is null', { __typename: 'Widget', id: null }],
    ['no object', 5],
    ['a list', ['Widget']],
  ])('that names %s costs its own place alone', async (_what, wrong) => {
    lines.length = 0;
    const right = { __typename: 'Widget', id: 'w1', more: 'than its key' };
    const { status, body } = await ask([right, wrong, right]);
    expect(status).toBe(200);
    expect(body.data).toEqual({ _entities: [{ id: 'w1' }, null, { id: 'w1' }] });
    expect(body.errors).toMatchObject([
      { path: ['_entities', 1], extensions: { code: 'BAD_INPUT', retry: 'NEVER' } },
    ]);
    expect(lines).toEqual([]);
  });
});
