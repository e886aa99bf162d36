import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KIT_DOCUMENTS } from '../../src/client/kit-documents.js';
import { sha256Hex } from '../../src/core/canonical.js';
import { openTrustedDocuments, type Trust } from '../../src/federation/trusted/documents.js';
import { institution, startGateway, startWidgetNode } from '../support/federation/stand.js';

const OWN = '# What the portal asks.\nquery Own { widgets(first: 2) { complete nodes { id } } }\n';
const TOUCH = 'mutation Touch { touch }';
const SLOW = 'query Rows { widgets(first: 250000) { nodes { id } } }';
const apollo = (body: string, id = sha256Hex(body)) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id, body, name: 'Touch', type: 'mutation' }],
});

let folder: string;
let node: Awaited<ReturnType<typeof startWidgetNode>>;
const gateways = {} as Record<Trust, FastifyInstance>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trusted-'));
  await writeFile(join(folder, 'own.graphql'), OWN);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(apollo(TOUCH)));
  await writeFile(join(folder, 'relay.json'), JSON.stringify({ [sha256Hex(SLOW)]: SLOW }));
  node = await startWidgetNode();
  for (const trust of ['off', 'also', 'only'] as const) {
    gateways[trust] = await startGateway([institution('lakeshore-hospital', node.endpoint)], {
      trusted: { trust, folder, documents: ['{ token }'] },
    });
  }
});
afterAll(async () => {
  await Promise.all([...Object.values(gateways), node.app].map((app) => app.close()));
  await rm(folder, { recursive: true });
});

interface Said {
  readonly status: number;
  readonly code: string | undefined;
  readonly assentCode: string | undefined;
  readonly message: string | undefined;
  readonly data: Record<string, unknown> | null | undefined;
}

/** The ways in which a client names a document by its hash, and one in which it sends the text besides. */
const WAYS = {
  'a hash in a body': (hash: string) => ({ body: { extensions: persisted(hash) } }),
  'a hash in a URL': (hash: string) => ({
    search: { extensions: JSON.stringify(persisted(hash)) },
  }),
  'a documentId in a body': (hash: string) => ({ body: { documentId: `sha256:${hash}` } }),
  'a documentId in a URL': (hash: string) => ({ search: { documentId: `sha256:${hash}` } }),
  'a hash in a packed body': (hash: string) => ({
    body: { extensions: persisted(hash) },
    packed: true,
  }),
} as const;
type Way = keyof typeof WAYS;
const ALL_WAYS = Object.keys(WAYS) as Way[];

const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });

interface Sent {
  readonly body?: object;
  readonly search?: Record<string, string>;
  readonly packed?: boolean;
}

async function send(trust: Trust, { body, search, packed = false }: Sent): Promise<Said> {
  const query = new URLSearchParams(search);
  const json = JSON.stringify(body ?? {});
  const answer = await gateways[trust].inject({
    url: `/graphql?${query}`,
    ...(body === undefined ? { method: 'GET' } : { method: 'POST' }),
    ...(body === undefined ? {} : { payload: packed ? gzipSync(json) : json }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    },
  });
  const { data, errors } = answer.json();
  const { code, assentCode } = errors?.[0]?.extensions ?? {};
  return { status: answer.statusCode, code, assentCode, message: errors?.[0]?.message, data };
}

const byHash = (trust: Trust, way: Way, text: string) => send(trust, WAYS[way](sha256Hex(text)));

describe.each(ALL_WAYS)('by %s', (way) => {
  test.each(['also', 'only'] as const)('a trusted document is answered: %s', async (trust) => {
    for (const text of [OWN, OWN.trim(), print(parse(OWN))]) {
      expect((await byHash(trust, way, text)).data).toMatchObject({ widgets: { complete: true } });
    }
  });

  test('what is trusted is measured as if it was sent', async () => {
    for (const trust of ['also', 'only'] as const) {
      expect(await byHash(trust, way, SLOW)).toMatchObject({
        status: 413,
        code: 'INPUT_TOO_LARGE',
      });
    }
  });

  test('a mutation is carried out by POST, and by GET never', async () => {
    const said = await byHash('only', way, TOUCH);
    if (way.includes('URL')) expect([said.status, said.data]).toEqual([405, undefined]);
    else expect(said.data).toEqual({ touch: true });
  });

  test('what is not trusted has the standard’s codes', async () => {
    expect(await byHash('off', way, OWN)).toMatchObject({
      status: 200,
      code: 'PERSISTED_QUERY_NOT_SUPPORTED',
      assentCode: 'BAD_INPUT',
      message: 'PersistedQueryNotSupported',
    });
    const unknown = '{ widgets { complete } }';
    expect((await byHash('also', way, unknown)).code).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
    expect(await byHash('only', way, unknown)).toMatchObject({
      status: 200,
      code: 'PERSISTED_QUERY_NOT_FOUND',
      assentCode: 'BAD_INPUT',
      message: 'PersistedQueryNotFound',
    });
  });
});

describe('where only trusted documents are answered', () => {
  test('their text is as well, and by a URL', async () => {
    const variables = {};
    for (const query of [OWN, '{ token }', print(parse(OWN))]) {
      expect((await send('only', { body: { query, variables } })).data).toBeTruthy();
      expect((await send('only', { search: { query } })).data).toBeTruthy();
    }
    const query = OWN.trim();
    const named = { body: { query, extensions: persisted(sha256Hex(query)) } };
    expect((await send('only', named)).data).toBeTruthy();
  });

  const EVIL = '{ widgets { nodes { id } } }';
  const refusals: readonly (readonly [string, Sent])[] = [
    ['sent', { body: { query: EVIL } }],
    ['sent packed', { body: { query: EVIL }, packed: true }],
    ['in a URL', { search: { query: EVIL } }],
    ['a trusted one with one more space', { body: { query: OWN.replace('{ ', '{  ') } }],
    ['introspection', { body: { query: '{ __schema { queryType { name } } }' } }],
    [
      'with its own hash, to be registered',
      {
        body: { query: EVIL, extensions: persisted(sha256Hex(EVIL)) },
      },
    ],
    [
      'beside a trusted documentId',
      {
        body: { query: EVIL, documentId: `sha256:${sha256Hex(OWN)}` },
      },
    ],
    ['no document at all', { body: { query: '{ token' } }],
  ];
  test.each(refusals)('no other is: %s', async (_how, sent) => {
    // Twice: Apollo remembers documents that it has read.
    for (const _ of [1, 2]) {
      expect(await send('only', sent)).toMatchObject({
        status: 403,
        code: 'DOCUMENT_NOT_TRUSTED',
        data: undefined,
      });
    }
  });

  test('no other is under the hash of a trusted one', async () => {
    const sent = { body: { query: EVIL, extensions: persisted(sha256Hex(OWN)) } };
    for (const trust of ['off', 'also', 'only'] as const) {
      const { data, assentCode } = await send(trust, sent);
      expect([data, assentCode]).toEqual([undefined, 'BAD_INPUT']);
    }
    // And nothing was put in its place.
    expect((await byHash('only', 'a hash in a body', OWN)).data).toMatchObject({ widgets: {} });
  });

  test('a text beside its own hash is answered elsewhere, as some clients send both', async () => {
    const sent = { body: { query: EVIL, extensions: persisted(sha256Hex(EVIL)) } };
    expect((await send('also', sent)).data).toMatchObject({ widgets: {} });
  });

  test('nor one that was registered by sending it: nothing is', async () => {
    const query = '{ widgets { complete nodes { id } } }';
    await send('also', { body: { query, extensions: persisted(sha256Hex(query)) } });
    await send('also', { body: { query } });
    const again = await byHash('also', 'a hash in a body', query);
    expect(again.code).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  });

  test.each([
    ['a prefix that is none', { documentId: `md5:${sha256Hex(OWN)}` }],
    ['no string', { documentId: { sha256: sha256Hex(OWN) } }],
    [
      'another version',
      { extensions: { persistedQuery: { version: 2, sha256Hash: sha256Hex(OWN) } } },
    ],
    ['a hash that is none', { extensions: { persistedQuery: { version: 1, sha256Hash: 7 } } }],
    ['a name of the prototype', { extensions: persisted('__proto__') }],
  ])('a name of another form is the caller’s fault: %s', async (_what, body) => {
    for (const trust of ['off', 'also', 'only'] as const) {
      const said = await send(trust, { body });
      expect([said.status < 500, said.assentCode, said.data]).toEqual([
        true,
        'BAD_INPUT',
        undefined,
      ]);
    }
  });
});

describe('the documents that are trusted', () => {
  const trusted = openTrustedDocuments({ trust: 'only', documents: KIT_DOCUMENTS });

  test('are every operation of schema/operations, by the hash of its file', async () => {
    const operations = new URL('../../schema/operations/', import.meta.url);
    const names = (await readdir(operations)).filter((name) => name.endsWith('.graphql'));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const text = await readFile(new URL(name, operations), 'utf8');
      expect(trusted.textOf(sha256Hex(text))).toBe(text);
    }
  });

  test('are every document that the client kit sends', async () => {
    const kit = new URL('../../src/client/', import.meta.url);
    let found = 0;
    for (const name of await readdir(kit, { recursive: true })) {
      const source = name.endsWith('.ts') ? await readFile(new URL(name, kit), 'utf8') : '';
      found += [...source.matchAll(/`(query|mutation) [A-Z]/g)].length;
    }
    expect(KIT_DOCUMENTS).toHaveLength(found);
    expect(new Set(KIT_DOCUMENTS).size).toBe(found);
    for (const text of KIT_DOCUMENTS) expect(trusted.has(text)).toBe(true);
  });

  test.each([
    ['no document', 'x.graphql', '{ token'],
    ['one that is too large', 'x.graphql', `{ ${'token '.repeat(501)} }`],
    ['a manifest with another hash', 'x.json', JSON.stringify(apollo(TOUCH, 'ab'.repeat(32)))],
    ['a manifest hashed otherwise', 'x.json', JSON.stringify({ ['ab'.repeat(16)]: TOUCH })],
    ['a manifest of another form', 'x.json', '[1]'],
    ['no JSON', 'x.json', '{'],
  ])('stop the start by name if there is %s', async (_what, file, text) => {
    const wrong = await mkdtemp(join(tmpdir(), 'trusted-wrong-'));
    await writeFile(join(wrong, file), text);
    expect(() => openTrustedDocuments({ trust: 'also', folder: wrong })).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        facts: expect.objectContaining({ file }),
      }),
    );
    await rm(wrong, { recursive: true });
    expect(() => openTrustedDocuments({ trust: 'also', folder: wrong })).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });
});

test.each([
  ['GRAPHQL_PARSE_FAILED', { query: '{ token' }],
  ['GRAPHQL_VALIDATION_FAILED', { query: '{ nothing }' }],
  ['OPERATION_RESOLUTION_FAILURE', { query: 'query A { token }', operationName: 'B' }],
  ['OPERATION_RESOLUTION_FAILURE', { query: 'query A { token } query B { token }' }],
  ['BAD_USER_INPUT', { query: 'query ($n: Int!) { widgets(first: $n) { complete } }' }],
])('clients recognise %s in `code`, and ours stands beside it', async (code, body) => {
  const said = await send('also', { body });
  expect(said).toMatchObject({ status: 400, code, assentCode: 'BAD_INPUT' });
});

test.each(['GET', 'HEAD', 'POST'] as const)(
  'what is both too large and not trusted is refused by %s, and is no fault of ours',
  async (method) => {
    const query = `{${Array.from({ length: 600 }, () => 'token').join(' ')}}`;
    const url = method === 'POST' ? '/graphql' : `/graphql?query=${encodeURIComponent(query)}`;
    const payload = method === 'POST' ? { payload: { query } } : {};
    const { statusCode } = await gateways.only.inject({ method, url, ...payload });
    expect([403, 413]).toContain(statusCode);
  },
);
