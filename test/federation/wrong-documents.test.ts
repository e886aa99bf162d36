import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MadeRequest, requestsOver } from '../support/federation/document-maker.js';
import { startWholeNetwork } from '../support/federation/whole-network.js';
import { SUBGRAPHS } from '../support/gated-node.js';
import { loggerInto } from '../support/network/stand.js';

const RUNS = 150;
const lines: string[] = [];
let network: Awaited<ReturnType<typeof startWholeNetwork>>;

beforeAll(async () => {
  network = await startWholeNetwork(loggerInto(lines));
});
afterAll(() => network.stop());

/**
 * A caller's fault is told to the caller, with no word in the log and no 5xx.
 *
 * @returns 1 if the request was executed, 0 if it was refused.
 */
async function hold(app: FastifyInstance, url: string, payload: string): Promise<number> {
  lines.length = 0;
  const headers = { 'content-type': 'application/json' };
  const response = await app.inject({ method: 'POST', url, headers, payload });
  const logged = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
  expect(logged.map(({ err }) => err?.message ?? 'a line')).toEqual([]);
  expect(response.statusCode).toBeLessThan(500);
  const { data, errors = [] } = response.json();
  for (const { extensions } of errors) expect(extensions.code).not.toBe('INTERNAL');
  expect(data !== undefined || errors.length > 0).toBe(true);
  return data === undefined ? 0 : 1;
}

const ENDPOINTS = [
  ['the gateway', '/graphql'],
  ...SUBGRAPHS.map((name) => [`a node's ${name}`, `/${name}`] as const),
] as const;

describe.each(ENDPOINTS)(
  'whatever is sent to %s is answered, or a fault of the caller',
  (_, url) => {
    const app = () => (url === '/graphql' ? network.gateway : network.node);
    const schemaAt = (): GraphQLSchema =>
      url === '/graphql'
        ? buildSchema(readFileSync('schema/api.graphql', 'utf8'))
        : network.schemas[url.slice(1) as (typeof SUBGRAPHS)[number]];

    test('over its own schema', async () => {
      let executed = 0;
      await fc.assert(
        fc.asyncProperty(requestsOver(schemaAt()), async (request: MadeRequest) => {
          executed += await hold(app(), url, JSON.stringify(request));
        }),
        { numRuns: RUNS, seed: 7, endOnFailure: true },
      );
      // A maker of requests that are all refused at once would show nothing.
      expect(executed).toBeGreaterThan(RUNS / 50);
    });

    test('of any shape', async () => {
      const part = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(undefined));
      const text = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.stringMatching(/^[{}()!$@:." a-z]+$/),
      );
      const request = fc.record({
        query: fc.oneof({ arbitrary: fc.constant('{ __typename }'), weight: 3 }, text, part),
        variables: part,
        operationName: part,
        extensions: part,
      });
      await fc.assert(
        fc.asyncProperty(fc.oneof(request, part), async (sent) => {
          await hold(app(), url, JSON.stringify(sent) ?? '');
        }),
        { numRuns: RUNS, seed: 7, endOnFailure: true },
      );
    });
  },
);
