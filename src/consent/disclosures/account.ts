import { and, asc, eq, gte, inArray, lt } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../../core/bytes32.js';
import type { Period } from '../../core/time.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { disclosure } from '../tables/table-disclosure.js';
import { consent } from '../tables/table-register.js';
import { pastSubject, researchSubject, study } from '../tables/table-study.js';
import { type Release, releaseOf } from './disclosure.js';

/** A release of one patient's rows, and what this institution knows of whom it went to. */
export interface AccountedRelease {
  /** This institution's number of it. */
  readonly id: number;
  readonly record: Release;
  /** Its leaf in the evidence log; null for one that is older than the log. */
  readonly leaf: Bytes32 | null;
  readonly study: { readonly title: string; readonly sponsor: string };
  /** The consent, if it was registered here and not erased since; elsewhere its handle is known. */
  readonly consent: { readonly requester: string; readonly policy: string } | null;
}

/**
 * Everything that was released of one patient, under every pseudonym and study, oldest first: what an
 * individual may ask for, over six years.
 *
 * It joins what a pseudonym keeps apart, so it is this institution's own officer who asks, on its
 * own database; no API has it.
 *
 * @param patientIds - of each record that is the patient's: merged ones keep their own pseudonyms.
 * @source 45 CFR 164.528(a)(1), (b)
 */
export function accountOf(
  db: Database,
  patientIds: readonly string[],
  { from, until }: Period,
): Promise<readonly AccountedRelease[]> {
  return db.transaction(async (tx) => {
    const subject = subjectsOf(tx, patientIds).as('subject');
    const rows = await tx
      .select({
        disclosure,
        title: study.title,
        sponsor: study.sponsor,
        requester: consent.requester,
        policy: consent.policy,
      })
      .from(subject)
      .innerJoin(
        disclosure,
        and(eq(subject.study, disclosure.study), eq(subject.pseudonym, disclosure.pseudonym)),
      )
      // A study that this node has forgotten takes nothing out of an accounting.
      .leftJoin(study, eq(study.id, disclosure.study))
      .leftJoin(
        consent,
        and(eq(consent.pseudonym, disclosure.pseudonym), eq(consent.handle, disclosure.handle)),
      )
      .where(and(gte(disclosure.at, from), lt(disclosure.at, until)))
      .orderBy(asc(disclosure.at), asc(disclosure.id));
    return rows.map(({ disclosure: row, title, sponsor, requester, policy }) => ({
      id: row.id,
      record: releaseOf(row),
      leaf: row.leaf,
      study: { title: title ?? row.study, sponsor: sponsor ?? 'unknown' },
      consent: requester === null || policy === null ? null : { requester, policy },
    }));
  }, 'read');
}

/** Whether a patient is anybody's pseudonym here: an empty accounting of a typing error says nothing. */
export async function isLinked(db: Database, patientIds: readonly string[]): Promise<boolean> {
  const found = await db.transaction((tx) => subjectsOf(tx, patientIds).limit(1), 'read');
  return found.length > 0;
}

/** The patient's pseudonyms, those too that a proxy held before the patient came of age. */
function subjectsOf(tx: SqlTransaction, patientIds: readonly string[]) {
  const from = (table: typeof researchSubject | typeof pastSubject) =>
    tx
      .select({ study: table.study, pseudonym: table.pseudonym })
      .from(table)
      .where(inArray(table.patientId, [...patientIds]));
  return unionAll(from(researchSubject), from(pastSubject));
}
