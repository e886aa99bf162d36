import { and, inArray, ne } from 'drizzle-orm';
import type { SqlTransaction } from '../../store/database.js';
import { EMPTY_LEAF } from '../../zk/leaf.js';
import type { Feed } from '../feed/feed.js';
import { publishWithdrawals } from '../feed/publish.js';
import { presentation } from '../gate/table-presentation.js';
import { lockAgainstWriters, type RegisterContext } from './context.js';
import { keepMarks } from './erased-mark.js';
import { overwriteLeaves } from './leaf-store.js';
import { consent, registerLeaf } from './table-register.js';

/**
 * Erases the participant's own consents, proved by their withdrawal secrets. Publishing them comes
 * first: a consent that is merely forgotten here could be used elsewhere until its root has ended.
 * Asking again is safe, also after a crash between the two.
 *
 * @param secrets - canonical decimals, as the wallet's w.
 * @returns how many of them were registered here.
 * @throws DomainError what publishWithdrawals throws; nothing is erased then.
 */
export async function eraseOwnConsents(feed: Feed, secrets: readonly string[]): Promise<number> {
  const handles = await publishWithdrawals(feed, secrets);
  return eraseConsents(feed, handles);
}

/**
 * Erases consents registered here, on the institution's own authority: for a participant who has
 * lost the wallet. What goes: plaintext, salt, signature and key, what of it was presented here, and
 * at the next anchor the leaf. What stays: the marks of erased-mark.ts, disclosures (the accounting
 * that the law asks for), and published secrets, which name nobody.
 *
 * Without w no other node learns of it: a proof made before lasts until its root has ended, a week
 * after the next anchor.
 *
 * @param handles - canonical decimals; one that is not registered here is no change.
 * @returns how many consents there were.
 */
export async function eraseConsents(
  { db }: RegisterContext,
  handles: readonly string[],
): Promise<number> {
  if (handles.length === 0) return 0;
  return db.transaction(async (tx) => {
    // Registering holds the same lock while it looks for what was here before.
    await lockAgainstWriters(tx, registerLeaf);
    const erased = await tx
      .delete(consent)
      .where(inArray(consent.handle, [...handles]))
      .returning();
    if (erased.length === 0) return 0;
    for (const row of erased) await keepMarks(tx, row);
    const indexes = erased.map(({ index }) => index);
    await overwriteLeaves(tx, indexes, EMPTY_LEAF);
    await endPresentations(tx, erased);
    return erased.length;
  });
}

/** By pseudonym too: anyone may have signed a consent of their own with another's handle. */
async function endPresentations(
  tx: SqlTransaction,
  erased: readonly (typeof consent.$inferSelect)[],
): Promise<void> {
  const handles = erased.map(({ handle }) => handle);
  const pseudonyms = erased.map(({ pseudonym }) => pseudonym);
  await tx
    .delete(presentation)
    .where(
      and(
        ne(presentation.statement, 'accreditation'),
        inArray(presentation.handle, handles),
        inArray(presentation.nym, pseudonyms),
      ),
    );
}
