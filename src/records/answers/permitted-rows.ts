import { type SQL, sql } from 'drizzle-orm';
import type { Permit } from '../../consent/gate/permit.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import { hasNoEnd, MAX_TIME_SECONDS } from '../../core/time.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { coarsenDates, yearPeriod } from '../deidentify/coarse-date.js';
import { codeKey } from '../deidentify/concept.js';
import type { Contents, KindName } from '../kinds/kinds.js';
import { labelBits } from '../labels/label.js';
import type { Demographics } from '../model/model.js';
import type { RowPlace } from '../model/order.js';
import { joinRecords, joinShownPatient } from './opened-records.js';
import type { RecordQuestion } from './records-source.js';
import { hasValue, textArray } from './value-filter.js';
import { opens } from './withheld.js';

/*
 * Every read of participant-level rows: the permits are joined in SQL, so that each participant's
 * rows are bounded by its own scope and window, and any number of participants is one statement.
 */

/** The permits as rows, numbered by their index in the list. */
function permitRows(permits: readonly Permit[]): SQL {
  const rows = permits.map((permit, n) => ({
    n,
    study: permit.study,
    pseudonym: permit.pseudonym,
    from_seconds: permit.dataWindow.from,
    // A window without an end covers rows that have no end.
    until_seconds: hasNoEnd(permit.dataWindow.until) ? MAX_TIME_SECONDS : permit.dataWindow.until,
    labels: labelBits(permit.labels),
    exact: opens(permit, 'EXACT_DATE'),
  }));
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS permit(n integer, study text,
    pseudonym text, from_seconds bigint, until_seconds bigint, labels bigint,
    exact boolean)`;
}

/**
 * Pseudonyms of a study that these permits name and that have a patient at this institution, in
 * order. They are looked up in batches a little larger than the page: most of them are here, and
 * there may be thousands.
 */
export async function readSubjects(
  tx: SqlTransaction,
  permits: readonly Permit[],
  after: string,
  limit: number,
): Promise<readonly Pseudonym[]> {
  const [study] = permits.map((permit) => permit.study);
  const named = new Set(permits.map(({ pseudonym }) => pseudonym));
  const candidates = [...named].filter((pseudonym) => pseudonym > after).sort();
  const found: Pseudonym[] = [];
  for (let size = 2 * limit; candidates.length > 0 && found.length < limit; size *= 2) {
    const some = JSON.stringify(candidates.splice(0, size));
    const rows = await tx.execute(sql`
      SELECT pseudonym FROM research_subject
      WHERE study = ${study}
        AND pseudonym IN (SELECT jsonb_array_elements_text(${some}::jsonb))
      ORDER BY pseudonym COLLATE "C"`);
    found.push(...rowsOf<{ pseudonym: Pseudonym }>(rows).map(({ pseudonym }) => pseudonym));
  }
  return found.slice(0, limit);
}

/** A stored row, and the permit that opened it. */
export interface PermittedRow<Content> {
  readonly permit: number;
  readonly pseudonym: Pseudonym;
  readonly study: StudyId;
  /** The server that assigned `id`. */
  readonly server: string;
  readonly id: string;
  readonly content: Content;
}

/**
 * Reads one kind of many participants: for each, at least the first `question.first + 1` rows
 * that come after `after`, if there are as many.
 *
 * Without EXACT_DATE, the window, the filter, the order and the released row all use years only. If
 * one of them were exact, a requester could find the date by bisection.
 *
 * Rows of the same moment are all returned or none, in no particular order: they are sorted later
 * by their outward ids, which the database does not know.
 *
 * @param oldestYear - earlier years are shown as this one, where dates are not exact.
 */
export async function readTimeline<Name extends KindName>(
  tx: SqlTransaction,
  permits: readonly Permit[],
  kind: Name,
  question: RecordQuestion,
  after: RowPlace | undefined,
  oldestYear: number,
): Promise<readonly PermittedRow<Contents[Name]>[]> {
  const start = after?.moment ?? -1;
  const shown = shownPlace(oldestYear);
  const found = await tx.execute(sql`
    WITH opened AS (
      SELECT DISTINCT ON (permit.pseudonym, row.server, row.id)
        permit.n AS permit, permit.pseudonym, permit.study, row.server, row.id,
        ${shown.at} AS at_seconds, row.content
      FROM ${permitRows(permits)}
      JOIN research_subject AS subject USING (study, pseudonym)
      ${joinRecords()}
      JOIN clinical_record AS row ON row.patient_id = record.id
      WHERE row.type = ${kind}
        AND ${shown.from} >= permit.from_seconds
        AND ${shown.until} <= permit.until_seconds
        AND row.labels & ~permit.labels = 0
        ${codeFiltersOf(question)}
      ORDER BY permit.pseudonym, row.server, row.id, permit.exact DESC, permit.n
    ), ranked AS (
      SELECT *, rank() OVER (
        PARTITION BY pseudonym, at_seconds > ${start} ORDER BY at_seconds
      ) AS place FROM opened
      WHERE at_seconds >= ${start} ${timeFiltersOf(question)}
    )
    SELECT permit, pseudonym, study, server, id, content FROM ranked
    WHERE place <= ${question.first + 1}`);
  return rowsOf<PermittedRow<Contents[Name]>>(found).map((row) => {
    const permit = permits[row.permit];
    if (permit !== undefined && opens(permit, 'EXACT_DATE')) return row;
    return { ...row, content: coarsenDates(row.content, oldestYear) };
  });
}

/** A row's moment and span as its permit shows them. Without a date they are 0 and all time. */
function shownPlace(oldestYear: number): Readonly<Record<'at' | 'from' | 'until', SQL>> {
  const oldest = yearPeriod(oldestYear);
  return {
    at: sql`CASE WHEN permit.exact THEN row.at_seconds WHEN row.year_at_seconds = 0 THEN 0
      ELSE GREATEST(row.year_at_seconds, ${oldest.from}) END`,
    from: sql`CASE WHEN permit.exact THEN row.from_seconds WHEN row.year_from_seconds = 0 THEN 0
      ELSE GREATEST(row.year_from_seconds, ${oldest.from}) END`,
    until: sql`CASE WHEN permit.exact THEN row.until_seconds
      ELSE GREATEST(row.year_until_seconds, ${oldest.until}) END`,
  };
}

function codeFiltersOf({ codes, categories, value }: RecordQuestion): SQL {
  const filters: SQL[] = [];
  if (codes !== null) filters.push(sql`AND row.codes && ${textArray(codes.map(codeKey))}`);
  if (categories !== null) filters.push(sql`AND row.categories && ${textArray(categories)}`);
  if (value !== null) filters.push(sql`AND ${hasValue(value)}`);
  return sql.join(filters, sql` `);
}

/**
 * Applied after one permit is chosen for each row, because the permit decides how exact its moment
 * is.
 */
function timeFiltersOf({ from, until }: RecordQuestion): SQL {
  const filters: SQL[] = [];
  if (from !== null) filters.push(sql`AND at_seconds >= ${from}`);
  if (until !== null) filters.push(sql`AND at_seconds < ${until}`);
  return sql.join(filters, sql` `);
}

/** Reads the demographics of many participants. They carry no data date, so no window applies. */
export async function readDemographics(
  tx: SqlTransaction,
  permits: readonly Permit[],
): Promise<readonly PermittedRow<Omit<Demographics, 'custodian'>>[]> {
  const found = await tx.execute(sql`
    SELECT DISTINCT ON (permit.pseudonym) permit.n AS permit, permit.pseudonym, permit.study,
      '' AS server, person.id, jsonb_build_object('sex', person.sex, 'birthYear', person.birth_year) AS content
    FROM ${permitRows(permits)}
    JOIN research_subject AS subject USING (study, pseudonym)
    ${joinShownPatient()}
    JOIN patient AS person ON person.id = shown.id
    WHERE person.labels & ~permit.labels = 0
    ORDER BY permit.pseudonym, permit.n`);
  return rowsOf<PermittedRow<Omit<Demographics, 'custodian'>>>(found);
}
