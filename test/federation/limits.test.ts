import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  MAX_BODY_BYTES,
  MAX_LIST_ITEMS,
  MAX_SIZE,
  MAX_TOKENS,
} from '../../src/federation/document/limits.js';
import { institution, post, startGateway, startWidgetNode } from '../support/federation/stand.js';

let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  node = await startWidgetNode();
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)]);
});

afterAll(async () => {
  await Promise.all([gateway.close(), node.app.close()]);
});

/** The same limits hold at the gateway and at a node that someone asks past it. */
const ENDPOINTS = [
  ['gateway', () => gateway, '/graphql'],
  ['node', () => node.app, '/trials'],
] as const;

const nested = (depth: number) => {
  const selves = depth - 3;
  return `{ widgets { nodes { ${'self { '.repeat(selves)} id ${'}'.repeat(selves)} } } }`;
};
const aliased = (count: number) =>
  `{ widgets { nodes { ${Array.from({ length: count }, (_, i) => `a${i}: id`).join(' ')} } } }`;

describe.each(ENDPOINTS)('at the %s', (_name, app, url) => {
  const ask = (query: unknown, more = {}) => post(app(), query, more, url);
  const codes = async (query: unknown, more = {}) => {
    const { status, body } = await ask(query, more);
    expect(body.data ?? null).toBeNull();
    return [status, ...new Set(body.errors?.map(({ extensions }) => extensions.assentCode))];
  };

  test('a query as deep as allowed is answered, one deeper is refused', async () => {
    expect((await ask(nested(MAX_SIZE.depth))).body.errors).toBeUndefined();
    expect(await codes(nested(MAX_SIZE.depth + 1))).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('depth counts through fragments', async () => {
    const query = `{ widgets { nodes { ...A } } }
      fragment A on Widget { ${'self { '.repeat(8)} ...B ${'}'.repeat(8)} }
      fragment B on Widget { ${'self { '.repeat(8)} id ${'}'.repeat(8)} }`;
    expect(await codes(query)).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('as many aliases as allowed are answered, one more is refused', async () => {
    expect((await ask(aliased(MAX_SIZE.aliases))).body.errors).toBeUndefined();
    expect(await codes(aliased(MAX_SIZE.aliases + 1))).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('as many root fields as allowed are answered, one more is refused', async () => {
    const fields = (count: number) => `{ ${'token '.repeat(count)} }`;
    expect((await ask(fields(MAX_SIZE.rootFields))).body.errors).toBeUndefined();
    expect(await codes(fields(MAX_SIZE.rootFields + 1))).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('aliases count through fragments that are spread again and again', async () => {
    const fragments = ['A0', 'A1', 'A2', 'A3', 'A4', 'A5'].map(
      (name, i) =>
        `fragment ${name} on Widget { x${i}: self { ...A${i + 1} } y${i}: self { ...A${i + 1} } }`,
    );
    const query = `{ widgets { nodes { ...A0 } } } ${fragments.join(' ')} fragment A6 on Widget { id }`;
    expect(await codes(query)).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('a document of too many tokens is refused while it is read', async () => {
    expect(await codes(`{ ${'token '.repeat(MAX_TOKENS)} }`)).toEqual([400, 'BAD_INPUT']);
  });

  test('the costliest document that is allowed takes no long time to refuse or answer', async () => {
    const startMs = performance.now();
    await ask(`{ widgets { nodes { ${'id '.repeat(MAX_TOKENS - 20)} } } }`);
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  test.each([
    ['written', '{ widgets(first: 250000) { nodes { id } } }', {}],
    ['in a variable', 'query ($n: Int) { widgets(first: $n) { nodes { id } } }', { n: 250_000 }],
    [
      'by default of a variable',
      'query ($n: Int = 250000) { widgets(first: $n) { nodes { id } } }',
      {},
    ],
    [
      'by aliases',
      `{ ${['a', 'b', 'c'].map((a) => `${a}: widgets(first: 90000) { nodes { id } }`).join(' ')} }`,
      {},
    ],
  ])('too many rows are refused before they are asked for: %s', async (_how, query, variables) => {
    expect(await codes(query, { variables })).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('a body too large is refused with 413 and a code', async () => {
    const { status, body } = await ask('{ token }', {
      variables: { padding: 'x'.repeat(MAX_BODY_BYTES) },
    });
    expect(status).toBe(413);
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_TOO_LARGE', retry: 'NEVER' });
  });

  test('lists in variables have so many items, together, and not one more', async () => {
    const query = 'query ($f: Field) { widgets(field: $f) { complete } }';
    const lists = (items: number) => ({ variables: { other: [Array(items - 1).fill(1)] } });
    expect((await ask(query, lists(MAX_LIST_ITEMS))).body.errors).toBeUndefined();
    expect(await codes(query, lists(MAX_LIST_ITEMS + 1))).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('a batch of operations is refused', async () => {
    const response = await app().inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify([{ query: '{ token }' }, { query: '{ token }' }]),
    });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].extensions.code).toBe('BAD_INPUT');
  });

  test('a body that is not JSON is refused with a code', async () => {
    const response = await app().inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: '{"query": ',
    });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].extensions.code).toBe('BAD_INPUT');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'a form of another site cannot ask: %s',
    async (type) => {
      const response = await app().inject({
        method: 'POST',
        url,
        headers: { 'content-type': type },
        payload: JSON.stringify({ query: 'mutation { touch }' }),
      });
      expect(response.statusCode).toBe(415);
      expect(response.json().errors[0].extensions.code).toBe('BAD_INPUT');
    },
  );

  test('an unknown argument, field, operation or variable type is the caller’s fault, by code', async () => {
    expect(await codes('{ widgets(firts: 1) { nodes { id } } }')).toEqual([400, 'BAD_INPUT']);
    expect(await codes('{ patients { name } }')).toEqual([400, 'BAD_INPUT']);
    expect(await codes('{ token')).toEqual([400, 'BAD_INPUT']);
    expect(await codes(7)).toEqual([400, 'BAD_INPUT']);
    expect(await codes('')).toEqual([400, 'BAD_INPUT']);
    expect(await codes('query A { token }', { operationName: 'B' })).toEqual([400, 'BAD_INPUT']);
    const query =
      'query ($n: Int!, $m: Int!) { widgets(first: $n) { complete } b: widgets(first: $m) { complete } }';
    expect(await codes(query, { variables: { n: 'many', m: 'more' } })).toEqual([400, 'BAD_INPUT']);
  });

  test('a custom scalar of the wrong form is the caller’s fault, written or in a variable', async () => {
    const { body } = await ask('{ widgets(field: "007") { complete } }');
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      assentCode: 'BAD_INPUT',
    });
    const inVariable = await ask('query ($f: Field) { widgets(field: $f) { complete } }', {
      variables: { f: '007' },
    });
    expect(inVariable.body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      assentCode: 'BAD_INPUT',
    });
  });

  test('an alias reaches nothing that merges answers by name', async () => {
    const { text } = await ask('{ __proto__: widgets { complete } }');
    expect(text).toContain('"__proto__":{"complete":');
    const { body } = await ask('{ widgets { nodes { __typename: id } } }');
    expect(body.errors).toBeUndefined();
    expect(({} as Record<string, unknown>).complete).toBeUndefined();
  });

  test('no stored query: neither kept nor found', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } };
    const response = await app().inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ extensions }),
    });
    expect(response.json().errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  });
});

describe('by GET', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    gateway.inject({ method: 'GET', url: path, headers });

  test('a mutation is refused', async () => {
    const response = await get('/graphql?query=mutation%7Btouch%7D', {
      'apollo-require-preflight': '1',
    });
    expect(response.statusCode).toBe(405);
    expect(response.json().errors[0].extensions.code).toBe('BAD_INPUT');
  });

  test('a node takes POST alone', async () => {
    const response = await node.app.inject({ method: 'GET', url: '/trials?query=%7Btoken%7D' });
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'OPTIONS, POST']);
  });
});

test('a node resolves a thousand entities in one question, and not one more', async () => {
  const ask = (count: number, name = 'representations') =>
    post(
      node.app,
      `query ($${name}: [_Any!]!) { _entities(representations: $${name}) { ... on Widget { id } } }`,
      {
        variables: {
          [name]: Array.from({ length: count }, (_, i) => ({ __typename: 'Widget', id: `${i}` })),
        },
      },
      '/trials',
    );
  expect((await ask(1_000)).body.errors).toBeUndefined();
  for (const name of ['representations', 'other']) {
    expect((await ask(1_001, name)).body.errors?.[0]?.extensions.code).toBe('INPUT_TOO_LARGE');
  }
});

describe('the rows below entities are multiplied by them', () => {
  const representations = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ __typename: 'Widget', id: `${i}` }));
  const literals = representations(20).map(({ id }) => `{ __typename: "Widget", id: "${id}" }`);
  const ask = (query: string, variables: object) => post(node.app, query, { variables }, '/trials');
  const given = '($r: [_Any!]!)';
  const entities = (argument: string, first: number) =>
    `{ _entities(representations: ${argument}) { ... on Widget { page(first: ${first}) { id } } } }`;

  test.each([
    ['in a variable', `query ${given} ${entities('$r', 100)}`, 1_000, 200],
    [
      'in a default',
      `query ($r: [_Any!]! = [${literals}]) ${entities('$r', 9_000)}`,
      undefined,
      11_000,
    ],
    ['written', entities(`[${literals}]`, 9_000), undefined, 11_000],
    ['one alone', entities('{ __typename: "Widget", id: "1" }', 190_000), undefined, 200_000],
  ])('%s', async (_where, query, count, tooMany) => {
    const variables = count === undefined ? {} : { r: representations(count) };
    expect((await ask(query, variables)).body.errors).toBeUndefined();
    const over = query.replace(/first: \d+/, `first: ${tooMany}`);
    const { status, body } = await ask(over, variables);
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test('through a fragment, and over several fields', async () => {
    const fields = ['a', 'b'].map((a) => `${a}: _entities(representations: $r) { ...W }`);
    const query = (first: number) =>
      `query ${given} { ${fields} } fragment W on Widget { page(first: ${first}) { id } }`;
    expect((await ask(query(190), { r: representations(500) })).body.errors).toBeUndefined();
    const { status, body } = await ask(query(210), { r: representations(500) });
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([413, 'INPUT_TOO_LARGE']);
  });
});
