import { desc } from 'drizzle-orm';
import { z } from 'zod';
import { type Bytes32, isBytes32 } from '../../core/bytes32.js';
import { canonicalJson } from '../../core/canonical-json.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import { hashOf } from '../base/digest.js';
import type { Feed } from '../feed/feed.js';
import { restoreAccepted } from '../tables/table-feed.js';

/**
 * Says that an institution's logs ended and begin again with what a backup had of them. It counts for the
 * term of the keys that sign it, once: so a thief of the keys of before cannot cut a log short, and
 * the holder of those of now needed the vote of the other institutions to get them.
 */
export interface Succession {
  readonly institution: InstitutionId;
  /** As the ledger counts the terms of its keys: each is one vote, which everybody can read there. */
  readonly term: number;
  /** What was anchored last of the logs that ended. */
  readonly digest: Bytes32;
  /** How many entries the logs begin again with. */
  readonly kept: { readonly DISCLOSURES: number; readonly RECORDS: number };
}

/** And the signature of its account, over successionHash. */
export interface SignedSuccession extends Succession {
  readonly signature: string;
}

const TAG = 'assent/log-succession';

const entries = z.int().min(0);
const successionShape = z.strictObject({
  institution: z.string().max(40),
  term: z.int().min(1),
  digest: z.custom<Bytes32>(isBytes32),
  kept: z.strictObject({ DISCLOSURES: entries, RECORDS: entries }),
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
});

/** This institution's own, signed now. @throws DomainError BAD_INPUT if it never went on with a backup. */
export async function ownSuccession(feed: Feed): Promise<SignedSuccession> {
  const { institution } = feed;
  const own = feed.ledger().institutions.find(({ id }) => id === institution);
  const [last] = await feed.db.transaction(
    (tx) => tx.select().from(restoreAccepted).orderBy(desc(restoreAccepted.anchors)).limit(1),
    'read',
  );
  if (own === undefined || last === undefined) throw new DomainError('BAD_INPUT');
  const { digest, disclosures, records } = last;
  const kept = { DISCLOSURES: disclosures, RECORDS: records };
  const succession = { institution, term: own.term, digest, kept };
  return { ...succession, signature: await feed.keys.sign(hashOfSuccession(feed, succession)) };
}

/**
 * Requires that the account which an institution has now signed it, for its term of now.
 *
 * @throws DomainError EVIDENCE_INCONSISTENT {check: succession} for any other.
 */
export async function requireSuccession(
  feed: Feed,
  { id, term, account }: LedgerInstitution,
  wire: unknown,
): Promise<SignedSuccession> {
  const parsed = successionShape.safeParse(wire);
  const isFor = parsed.success && parsed.data.institution === id && parsed.data.term === term;
  if (isFor) {
    const succession = { ...parsed.data, institution: id };
    const { signature, ...signed } = succession;
    const signer = await feed.keys.recover(hashOfSuccession(feed, signed), signature);
    if (signer?.toLowerCase() === account.toLowerCase()) return succession;
  }
  throw new DomainError('EVIDENCE_INCONSISTENT', { institution: id, check: 'succession' });
}

function hashOfSuccession(
  { network, ledger }: Feed,
  { institution, term, digest, kept }: Succession,
): Bytes32 {
  const { chainId, contract } = ledger();
  const of = { network, chainId, contract: contract.toLowerCase(), institution, term };
  return hashOf(TAG, canonicalJson({ ...of, digest, kept }));
}
