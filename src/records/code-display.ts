import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../store/database.js';
import { codeKey } from './fhir-concept.js';
import { codingsIn } from './fhir-walk.js';
import type { Coding } from './model.js';
import { isPublishedCode } from './terminology.js';

/*
 * What a code is called. Coding.display is typed in or copied by whoever writes the record, and
 * can hold anything, a name for one. So no row shows its own: a code is shown with words that the
 * records of many patients here share, which are nobody's in particular.
 */

/** Patients whose records must carry the same words; as many as a count needs to be told. */
export const SHARED_BY_PATIENTS = 11;
const MAX_DISPLAY = 120;

interface Displayed {
  readonly patientId: string | null;
  readonly json: Resource;
  /** Undefined for a type that this room answers nothing of: its codes need no words. */
  readonly record: object | undefined;
}

/** Counts those words, each patient once for the same. @param displays - of displaysIn, as JSON. */
export async function countDisplays(
  tx: SqlTransaction,
  displays: readonly string[],
): Promise<void> {
  const rows = [...new Set(displays)];
  if (rows.length === 0) return;
  await tx.execute(sql`
    INSERT INTO code_display (code, display, patient_id)
    SELECT code, display, patient_id
    FROM jsonb_to_recordset(${`[${rows.join(',')}]`}::jsonb)
      AS told(code text, display text, patient_id text)
    WHERE (SELECT count(*) FROM code_display AS known
      WHERE known.code = told.code AND known.display = told.display) < ${SHARED_BY_PATIENTS}
    ORDER BY code, display, patient_id
    ON CONFLICT DO NOTHING`);
}

/** The words for published codes in a resource, as rows of code_display. */
export function displaysIn({ patientId, json, record }: Displayed) {
  if (patientId === null || record === undefined) return [];
  return [...codingsIn(json)].flatMap(({ system = '', code = '', display }) =>
    display !== undefined && display.length <= MAX_DISPLAY && isPublishedCode(system, code)
      ? [{ code: codeKey({ system, code }), display, patient_id: patientId }]
      : [],
  );
}

/** Copies of the rows in which each code has the words that enough patients share, or none. */
export async function withDisplays<Row extends { readonly content: object }>(
  tx: SqlTransaction,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const codes = new Set(rows.flatMap(({ content }) => [...codingsIn(content)].map(keyOf)));
  if (codes.size === 0) return rows;
  const found = await tx.execute(sql`
    SELECT DISTINCT ON (code) code, display FROM (
      SELECT code, display FROM code_display
      WHERE code IN (SELECT jsonb_array_elements_text(${JSON.stringify([...codes])}::jsonb))
      GROUP BY code, display HAVING count(*) >= ${SHARED_BY_PATIENTS}
    ) AS shared
    ORDER BY code, display COLLATE "C"`);
  const shared = new Map(
    rowsOf<{ code: string; display: string }>(found).map(({ code, display }) => [code, display]),
  );
  return rows.map((row) => ({ ...row, content: fill(row.content, shared) as object }));
}

function fill(value: unknown, shared: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => fill(one, shared));
  if ('system' in value && 'display' in value) {
    return { ...value, display: shared.get(keyOf(value as Coding)) ?? null };
  }
  const entries = Object.entries(value).map(([key, one]) => [key, fill(one, shared)]);
  return Object.fromEntries(entries);
}

function keyOf({ system = '', code = '' }: { readonly system?: string; readonly code?: string }) {
  return codeKey({ system, code });
}
