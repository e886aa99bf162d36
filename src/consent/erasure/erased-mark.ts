import { sql } from 'drizzle-orm';
import { sha256Hex } from '../../core/canonical.js';
import type { SqlTransaction } from '../../store/database.js';
import { erasedMark } from '../tables/table-register.js';

/** The fields of a consent from which its marks are computed: canonical decimals. */
export interface MarkedConsent {
  readonly pseudonym: string;
  readonly requester: string;
  readonly handle: string;
}

/** The three things that outlive an erased consent, each for one rule of registering. */
export interface ErasedMarks {
  /**
   * How many leaves of the shard this pseudonym has used, so that nobody can fill it by erasing and
   * registering again.
   */
  readonly participant: string;
  /** The highest serial for this requester: an older paper does not come back. */
  readonly requester: string;
  /** That this handle was used: the same paper does not come back for another requester. */
  readonly handle: string;
}

/**
 * Hashes that only someone who holds the paper can find again: a pseudonym is the hash of a key, too
 * large to guess. No salt would hide more, because the node must find them from the paper alone.
 */
export function erasedMarksOf({ pseudonym, requester, handle }: MarkedConsent): ErasedMarks {
  const mark = (...parts: readonly string[]) => sha256Hex(['assent/erased', ...parts].join('|'));
  return {
    participant: mark('participant', pseudonym),
    requester: mark('requester', pseudonym, requester),
    handle: mark('handle', pseudonym, handle),
  };
}

/** Remembers an erased consent by its marks. */
export async function keepMarks(
  tx: SqlTransaction,
  consent: MarkedConsent & { readonly serial: bigint },
): Promise<void> {
  const { participant, requester, handle } = erasedMarksOf(consent);
  const rows = [
    { mark: participant, serial: 0n, leaves: 1 },
    { mark: requester, serial: consent.serial, leaves: 1 },
    { mark: handle, serial: 0n, leaves: 1 },
  ];
  await tx
    .insert(erasedMark)
    .values(rows)
    .onConflictDoUpdate({
      target: erasedMark.mark,
      set: {
        serial: sql`greatest(${erasedMark.serial}, excluded.serial)`,
        leaves: sql`${erasedMark.leaves} + 1`,
      },
    });
}
