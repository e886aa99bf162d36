import type { GraphQLSchema } from 'graphql';
import { importJWK, SignJWT } from 'jose';
import { pino } from 'pino';
import { DatabaseConsents } from '../../../src/consent/answers/node-consents.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import type { Feed } from '../../../src/consent/feed/feed.js';
import { createAuthenticate } from '../../../src/consent/gate/authenticate.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { systemClock } from '../../../src/core/clock.js';
import type { InstitutionId } from '../../../src/core/ids.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { mountSubgraph } from '../../../src/federation/serve-subgraph.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import type { Database } from '../../../src/store/database.js';
import { type VerifyingLimits, verifyStatements } from '../../../src/zk/verify/verify.js';
import { feedOver, walletParts } from './gate-feed.js';
import { gateAt, knowStudies, now, type Session, snapshotOf } from './gate-fixture.js';

/** One institution's node, with the consent subgraph alone, listening on loopback. */
export interface ConsentNode {
  readonly asked: AskedInstitution;
  readonly db: Database;
  readonly feed: Feed;
  readonly schema: GraphQLSchema;
  /** By whom proofs came that were verified, in order. */
  readonly verified: VerifyingLimits[];
  stop(): Promise<void>;
}

export async function startConsentNode(
  db: Database,
  institution: InstitutionId,
  root: bigint,
  prove = createProver({ db, institution, ledger: () => snapshotOf({ root, anchoredAt: now }) }),
): Promise<ConsentNode> {
  await knowStudies(db);
  const verified: VerifyingLimits[] = [];
  const gate = gateAt(db, root, {
    institution,
    verify: (statement, proofs, limits) => {
      verified.push(limits);
      return verifyStatements(statement, proofs, limits);
    },
  });
  const feed = await feedOver(db, institution);
  const schema = consentSubgraph(new DatabaseConsents({ gate, prove, ...walletParts(feed) }));
  const logger = pino({ level: 'silent' });
  // Tokens and gateway signatures live by the real time, proofs by the sample's.
  const authenticate = createAuthenticate({
    institution,
    clock: systemClock,
    maxTokenSeconds: 600,
  });
  const server = createNodeServer({ logger, health: () => ({}) });
  await mountSubgraph(server, {
    path: '/consent',
    schema,
    open: async (request) => gate.open(await authenticate(request)),
    logger,
  });
  const endpoint = await server.listen({ host: '127.0.0.1', port: 0 });
  const asked = { id: institution, endpoint, roles: ['HOSPITAL'], status: 'ACTIVE' } as const;
  return { asked, db, feed, schema, verified, stop: () => server.close() };
}

/** The JWT of a token that a requester signs for a gateway: what the gateway passes on of it. */
export async function signToken({ privateJwk, publicJwk }: Session, aud: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const cnf = { 'secret#S256': 'A'.repeat(43) };
  return new SignJWT({ aud, iat, exp: iat + 600, cnf })
    .setProtectedHeader({ alg: 'ES256', jwk: publicJwk })
    .sign(await importJWK(privateJwk, 'ES256'));
}
