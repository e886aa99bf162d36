import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { fetchBounded } from '../../../src/ledger/rpc/bounded-fetch.js';
import { openLedger } from '../../../src/ledger/rpc/connection.js';
import { answering, type NodeUnderTest, startNode } from '../../support/network/stand.js';

const MEGABYTE = 1024 * 1024;
let endpoint: NodeUnderTest | undefined;
afterEach(() => endpoint?.stop());

const unavailable = (facts: object) =>
  expect.objectContaining({ code: 'LEDGER_UNAVAILABLE', facts });

test('an endpoint that answers is read, and asked for an answer that is not encoded', async () => {
  endpoint = await startNode(answering({ jsonrpc: '2.0', id: 1, result: '0x7cff' }));
  expect(await (await fetchBounded(endpoint.endpoint)).json()).toMatchObject({ result: '0x7cff' });
  expect(endpoint.received[0]?.headers['accept-encoding']).toBe('identity');
});

test.each([
  ['a gzip bomb', { encoded: true }, gzipSync(Buffer.alloc(64 * MEGABYTE, '[')), 'gzip'],
  ['nesting', { measure: 'depth', most: 48 }, '['.repeat(MEGABYTE), undefined],
  ['many values', { measure: 'values', most: 262_144 }, `[${'1,'.repeat(MEGABYTE)}1]`, undefined],
  [
    'too much',
    { measure: 'bytes', most: 4 * MEGABYTE },
    `"${'x'.repeat(5 * MEGABYTE)}"`,
    undefined,
  ],
])('an endpoint that answers with %s is not read further', async (_, facts, body, encoding) => {
  endpoint = await startNode((_received, response) => {
    response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding });
    response.end(body);
  });
  await expect(fetchBounded(endpoint.endpoint)).rejects.toThrow(unavailable(facts));
  // The client that everything reads the ledger by goes through it.
  await expect(openLedger(endpoint.endpoint, 1).client.getChainId()).rejects.toThrow();
});

test('an endpoint that leads elsewhere is not followed', async () => {
  endpoint = await startNode((_received, response) => {
    response.writeHead(307, { location: 'http://127.0.0.1:1/' });
    response.end();
  });
  await expect(fetchBounded(endpoint.endpoint)).rejects.toThrow();
});

test('an endpoint that closes a kept connection is asked once more, but sent no transaction twice', async () => {
  const once = new WeakSet<object>();
  endpoint = await startNode((received, response) => {
    const { socket } = response;
    if (socket === null) return;
    // As a server whose patience with an idle connection ends just as the next question comes.
    if (once.has(socket)) socket.destroy();
    else answering({ jsonrpc: '2.0', id: 1, result: '0x1' })(received, response);
    once.add(socket);
  });
  const { endpoint: url } = endpoint;
  const call = async (method: string) =>
    (await fetchBounded(url, { method: 'POST', body: JSON.stringify({ method }) })).json();
  await call('eth_blockNumber');
  // Until then its connection is not free again.
  await delay(100);
  expect(await call('eth_blockNumber')).toMatchObject({ result: '0x1' });
  await delay(100);
  await expect(call('eth_sendRawTransaction')).rejects.toThrow('fetch failed');
});
