import { and, eq, isNotNull, isNull, lte, ne, or } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { PatientProxy } from '../base/proxy.js';
import { pastSubject, researchSubject } from '../tables/table-study.js';

/** A patient's pseudonym in a study, and who holds its key; proxy null: the patient. */
export interface Subject {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  readonly patientId: string;
  readonly proxy: PatientProxy | null;
}

/**
 * Requires that a patient could be linked with a pseudonym now. Changes nothing: a key that the
 * patient has not confirmed must not end a proxy's link.
 *
 * @throws DomainError as addSubject.
 */
export async function requireLinkable(
  tx: SqlTransaction,
  subject: Subject,
  now: Seconds,
): Promise<void> {
  const { patientId, pseudonym, proxy } = subject;
  if (proxy?.until != null && proxy.until <= now) throw new DomainError('PROXY_ENDED');
  await requireNotPast(tx, subject);
  const standing = (await linksOf(tx, subject)).filter((row) => {
    const isOver = row.proxy !== null && (row.proxyUntil === null || row.proxyUntil <= now);
    return row.pseudonym === pseudonym || row.patientId !== patientId || !isOver;
  });
  requireSame(standing, subject);
}

/**
 * Links a patient with a pseudonym: one at a time in each study. Only a proxy's link gives way to
 * another, once it has ended: its key is known to the proxy, so that the patient comes with a new one.
 *
 * @throws DomainError PSEUDONYM_TAKEN; PROXY_ENDED for a proxy whose time is over, and for the key of
 * one answering for the patient.
 */
export async function addSubject(
  tx: SqlTransaction,
  subject: Subject,
  now: Seconds,
): Promise<void> {
  const { study, pseudonym, patientId, proxy } = subject;
  if (proxy?.until != null && proxy.until <= now) throw new DomainError('PROXY_ENDED');
  await requireNotPast(tx, subject);
  await endProxy(tx, subject, now);
  const held = { proxy: proxy?.relationship ?? null, proxyUntil: proxy?.until ?? null };
  await tx
    .insert(researchSubject)
    .values({ study, pseudonym, patientId, linkedAt: now, ...held })
    .onConflictDoNothing();
  const rows = await linksOf(tx, subject);
  requireSame(rows, subject);
  // None at all would be a row of another transaction that this one cannot see.
  if (rows.length === 0) throw new DomainError('PSEUDONYM_TAKEN');
  const own = and(eq(researchSubject.study, study), eq(researchSubject.pseudonym, pseudonym));
  if (proxy !== null) await tx.update(researchSubject).set(held).where(own);
}

/** What stands of either in this study. */
async function linksOf(tx: SqlTransaction, { study, pseudonym, patientId }: Subject) {
  const either = or(
    eq(researchSubject.pseudonym, pseudonym),
    eq(researchSubject.patientId, patientId),
  );
  return tx
    .select()
    .from(researchSubject)
    .where(and(eq(researchSubject.study, study), either));
}

function requireSame(
  rows: readonly (typeof researchSubject.$inferSelect)[],
  { pseudonym, patientId, proxy }: Subject,
): void {
  const same = rows.every((row) => row.pseudonym === pseudonym && row.patientId === patientId);
  if (!same) throw new DomainError('PSEUDONYM_TAKEN');
  // A key that a proxy has held never becomes the patient's own, nor the other way round.
  if (rows.some((row) => (row.proxy === null) !== (proxy === null))) {
    throw new DomainError(proxy === null ? 'PROXY_ENDED' : 'PSEUDONYM_TAKEN');
  }
}

async function requireNotPast(tx: SqlTransaction, { study, pseudonym }: Subject): Promise<void> {
  const same = and(eq(pastSubject.study, study), eq(pastSubject.pseudonym, pseudonym));
  if ((await tx.$count(pastSubject, same)) > 0) throw new DomainError('PROXY_ENDED');
}

/** An adult's proxy has no date: the institution ends it by showing another a code. */
async function endProxy(
  tx: SqlTransaction,
  { study, pseudonym, patientId }: Subject,
  now: Seconds,
): Promise<void> {
  const ended = or(isNull(researchSubject.proxyUntil), lte(researchSubject.proxyUntil, now));
  const rows = await tx
    .delete(researchSubject)
    .where(
      and(
        eq(researchSubject.study, study),
        eq(researchSubject.patientId, patientId),
        ne(researchSubject.pseudonym, pseudonym),
        isNotNull(researchSubject.proxy),
        ended,
      ),
    )
    .returning();
  for (const { linkedAt, ...row } of rows) {
    await tx.insert(pastSubject).values({ ...row, linkedAt, endedAt: now });
  }
}
