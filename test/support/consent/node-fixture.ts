import type { GraphQLSchema } from 'graphql';
import { importJWK, SignJWT } from 'jose';
import type { Feed } from '../../../src/consent/feed/feed.js';
import { clockOf } from '../../../src/core/clock.js';
import type { InstitutionId } from '../../../src/core/ids.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import type { Database } from '../../../src/store/database.js';
import { type VerifyingLimits, verifyStatements } from '../../../src/zk/verify/verify.js';
import { startGatedNode } from '../gated-node.js';
import { knowStudies, now, type Session, snapshotOf } from './gate-fixture.js';

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
): Promise<ConsentNode> {
  await knowStudies(db);
  const verified: VerifyingLimits[] = [];
  const node = await startGatedNode({
    institution,
    db,
    subgraphs: ['consent'],
    // Tokens and gateway signatures live by the real time, proofs by the sample's.
    clock: clockOf(() => unixMsFromSeconds(now)),
    ledger: () => snapshotOf({ root, anchoredAt: now - 3_600 }),
    verify: (statement, proofs, limits) => {
      verified.push(limits);
      return verifyStatements(statement, proofs, limits);
    },
  });
  const { feed, schemas } = node.current();
  const schema = schemas.consent as GraphQLSchema;
  return {
    asked: node.asked,
    db,
    feed,
    schema,
    verified,
    stop: async () => void (await node.stop()),
  };
}

/** The JWT of a token that a requester signs for a gateway: what the gateway passes on of it. */
export async function signToken({ privateJwk, publicJwk }: Session, aud: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const cnf = { 'secret#S256': 'A'.repeat(43) };
  return new SignJWT({ aud, iat, exp: iat + 600, cnf })
    .setProtectedHeader({ alg: 'ES256', jwk: publicJwk })
    .sign(await importJWK(privateJwk, 'ES256'));
}
