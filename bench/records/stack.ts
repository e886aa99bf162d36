import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { DatabaseConsents } from '../../src/consent/database.js';
import { createAuthenticate } from '../../src/consent/gate/authenticate.js';
import { createGate, type Gate } from '../../src/consent/gate/gate.js';
import { type Permit, PermitSet } from '../../src/consent/gate/permit.js';
import { NetworkConsents } from '../../src/consent/network.js';
import { consentSubgraph } from '../../src/consent/subgraph.js';
import { systemClock } from '../../src/core/clock.js';
import type { InstitutionId } from '../../src/core/ids.js';
import { createGateway } from '../../src/federation/gateway.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph, type RawRequest } from '../../src/federation/serve-subgraph.js';
import { type AskedInstitution, createAskNodes } from '../../src/network/ask-nodes.js';
import { importGatewayKey } from '../../src/network/gateway-key.js';
import { DatabaseRecords } from '../../src/records/database.js';
import { NetworkRecords } from '../../src/records/network.js';
import { recordsSubgraph } from '../../src/records/subgraph.js';
import type { Database } from '../../src/store/database.js';
import { isKeyInForce, verifyStatements } from '../../src/zk/verify.js';
import { feedOver, walletParts } from '../../test/consent/gate-feed.js';
import { snapshotOf } from '../../test/consent/gate-fixture.js';
import { ROOT } from './presentations.js';
import { withoutLog } from './without-log.js';

const logger = pino({ level: 'silent' });

/** Decides what a request opens at one hospital, beside its gate or through it. */
type Open = (institution: InstitutionId, gate: Gate) => (request: RawRequest) => Promise<PermitSet>;

/** A gateway over both hospitals' nodes, over HTTP on loopback. */
export interface Stack {
  readonly url: string;
  /** The audience of its requesters' tokens. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** What a network runs: tokens, gateway signatures, presentations asked with each request, the log. */
export const startGated = (hospitals: ReadonlyMap<InstitutionId, Database>): Promise<Stack> =>
  startStack(hospitals, (institution, gate) => {
    const authenticate = createAuthenticate({
      institution,
      clock: systemClock,
      maxTokenSeconds: 43_200,
    });
    return async (request) => gate.open(await authenticate(request));
  });

/** The same parts with a permit for every row: who asks is not looked at, and nothing is logged. */
export function startOpen(
  hospitals: ReadonlyMap<InstitutionId, Database>,
  permits: readonly Permit[],
): Promise<Stack> {
  const everything = PermitSet.mint(permits, []);
  const unlogged = new Map([...hospitals].map(([id, db]) => [id, withoutLog(db)]));
  return startStack(unlogged, () => async () => everything);
}

function gateOf(institution: InstitutionId, db: Database): Gate {
  const snapshot = snapshotOf({ root: ROOT, anchoredAt: systemClock.nowSeconds() - 3_600 });
  return createGate({
    ...{ db, institution, clock: systemClock, snapshot: () => snapshot },
    feed: { requireComplete: () => undefined },
    verify: verifyStatements,
    isKeyInForce,
  });
}

async function startStack(
  hospitals: ReadonlyMap<InstitutionId, Database>,
  openAt: Open,
): Promise<Stack> {
  const stops: (() => Promise<unknown>)[] = [];
  const institutions: AskedInstitution[] = [];
  for (const [institution, db] of hospitals) {
    const app = createNodeServer({ logger, health: () => ({}) });
    stops.push(() => app.close());
    const records = new DatabaseRecords({
      ...{ db, institution, clock: systemClock },
      nodeIdKey: Buffer.alloc(32, institution),
    });
    const gate = gateOf(institution, db);
    const open = openAt(institution, gate);
    const feed = await feedOver(db, institution);
    const consents = new DatabaseConsents({
      gate,
      ...walletParts(feed),
      prove: async (rows) => rows.map(() => null),
    });
    const schemas = { records: recordsSubgraph(records), consent: consentSubgraph(consents) };
    for (const [name, schema] of Object.entries(schemas)) {
      await mountSubgraph(app, { path: `/${name}`, schema, open, logger });
    }
    const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
    institutions.push({ id: institution, endpoint, roles: ['HOSPITAL'], status: 'ACTIVE' });
  }
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const gatewayKey = await importGatewayKey(await exportJWK(privateKey));
  const ask = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  const ids = () => institutions.map(({ id }) => id);
  const app = await createGateway({
    subgraphs: [
      { name: 'consent', schema: consentSubgraph(new NetworkConsents(ask, ids)) },
      { name: 'records', schema: recordsSubgraph(new NetworkRecords(ask)) },
    ],
    ...{ gatewayKey, logger, version: '0.0.0', tokenMaxSeconds: 43_200, statements: [] },
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 1, late: () => [] },
    probe: async () => [],
    landing: async () => ({ document: '{ __typename }', headers: {} }),
  });
  stops.unshift(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = async () => {
    for (const end of stops) await end();
  };
  return { url, thumbprint: gatewayKey.thumbprint, stop };
}
