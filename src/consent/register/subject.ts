import { and, eq, isNotNull, isNull, lte, ne, or } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { PatientProxy } from './proxy.js';
import { pastSubject, researchSubject } from './table-study.js';

/** A patient's pseudonym in a study, and who holds its key; proxy null: the patient. */
export interface Subject {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  readonly patientId: string;
  readonly proxy: PatientProxy | null;
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
  const either = or(
    eq(researchSubject.pseudonym, pseudonym),
    eq(researchSubject.patientId, patientId),
  );
  const rows = await tx
    .select()
    .from(researchSubject)
    .where(and(eq(researchSubject.study, study), either));
  const same = rows.every((row) => row.pseudonym === pseudonym && row.patientId === patientId);
  // None at all would be a row of another transaction that this one cannot see.
  if (!same || rows.length === 0) throw new DomainError('PSEUDONYM_TAKEN');
  const [row] = rows;
  // A key that a proxy has held never becomes the patient's own, nor the other way round.
  if ((row?.proxy == null) !== (proxy === null)) {
    throw new DomainError(proxy === null ? 'PROXY_ENDED' : 'PSEUDONYM_TAKEN');
  }
  const own = and(eq(researchSubject.study, study), eq(researchSubject.pseudonym, pseudonym));
  if (proxy !== null) await tx.update(researchSubject).set(held).where(own);
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
