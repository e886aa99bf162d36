import { z } from 'zod';
import { canonicalJson } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { digestPreimageShape } from '../../core/evidence/evidence-wire.js';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { listOf } from '../../core/list-of.js';
import { type Bytes32, type DigestPreimage, hashOf, isBytes32 } from '../base/digest.js';

/** Entries in one segment at most: what a node that is far behind takes at a time. */
export const SEGMENT_ENTRIES = 4_096;
/** Anchored and prepared digests whose content one segment opens. */
export const SEGMENT_DIGESTS = 4;

/**
 * A stretch of an institution's revocation feed. Its head is vouched for by the institution's
 * signature, or by the digest that the institution has on the ledger, so any node may hand it over
 * and none can change it.
 */
export interface FeedSegment {
  /** Whose feed. */
  readonly institution: InstitutionId;
  /** The entries follow this one; 0 = from the beginning. */
  readonly after: number;
  /** In order: published secrets w, canonical decimals, and tombstones, 0x and 64 hexadecimal digits. */
  readonly entries: readonly string[];
  /** The chain's head after the last entry. */
  readonly head: Bytes32;
  /**
   * By the institution's ledger account over segmentHash; null if the digest on the ledger alone
   * vouches for the head: the account may have been renewed since.
   */
  readonly signature: string | null;
  /**
   * What is in its latest digests. Nobody signs them: the one that opens the digest on the ledger
   * counts, and no other does.
   */
  readonly digests: readonly DigestPreimage[];
}

const TAG = 'assent/feed-segment';

/** 32 bytes on the wire. */
export const bytes32 = z.custom<Bytes32>(isBytes32);
/** A count of entries on the wire: far above what any feed will hold, far below where numbers end. */
export const sequence = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);
/** An account's signature on the wire; whether it is one is for readAccountSignature to say. */
export const signatureText = z.string().regex(/^0x[0-9a-f]{130}$/);

/** The exact shape of a segment on the wire; that entries are field elements is checked later. */
export const segmentShape = z.strictObject({
  institution: z.string().max(40),
  after: sequence,
  entries: listOf(z.string().regex(/^(?:0|[1-9][0-9]{0,76}|0x[0-9a-f]{64})$/), SEGMENT_ENTRIES),
  head: bytes32,
  signature: signatureText.nullable(),
  digests: listOf(digestPreimageShape, SEGMENT_DIGESTS),
});

/** @throws DomainError SOURCE_FAILED for any other shape, or for a feed other than the one asked. */
export function parseSegment(wire: unknown, asked: InstitutionId): FeedSegment {
  const parsed = segmentShape.safeParse(wire);
  if (!parsed.success) throw segmentRefused(asked, 'shape');
  if (parsed.data.institution !== asked) throw segmentRefused(asked, 'institution');
  return { ...parsed.data, institution: toInstitutionId(parsed.data.institution) };
}

/** The number of the last entry. */
export function endOf(segment: Pick<FeedSegment, 'after' | 'entries'>): number {
  return segment.after + segment.entries.length;
}

/**
 * What an institution signs: this head after that many entries, and nothing else that it could
 * choose. The head commits to all entries before it, so a segment whose beginning is cut off is
 * still valid.
 *
 * @param network - so that a feed of one network means nothing in another.
 */
export function segmentHash(
  network: string,
  signed: Pick<FeedSegment, 'institution' | 'head'> & { readonly seq: number },
): Bytes32 {
  const { institution, seq, head } = signed;
  return hashOf(TAG, canonicalJson({ network, institution, seq, head }));
}

/** @param check - which of the checks of a segment did not hold. */
export function segmentRefused(
  institution: InstitutionId,
  check: string,
  cause?: unknown,
): DomainError {
  return new DomainError('SOURCE_FAILED', { institution, check }, cause);
}
