import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { DatabaseConsents } from '../../src/consent/answers/node-consents.js';
import { createAuthenticate } from '../../src/consent/gate/authenticate.js';
import { createGate, type Gate } from '../../src/consent/gate/gate.js';
import { type Permit, PermitSet } from '../../src/consent/gate/permit.js';
import { consentSubgraph } from '../../src/consent/graphql/subgraph.js';
import { systemClock } from '../../src/core/clock.js';
import type { InstitutionId } from '../../src/core/ids.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph, type RawRequest } from '../../src/federation/serve-subgraph.js';
import { DatabaseRecords } from '../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../src/records/answers/subgraph.js';
import type { Database } from '../../src/store/database.js';
import { isKeyInForce, verifyStatements } from '../../src/zk/verify/verify.js';
import { feedOver, walletParts } from '../../test/support/consent/gate-feed.js';
import { snapshotOf } from '../../test/support/consent/gate-fixture.js';
import { ROOT } from './presentations.js';

const logger = pino({ level: 'silent' });

/** Decides what a request opens at one institution, beside its gate or through it. */
export type Open = (
  institution: InstitutionId,
  gate: Gate,
) => (request: RawRequest) => Promise<PermitSet>;

/** Tokens, gateway signatures and presentations, as a node of a network reads them. */
export const throughGate: Open = (institution, gate) => {
  const rules = { institution, clock: systemClock, maxTokenSeconds: 43_200 };
  const authenticate = createAuthenticate(rules);
  return async (request) => gate.open(await authenticate(request));
};

/** A permit for every row: who asks is not looked at. */
export function besideGate(permits: readonly Permit[]): Open {
  const everything = PermitSet.mint(permits, []);
  return () => async () => everything;
}

export function gateOf(institution: InstitutionId, db: Database): Gate {
  const snapshot = snapshotOf({ root: ROOT, anchoredAt: systemClock.nowSeconds() - 3_600 });
  return createGate({
    ...{ db, institution, clock: systemClock, snapshot: () => snapshot },
    feed: { requireComplete: () => undefined },
    verify: verifyStatements,
    isKeyInForce,
  });
}

/** One hospital's node that does not listen yet: its records, and what consents open of them. */
export async function createHospital(
  institution: InstitutionId,
  db: Database,
  openAt: Open,
): Promise<FastifyInstance> {
  const app = createNodeServer({ logger, health: () => ({}) });
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
  return app;
}
