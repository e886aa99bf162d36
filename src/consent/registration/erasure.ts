import { eq, inArray, sql } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import { toPseudonym } from '../../core/ids.js';
import { institutionField } from '../../zk/arithmetic/field.js';
import { type EddsaPublicKey, type EddsaSignature, requireEddsa } from '../../zk/eddsa.js';
import { eraseMessage, pseudonymOf } from '../../zk/leaf.js';
import type { RegisterContext } from '../base/context.js';
import { forgetConsents } from '../erasure/forget.js';
import { keepPendingTombstones } from '../erasure/tombstone.js';
import { toWithdrawal } from '../feed/chain.js';
import type { Feed } from '../feed/feed.js';
import { takeWithdrawals } from '../feed/withdraw.js';
import { consent } from '../tables/table-register.js';

/** What a participant sends to have consents erased. */
export interface ErasureRequest {
  /** Canonical decimals, as the wallet's w. */
  readonly secrets: readonly string[];
  readonly publicKey: EddsaPublicKey;
  /** By the study key over eraseMessage(this institution, secrets). */
  readonly signature: EddsaSignature;
}

/**
 * Erases the participant's own consents. Their withdrawal secrets are published first: a consent that
 * is merely forgotten here could be used elsewhere until its root has ended. Asking again is safe,
 * also after a crash between the two.
 *
 * The secrets alone do not prove whose consents they are: once published, everybody has them, and
 * could delete what the accounting of disclosures names recipients by. Hence the signature.
 *
 * @returns how many of them were registered here under the pseudonym of the key that signed.
 * @throws DomainError SIGNATURE_INVALID, SECRET_MALFORMED; PUZZLE_MISSING if one of the consents is
 * not known here: withdraw it first; and what takeWithdrawals throws. Nothing is erased then.
 */
export async function eraseOwnConsents(feed: Feed, request: ErasureRequest): Promise<number> {
  const { secrets, publicKey, signature } = request;
  const message = eraseMessage(
    institutionField(feed.institution),
    secrets.map((w) => BigInt(toWithdrawal(w).w)),
  );
  requireEddsa(publicKey, message, signature);
  // Anybody can make a key and sign with it: secrets of consents that are not known here are no feed's.
  const {
    refused: [refused],
  } = await takeWithdrawals(feed, { secrets });
  if (refused !== undefined) throw new DomainError(refused.code);
  const handles = secrets.map((w) => toWithdrawal(w).handle);
  return eraseWhere(feed, handles, String(pseudonymOf(publicKey)));
}

/**
 * Erases consents registered here, on the institution's own authority: for a participant who has
 * lost the wallet. What goes: plaintext, salt, signature and key, every presentation of it here, and
 * at the next anchor the leaf. The tombstone is published with that anchor, so that no old backup brings
 * the consent back. What stays: the marks of erased-mark.ts, disclosures (the accounting
 * that the law asks for), published secrets, which name nobody, and until a presentation would have
 * ended that it did, for its holder (tables/table-ended.ts).
 *
 * Without w no other node learns of it: a proof made before lasts until its root has ended, a week
 * after the next anchor.
 *
 * @param handles - canonical decimals; one that is not registered here is no change.
 * @returns how many consents there were.
 */
export async function eraseConsents(
  context: RegisterContext,
  handles: readonly string[],
): Promise<number> {
  return eraseWhere(context, handles);
}

/** @param pseudonym - erases only this participant's; undefined: anybody's. */
async function eraseWhere(
  { db, clock }: RegisterContext,
  handles: readonly string[],
  pseudonym?: string,
): Promise<number> {
  if (handles.length === 0) return 0;
  const own = pseudonym === undefined ? undefined : eq(consent.pseudonym, toPseudonym(pseudonym));
  const named = inArray(consent.handle, [...handles]);
  return db.transaction(async (tx) => {
    const which = own === undefined ? named : sql`${named} AND ${own}`;
    const erased = await forgetConsents(tx, which, clock.nowSeconds());
    await keepPendingTombstones(
      tx,
      erased.map(({ tombstone }) => tombstone),
    );
    return erased.length;
  });
}
