import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectFault } from '../support/faults/table.js';
import { institution, post, startGateway, startWidgetNode } from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

const lines: string[] = [];
let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  const logger = loggerInto(lines);
  node = await startWidgetNode({ logger });
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)], { logger });
  // What is compiled on first use is nobody's cost.
  for (const { app, url } of ENDPOINTS) await post(app(), RIGHTFUL, {}, url);
});
beforeEach(() => lines.splice(0));
afterAll(async () => {
  await Promise.all([gateway.close(), node.app.close()]);
});

const ENDPOINTS = [
  { name: 'gateway', app: () => gateway, url: '/graphql' },
  { name: 'node', app: () => node.app, url: '/trials' },
];
const RIGHTFUL = '{ widgets(first: 2) { complete nodes { id } } }';

/** Fragments that each spread the next one twice: 2^levels selections in a few hundred bytes. */
function doubling(levels: number, on: string, last: string): string {
  const each = Array.from(
    { length: levels },
    (_, i) => `fragment F${i} on ${on} { ...F${i + 1} ...F${i + 1} }`,
  );
  return `${each.join(' ')} fragment F${levels} on ${on} { ${last} }`;
}

/** Half a second of a core is what such a document would take many times over. */
const CPU_MS = 250;

/** Asks at gateway and node, and what was seen of it; a rightful query is answered after each. */
async function seenOf(queries: readonly string[]) {
  const answer: string[] = [];
  for (const { app, url } of ENDPOINTS) {
    for (const query of queries) {
      const before = process.cpuUsage();
      const { body } = await post(app(), query, {}, url);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000).toBeLessThan(CPU_MS);
      for (const { extensions } of body.errors ?? []) answer.push(extensions.code);
      const rightful = await post(app(), RIGHTFUL, {}, url);
      expect(rightful.body).toMatchObject({ data: { widgets: { nodes: [{}, {}] } } });
    }
  }
  const { statusCode } = await gateway.inject('/readyz');
  const log = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  return { health: [String(statusCode)], answer, log: log.map(({ msg }) => msg) };
}

describe('a small document that costs much', () => {
  test('document-exponential: fragments that unfold without end cost what they are long', async () => {
    const observed = await seenOf([
      `{ ...F0 } ${doubling(60, 'Query', '__typename')}`,
      `{ token } ${doubling(60, 'Query', 'token')}`,
      `{ widgets { nodes { ...F0 } } } ${doubling(60, 'Widget', 'id')}`,
      `{ ...F0 @include(if: false) } ${doubling(60, 'Query', 'token')}`,
      '{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }',
    ]);
    expectFault('document-exponential', observed);
    expect(observed.answer.filter((code) => code === 'BAD_INPUT')).toHaveLength(2);
  });

  test('document-long: megabytes that say nothing, and selections without end, are not read', async () => {
    const comment = `#${'x'.repeat(3_000_000)}\n{ token }`;
    const spreads = `{ ${'...A '.repeat(900)} } fragment A on Query { token widgets { complete } }`;
    const observed = await seenOf([comment, `{ token }${' '.repeat(70_000)}`, spreads]);
    expectFault('document-long', observed);
  });
});
