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
  const told = sql`jsonb_to_recordset(${`[${rows.join(',')}]`}::jsonb)
    AS told(code text, display text, patient_id text)`;
  const counted = await tx.execute(sql`
    INSERT INTO code_display (code, display, patient_id)
    SELECT code, display, patient_id FROM ${told}
    WHERE (SELECT count(*) FROM code_display AS known
      WHERE known.code = told.code AND known.display = told.display) < ${SHARED_BY_PATIENTS}
    ORDER BY code, display, patient_id
    ON CONFLICT DO NOTHING RETURNING code`);
  const codes = [...new Set(rowsOf<{ code: string }>(counted).map(({ code }) => code))];
  if (codes.length > 0) await keepWords(tx, codes);
}

/** Of several words that enough share, the first in order: it does not depend on who came first. */
async function keepWords(tx: SqlTransaction, codes: readonly string[]): Promise<void> {
  await tx.execute(sql`
    INSERT INTO code_word (code, display)
    SELECT DISTINCT ON (code) code, display FROM (
      SELECT code, display FROM code_display
      WHERE code IN (SELECT jsonb_array_elements_text(${JSON.stringify(codes)}::jsonb))
      GROUP BY code, display HAVING count(*) >= ${SHARED_BY_PATIENTS}
    ) AS shared
    ORDER BY code, display COLLATE "C"
    ON CONFLICT (code) DO UPDATE SET display = excluded.display
    WHERE code_word.display <> excluded.display`);
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

/** Copies of the records in which each code has the words that enough patients share, or none. */
export async function withDisplays<Row extends object>(
  tx: SqlTransaction,
  records: readonly Row[],
): Promise<readonly Row[]> {
  const codes = new Set(records.flatMap((record) => [...codingsIn(record)].map(keyOf)));
  if (codes.size === 0) return records;
  const found = await tx.execute(sql`
    SELECT code, display FROM code_word
    WHERE code IN (SELECT jsonb_array_elements_text(${JSON.stringify([...codes])}::jsonb))`);
  const shared = new Map(
    rowsOf<{ code: string; display: string }>(found).map(({ code, display }) => [code, display]),
  );
  return records.map((record) => fill(record, shared) as Row);
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
