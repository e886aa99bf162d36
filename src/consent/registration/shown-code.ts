import { and, isNotNull, isNull, lte, or } from 'drizzle-orm';
import { keyedId } from '../../core/canonical.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { RegisterContext } from '../base/context.js';
import { linkCode } from '../tables/table-study.js';

/** How long a key that answered a code waits for the patient's word: a day. */
export const PENDING_SECONDS = 86_400;

/** A register that shows link codes. */
export interface LinkContext extends RegisterContext {
  /** 32 secret bytes of this node that are not in its database: codes are made with them. */
  readonly linkKey: Uint8Array;
}

/** HMAC-SHA-256, 132 bits: with the salt alone, as a backup has it, no code can be computed. */
export function linkCodeOf({ linkKey }: Pick<LinkContext, 'linkKey'>, salt: string): string {
  return keyedId(linkKey, 'assent/link-code', salt);
}

/** Forgets codes that nobody can answer any more, and keys that nobody can confirm. */
export async function forgetEndedCodes(tx: SqlTransaction, now: Seconds): Promise<void> {
  const settled = or(isNull(linkCode.answeredAt), isNotNull(linkCode.confirmedAt));
  const expired = and(settled, lte(linkCode.expiresAt, now));
  await tx.delete(linkCode).where(or(expired, lte(linkCode.answeredAt, now - PENDING_SECONDS)));
}
