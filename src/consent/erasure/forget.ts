import { and, inArray, ne, type SQL } from 'drizzle-orm';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { EMPTY_LEAF } from '../../zk/leaf.js';
import { lockAgainstWriters } from '../base/context.js';
import { overwriteLeaves } from '../shard/leaf-store.js';
import { presentation } from '../tables/table-presentation.js';
import { consent, registerLeaf } from '../tables/table-register.js';
import { noteEnded } from './ended-presentations.js';
import { keepMarks } from './erased-mark.js';

/**
 * Deletes consents with what was presented of them, and their leaves at the next anchor. The marks that
 * keep their papers from coming back stay, and so does, for as long as a presentation would have lived, that it ended.
 *
 * @returns the rows that there were.
 */
export async function forgetConsents(
  tx: SqlTransaction,
  which: SQL,
  now: Seconds,
): Promise<readonly (typeof consent.$inferSelect)[]> {
  // Registering holds the same lock while it looks for what was here before.
  await lockAgainstWriters(tx, registerLeaf);
  const erased = await tx.delete(consent).where(which).returning();
  if (erased.length === 0) return erased;
  for (const row of erased) await keepMarks(tx, row);
  const indexes = erased.map(({ index }) => index);
  await overwriteLeaves(tx, indexes, EMPTY_LEAF);
  await endPresentations(tx, erased, now);
  return erased;
}

/** By pseudonym too: anyone may have signed a consent of their own with another's handle. */
async function endPresentations(
  tx: SqlTransaction,
  erased: readonly (typeof consent.$inferSelect)[],
  now: Seconds,
): Promise<void> {
  const handles = erased.map(({ handle }) => handle);
  const pseudonyms = erased.map(({ pseudonym }) => pseudonym);
  const deleted = await tx
    .delete(presentation)
    .where(
      and(
        ne(presentation.statement, 'accreditation'),
        inArray(presentation.handle, handles),
        inArray(presentation.nym, pseudonyms),
      ),
    )
    .returning();
  await noteEnded(tx, deleted, now);
}
