import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { institution, post } from '../support/federation/stand.js';
import { startWholeNetwork } from '../support/federation/whole-network.js';
import { SILENT } from '../support/network/stand.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/errors.md', import.meta.url)), 'utf8');
const EXAMPLE = /```graphql\n(.*?)```\n\nHTTP (\d{3})\n\n```json\n(.*?)```/gs;
const examples = [...page.matchAll(EXAMPLE)].map(([, query = '', status, answer = '']) => ({
  query: query.trim(),
  status: Number(status),
  answer,
}));

/** A node that nobody reaches, beside one that runs. */
const SILENT_SPONSOR = institution('northwind-trials', 'http://127.0.0.1:1', {
  roles: ['SPONSOR'],
});
let network: Awaited<ReturnType<typeof startWholeNetwork>>;

beforeAll(async () => {
  network = await startWholeNetwork(SILENT, { others: [SILENT_SPONSOR] });
});
afterAll(() => network.stop());

test('docs/errors.md has an example of each of the four ways', () => {
  expect(examples.map(({ status }) => status)).toEqual([400, 200, 200, 200]);
});

test.each(examples)('and the network answers it so: $query', async ({ query, status, answer }) => {
  const asked = await post(network.gateway, query);
  expect(asked.status).toBe(status);
  expect(readAnswer(asked.text)).toEqual(readAnswer(answer));
});

/** An answer without what is another each time. */
function readAnswer(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (key === 'requestId') return typeof value;
    return key === 'latencyMs' && value !== null ? typeof value : value;
  });
}
