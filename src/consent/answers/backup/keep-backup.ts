import { and, eq, isNull } from 'drizzle-orm';
import { DomainError } from '../../../core/errors.js';
import { type Pseudonym, type StudyId, toPseudonym } from '../../../core/ids.js';
import type { Seconds } from '../../../core/time.js';
import { BACKUP_FORM, MAX_BACKUP_CHARACTERS } from '../../../core/wallet-backup.js';
import type { SqlTransaction } from '../../../store/database.js';
import { institutionField } from '../../../zk/arithmetic/field.js';
import { type EddsaPublicKey, type EddsaSignature, requireEddsa } from '../../../zk/eddsa.js';
import { backupMessage, backupReadMessage, pseudonymOf } from '../../../zk/leaf.js';
import type { RegisterContext } from '../../base/context.js';
import type { Holder } from '../../gate/holder-key.js';
import { requireStudy } from '../../registration/study.js';
import { linkCode, researchSubject } from '../../tables/table-study.js';
import { walletBackup } from '../../tables/table-wallet-backup.js';
import { requireFresh } from '../my/signed-list.js';

/** A backup as its wallet signed it. */
export interface SignedBackup {
  readonly study: StudyId;
  readonly sequence: number;
  readonly backup: string;
  readonly publicKey: EddsaPublicKey;
  readonly signature: EddsaSignature;
}

/** A wallet's stored backup; sequence 0 and null if there is none. */
export interface KeptBackup {
  readonly sequence: number;
  readonly backup: string | null;
}

/** A wallet's request for its backup. */
export interface SignedBackupQuestion {
  readonly study: StudyId;
  readonly at: Seconds;
  readonly publicKey: EddsaPublicKey;
  readonly signature: EddsaSignature;
}

const MAX_SEQUENCE = 2 ** 31 - 1;

/**
 * Stores a wallet's sealed book, replacing the previous one. If two devices write at once, one is
 * refused; it then reads what the other wrote and merges both.
 *
 * The attackers: a stranger who overwrites it, and a carrier who replays an earlier one. The first
 * lacks the study key; the second's sequence number is not the next.
 *
 * @throws DomainError INPUT_TOO_LARGE, BAD_INPUT, STUDY_UNKNOWN, SIGNATURE_INVALID,
 * PSEUDONYM_NOT_LINKED, LINK_NOT_CONFIRMED, BACKUP_NOT_NEWER
 */
export async function keepBackup(
  { db, clock, institution }: RegisterContext,
  { study, sequence, backup, publicKey, signature }: SignedBackup,
): Promise<void> {
  requireForm(sequence, backup);
  const { field } = await db.transaction((tx) => requireStudy(tx, study), 'read');
  const at = institutionField(institution);
  requireEddsa(publicKey, backupMessage(at, field, BigInt(sequence), backup), signature);
  const pseudonym = toPseudonym(String(pseudonymOf(publicKey)));
  await db.transaction(async (tx) => {
    await requireLinked(tx, study, pseudonym);
    const row = { study, pseudonym, sequence, backup, keptAt: clock.nowSeconds() };
    if (!(await replaceBackup(tx, row))) throw new DomainError('BACKUP_NOT_NEWER');
  });
}

/**
 * Gives a study key its own backup.
 *
 * @throws DomainError SIGNATURE_TOO_OLD, SIGNATURE_FROM_FUTURE, STUDY_UNKNOWN, SIGNATURE_INVALID,
 * PSEUDONYM_NOT_LINKED, LINK_NOT_CONFIRMED
 */
export async function readBackup(
  { db, clock, institution }: RegisterContext,
  { study, at, publicKey, signature }: SignedBackupQuestion,
  holder: Pick<Holder, 'field'>,
): Promise<KeptBackup> {
  requireFresh(at, clock.nowSeconds());
  const { field } = await db.transaction((tx) => requireStudy(tx, study), 'read');
  const here = institutionField(institution);
  const message = backupReadMessage(here, field, BigInt(at), holder.field);
  requireEddsa(publicKey, message, signature);
  const pseudonym = toPseudonym(String(pseudonymOf(publicKey)));
  return db.transaction(async (tx) => {
    await requireLinked(tx, study, pseudonym);
    const [row] = await tx.select().from(walletBackup).where(isOf(study, pseudonym));
    return { sequence: row?.sequence ?? 0, backup: row?.backup ?? null };
  }, 'read');
}

function requireForm(sequence: number, backup: string): void {
  if (backup.length > MAX_BACKUP_CHARACTERS) {
    throw new DomainError('INPUT_TOO_LARGE', { argument: 'backup', most: MAX_BACKUP_CHARACTERS });
  }
  const isSequence = Number.isInteger(sequence) && sequence >= 1 && sequence <= MAX_SEQUENCE;
  if (!isSequence || !BACKUP_FORM.test(backup)) {
    throw new DomainError('BAD_INPUT', { argument: isSequence ? 'backup' : 'sequence' });
  }
}

/** Only for participants known here, so that strangers cannot fill the database. */
async function requireLinked(
  tx: SqlTransaction,
  study: StudyId,
  pseudonym: Pseudonym,
): Promise<void> {
  const own = and(eq(researchSubject.study, study), eq(researchSubject.pseudonym, pseudonym));
  if ((await tx.$count(researchSubject, own)) > 0) return;
  const waiting = and(
    eq(linkCode.study, study),
    eq(linkCode.pseudonym, pseudonym),
    isNull(linkCode.confirmedAt),
  );
  const isWaiting = (await tx.$count(linkCode, waiting)) > 0;
  throw new DomainError(isWaiting ? 'LINK_NOT_CONFIRMED' : 'PSEUDONYM_NOT_LINKED');
}

/** One statement compares and replaces, so that two writers cannot both be the next. */
async function replaceBackup(
  tx: SqlTransaction,
  row: typeof walletBackup.$inferInsert,
): Promise<boolean> {
  const { study, pseudonym, sequence } = row;
  const kept =
    sequence === 1
      ? await tx.insert(walletBackup).values(row).onConflictDoNothing().returning()
      : await tx
          .update(walletBackup)
          .set(row)
          .where(and(isOf(study, pseudonym), eq(walletBackup.sequence, sequence - 1)))
          .returning();
  return kept.length === 1;
}

function isOf(study: StudyId, pseudonym: Pseudonym) {
  return and(eq(walletBackup.study, study), eq(walletBackup.pseudonym, pseudonym));
}
