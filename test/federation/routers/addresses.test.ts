import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { startSubgraphs } from '../../../src/cli/serve/start-subgraphs.js';
import { usualServerLimits } from '../../../src/federation/http/server-limits.js';
import { createSubgraphServer } from '../../../src/federation/subgraph-server.js';
import type { RequestOrigin } from '../../../src/graph/ask.js';
import { createProbe } from '../../../src/network/probe.js';
import { gatewayKey, widgetSubgraph } from '../../support/federation/stand.js';
import { loggerInto, SILENT } from '../../support/network/stand.js';

const ROUTER = '10.0.0.5';
const PROXY = '10.0.0.6';
const STRANGER = '192.0.2.7';
const PARTICIPANT = '192.0.2.8';
const A_MINUTE = 3;

let app: FastifyInstance | undefined;
/** Whose address the domains counted. */
const seen: (string | undefined)[] = [];
afterEach(async () => {
  seen.length = 0;
  await app?.close();
});

async function stand(trustedProxies: string | undefined): Promise<void> {
  const schema = widgetSubgraph<RequestOrigin>({
    async list({ address }) {
      seen.push(address);
      return { nodes: [], hasNextPage: false, cursorOf: ({ id }) => id, sources: [] };
    },
  });
  app = await createSubgraphServer({
    subgraphs: [{ name: 'trials', schema }],
    gatewayKey,
    logger: SILENT,
    version: '0.1.0',
    tokenMaxSeconds: 600,
    statements: [],
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 5, late: () => [] },
    probe: createProbe(() => [], { logger: SILENT }),
    limits: {
      ...usualServerLimits('node'),
      trustedProxies,
      requestsPerMinuteByAddress: A_MINUTE,
    },
  });
}

/** Asks without a token. @returns the refusal's code; undefined if it was answered. */
async function ask(forwardedFor: string, remoteAddress = ROUTER): Promise<string | undefined> {
  const told = await app?.inject({
    method: 'POST',
    url: '/trials',
    remoteAddress,
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
    payload: JSON.stringify({ query: '{ widgets(first: 1) { nodes { id } } }' }),
  });
  return told?.json().errors?.[0].extensions.code;
}

async function useUp(forwardedFor: (turn: number) => string): Promise<void> {
  for (let turn = 0; turn < A_MINUTE; turn++) expect(await ask(forwardedFor(turn))).toBeUndefined();
}

describe('addresses behind a router', () => {
  test('one-address-behind-router: a stranger uses up its own limit, not the participant’s', async () => {
    await stand(`${ROUTER},${PROXY}`);
    await useUp(() => STRANGER);
    expect(await ask(STRANGER)).toBe('RATE_LIMITED');
    expect(await ask(PARTICIPANT)).toBeUndefined();
    expect(seen).toEqual([...Array(A_MINUTE).fill(STRANGER), PARTICIPANT]);
  });

  test('a client that names another address to the proxy is still itself', async () => {
    await stand(`${ROUTER},${PROXY}`);
    await useUp((turn) => `198.51.100.${turn}, ${STRANGER}, ${PROXY}`);
    expect(await ask(`198.51.100.9, ${STRANGER}, ${PROXY}`)).toBe('RATE_LIMITED');
    expect(await ask(`${PARTICIPANT}, ${PROXY}`)).toBeUndefined();
  });

  test('past the router nobody is believed: not where another is named, nor where none is', async () => {
    await stand(`${ROUTER},${PROXY}`);
    expect(await ask(PARTICIPANT, STRANGER)).toBeUndefined();
    expect(seen).toEqual([STRANGER]);
    await app?.close();
    await stand(undefined);
    await useUp((turn) => `198.51.100.${turn}`);
    expect(await ask(PARTICIPANT)).toBe('RATE_LIMITED');
  });

  test.each([
    [undefined, 1],
    [ROUTER, 0],
  ])(
    'one-address-behind-router: a start with trustedProxies %j warns %i times',
    async (trustedProxies, times) => {
      const lines: string[] = [];
      const config = { subgraphsHost: '127.0.0.1', subgraphsPort: 4001, trustedProxies };
      // It is told before the ledger is asked: these parts have none.
      await expect(startSubgraphs({ config, log: loggerInto(lines) } as never)).rejects.toThrow();
      const warned = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
      expect(warned).toHaveLength(times);
      for (const line of warned) expect(line).toMatchObject({ setting: 'trustedProxies' });
    },
  );
});
