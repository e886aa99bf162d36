import { type SQL, sql } from 'drizzle-orm';
import type { Permit } from '../consent/gate/permit.js';
import type { Pseudonym, StudyId } from '../core/ids.js';
import { rowsOf, type SqlTransaction } from '../store/database.js';
import { codeKey } from './fhir-concept.js';
import { labelBits } from './fhir-label.js';
import type { Contents, KindName } from './kinds.js';
import type { Demographics } from './model.js';
import type { Place } from './order.js';
import type { RecordQuestion } from './source.js';
import { hasValue, textArray } from './value-filter.js';

/*
 * Every read of participant-level rows: the permits are joined in SQL, so that each participant's
 * rows are bounded by its own scope and window, and any number of participants is one statement.
 */

/** The permits as rows, numbered by their place in the list. */
function permitRows(permits: readonly Permit[]): SQL {
  const rows = permits.map(({ study, pseudonym, dataWindow, labels }, n) => ({
    n,
    study,
    pseudonym,
    from_seconds: dataWindow.from,
    until_seconds: dataWindow.until,
    labels: labelBits(labels),
  }));
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS permit(n integer, study text,
    pseudonym text, from_seconds bigint, until_seconds bigint, labels bigint)`;
}

/** Pseudonyms that these permits name and that this institution has a patient for, in order. */
export async function readSubjects(
  tx: SqlTransaction,
  permits: readonly Permit[],
  after: string,
  limit: number,
): Promise<readonly Pseudonym[]> {
  const found = await tx.execute(sql`
    SELECT DISTINCT subject.pseudonym COLLATE "C" AS pseudonym
    FROM ${permitRows(permits)} JOIN research_subject AS subject USING (study, pseudonym)
    WHERE subject.pseudonym COLLATE "C" > ${after}
    ORDER BY 1 LIMIT ${limit}`);
  return rowsOf<{ pseudonym: Pseudonym }>(found).map(({ pseudonym }) => pseudonym);
}

/** A row as it is stored, and the permit that opened it. */
export interface PermittedRow<Content> {
  readonly permit: number;
  readonly pseudonym: Pseudonym;
  readonly study: StudyId;
  readonly id: string;
  readonly content: Content;
}

/**
 * Reads one kind of many participants: for each, at least the first `question.first + 1` rows
 * that come after `after`, if there are as many.
 *
 * Rows of one moment come all or none, in no order: theirs is that of their outward ids, which
 * the database does not know.
 */
export async function readTimeline<Name extends KindName>(
  tx: SqlTransaction,
  permits: readonly Permit[],
  kind: Name,
  question: RecordQuestion,
  after: Place | undefined,
): Promise<readonly PermittedRow<Contents[Name]>[]> {
  const start = after?.moment ?? -1;
  const found = await tx.execute(sql`
    WITH opened AS (
      SELECT DISTINCT ON (permit.pseudonym, row.id)
        permit.n AS permit, permit.pseudonym, permit.study, row.id, row.at_seconds, row.content
      FROM ${permitRows(permits)}
      JOIN research_subject AS subject USING (study, pseudonym)
      JOIN clinical_record AS row ON row.patient_id = subject.patient_id
      WHERE row.type = ${kind}
        AND row.from_seconds >= permit.from_seconds
        AND row.until_seconds <= permit.until_seconds
        AND row.labels & ~permit.labels = 0
        AND row.at_seconds >= ${start}
        ${filtersOf(question)}
      ORDER BY permit.pseudonym, row.id, permit.n
    ), ranked AS (
      SELECT *, rank() OVER (
        PARTITION BY pseudonym, at_seconds > ${start} ORDER BY at_seconds
      ) AS place FROM opened
    )
    SELECT permit, pseudonym, study, id, content FROM ranked
    WHERE place <= ${question.first + 1}`);
  return rowsOf<PermittedRow<Contents[Name]>>(found);
}

function filtersOf({ codes, categories, value, from, until }: RecordQuestion): SQL {
  const filters: SQL[] = [];
  if (codes !== null) filters.push(sql`AND row.codes && ${textArray(codes.map(codeKey))}`);
  if (categories !== null) filters.push(sql`AND row.categories && ${textArray(categories)}`);
  if (value !== null) filters.push(sql`AND ${hasValue(value)}`);
  if (from !== null) filters.push(sql`AND row.at_seconds >= ${from}`);
  if (until !== null) filters.push(sql`AND row.at_seconds < ${until}`);
  return sql.join(filters, sql` `);
}

/** Reads the demographics of many participants; a patient's birth date carries no data date. */
export async function readDemographics(
  tx: SqlTransaction,
  permits: readonly Permit[],
): Promise<readonly PermittedRow<Omit<Demographics, 'custodian'>>[]> {
  const found = await tx.execute(sql`
    SELECT DISTINCT ON (permit.pseudonym) permit.n AS permit, permit.pseudonym, permit.study,
      person.id, jsonb_build_object('sex', person.sex, 'birthYear', person.birth_year) AS content
    FROM ${permitRows(permits)}
    JOIN research_subject AS subject USING (study, pseudonym)
    JOIN patient AS person ON person.id = subject.patient_id
    WHERE person.labels & ~permit.labels = 0
    ORDER BY permit.pseudonym, permit.n`);
  return rowsOf<PermittedRow<Omit<Demographics, 'custodian'>>>(found);
}
