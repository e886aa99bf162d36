import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { newSession } from '../../../src/client/gateway/session.js';
import { composeSubgraphs } from '../../../src/federation/compose.js';
import { createSubgraphServer } from '../../../src/federation/subgraph-server.js';
import { createProbe } from '../../../src/network/probe.js';
import { gatewayKey, startGateway } from '../../support/federation/stand.js';
import { loggerInto } from '../../support/network/stand.js';
import { INSTITUTIONS, toldDomains } from '../differential/told-nodes.js';
import { type Answered, faultIn } from '../differential/two-gateways.js';

/** One graph, asked at our gateway and, for a router, at its subgraphs. */
export interface RoutedStand {
  /** Where the subgraphs answer, each under its name. */
  readonly subgraphsUrl: string;
  readonly server: FastifyInstance;
  /** What a router plans from: it names these subgraphs where they are. */
  readonly supergraphSdl: string;
  readonly apiSdl: string;
  /** Lines that the subgraphs logged. */
  readonly lines: string[];
  /** Which told world answers from now on, at both. */
  begin(world: number): void;
  /** Our gateway's answer. */
  ask(query: string, variables?: object, token?: string): Promise<Answered>;
  stop(): Promise<void>;
}

/** The real domains, twice: behind our gateway, and served over HTTP as `assent subgraphs` does. */
export async function startRoutedStand(): Promise<RoutedStand> {
  const [ours, routed] = [toldDomains(), toldDomains()];
  const lines: string[] = [];
  const logger = loggerInto(lines);
  const ourLines: string[] = [];
  const gateway = await startGateway(INSTITUTIONS, {
    subgraphs: ours.subgraphs,
    logger: loggerInto(ourLines),
  });
  const server = await createSubgraphServer({
    subgraphs: routed.subgraphs,
    gatewayKey,
    logger,
    version: '0.1.0',
    tokenMaxSeconds: 600,
    statements: [],
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 5, late: () => [] },
    probe: createProbe(() => [], { logger }),
  });
  const subgraphsUrl = await server.listen({ host: '127.0.0.1', port: 0 });
  const { supergraphSdl, apiSdl } = await composeSubgraphs(routed.subgraphs, subgraphsUrl);
  return {
    subgraphsUrl,
    server,
    supergraphSdl,
    apiSdl,
    lines,
    begin(world) {
      ours.begin(world);
      routed.begin(world);
    },
    async ask(query, variables = {}, token) {
      ourLines.length = 0;
      const { body } = await gateway.inject({
        method: 'POST',
        url: '/graphql',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        payload: JSON.stringify({ query, variables }),
      });
      return { ...(JSON.parse(body) as Answered), fault: faultIn(ourLines) };
    },
    async stop() {
      await Promise.all([gateway.close(), server.close()]);
    },
  };
}

const OPERATIONS = new URL('../../../schema/operations/', import.meta.url);

/** A point of Baby Jubjub and a signature of the right shape: what is told does not read them. */
const PUBLIC_KEY = { ax: '1', ay: '2' };

/** Variables that only an installation has, and that are in no file. */
const OWN_VARIABLES: Readonly<Record<string, object>> = {
  my: {
    study: 'NCT90000001',
    publicKey: PUBLIC_KEY,
    lists: [
      {
        institution: 'riverside-hospital',
        at: '2026-06-01T12:00:00Z',
        signature: { r8x: '1', r8y: '2', s: '3' },
      },
    ],
  },
  'one-participant': { pseudonym: '100' },
  withdraw: { secrets: ['42'] },
};

/** Every operation of schema/operations, with its variables. */
export const READY_OPERATIONS: readonly (readonly [
  name: string,
  query: string,
  variables: object,
])[] = readdirSync(OPERATIONS)
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => {
    const name = file.replace('.graphql', '');
    const beside = readdirSync(OPERATIONS).includes(`${name}.json`);
    const variables = {
      ...(beside ? JSON.parse(textOf(`${name}.json`)) : {}),
      ...OWN_VARIABLES[name],
    };
    return [name, textOf(file), variables];
  });

function textOf(file: string): string {
  return readFileSync(new URL(file, OPERATIONS), 'utf8');
}

/** Tokens of one session: as pages are filled in with, and bound to its key. */
export async function newTokens() {
  const session = await newSession();
  const claims = { audience: gatewayKey.thumbprint, seconds: 300 };
  const { token: bound } = await session.signCredential(claims);
  return { plain: await session.signToken(claims), bound };
}
