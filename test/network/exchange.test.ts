import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { exchangeJson } from '../../src/network/exchange.js';
import { NodeFailure } from '../../src/network/node-failure.js';
import { ANY_WIRE } from '../../src/network/wire.js';
import { answering, type NodeUnderTest, startNode } from '../support/network/stand.js';

let node: NodeUnderTest | undefined;
afterEach(() => node?.stop());

const LIMITS = { budgetMs: 2_000, maxBytes: 64_000 };

/** What an exchange with a node that behaves so comes to. */
async function ask(behave: Parameters<typeof startNode>[0]): Promise<unknown> {
  node = await startNode(behave);
  try {
    return await exchangeJson(node.endpoint, { method: 'GET' }, LIMITS, ANY_WIRE);
  } catch (thrown) {
    return thrown instanceof NodeFailure ? thrown.message : thrown;
  }
}

test('a node is asked for an answer that is not encoded', async () => {
  expect(await ask(answering({ a: 1 }))).toEqual({ a: 1 });
  expect(node?.received[0]?.headers['accept-encoding']).toBe('identity');
});

test.each(['gzip', 'br', 'GZIP, identity'])(
  'an answer that is encoded with %s is refused',
  async (encoding) => {
    const answer = await ask((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(gzipSync('{"a":1}'));
    });
    expect(answer).toBe('MALFORMED: encoded');
  },
);

test.each([
  ['nested', '['.repeat(60_000), 'over 48 depth'],
  ['of many values', `[${'1,'.repeat(20_000)}1]`, 'over 4000 values'],
  ['of many objects', `[${'{},'.repeat(10_000)}{}]`, 'over 4000 values'],
  ['long', `"${'x'.repeat(64_000)}"`, 'over 64000 bytes'],
])('an answer that is %s is refused before it is parsed', async (_, body, detail) => {
  expect(await ask(answering(body))).toBe(`MALFORMED: ${detail}`);
});

test('an answer that says it is longer than is allowed is not waited for', async () => {
  const answer = await ask((_, response) => {
    response.writeHead(200, { 'content-length': 10_000_000 });
    response.write('[');
  });
  expect(answer).toBe('MALFORMED: over 64000 bytes');
});

test('a head that is larger than any of ours is refused', async () => {
  const answer = await ask((_, response) => {
    response.writeHead(200, { 'x-long': 'x'.repeat(40_000) });
    response.end('{}');
  });
  expect(answer).toBe('UNREACHABLE: HPE_HEADER_OVERFLOW');
});

test('an error is read no further than a code and a sentence', async () => {
  expect(await ask(answering('x'.repeat(50_000), 500))).toBe('MALFORMED: over 16384 bytes');
});
