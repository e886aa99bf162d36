import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { type Said, saidIn } from '../codes/said.js';
import { codeKey } from '../deidentify/concept.js';
import { isPublishedCode } from '../deidentify/terminology.js';
import type { Coding } from '../model/model.js';

/*
 * The display words of codes. Coding.display is typed in or copied by the writer of a record, and
 * can contain anything, even a name. So no row shows its own: a code is shown with words that the
 * records of many patients here share, which cannot identify anybody.
 */

/** Patients whose records must have the same words; the same minimum as for released counts. */
export const SHARED_BY_PATIENTS = 11;
const MAX_DISPLAY = 120;

/** The words that a patient's record has for its codes. */
export interface Displayed {
  readonly patientId: string;
  /** As displayWordsOf returns them. */
  readonly words: readonly string[];
}

/** Maximum number of cached words: about as many as published codes in use. */
const MAX_SETTLED = 50_000;

/**
 * Words that enough patients already share, so that an import need not count them again. Use one
 * per import, which ends if a transaction fails: the rolled-back transaction may be the one whose
 * words were read.
 */
export class SettledWords {
  private readonly settled = new Set<string>();

  /** The words among these that must still be counted. */
  async notSettled(tx: SqlTransaction, words: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const open = new Set([...words].filter((word) => !this.settled.has(word)));
    if (open.size === 0) return open;
    const found = await tx.execute(sql`
      SELECT told.code, told.display FROM ${listOf([...open])} AS told(code text, display text)
      WHERE (SELECT count(*) FROM code_display AS known
        WHERE known.code = told.code AND known.display = told.display) >= ${SHARED_BY_PATIENTS}`);
    if (this.settled.size > MAX_SETTLED) this.settled.clear();
    for (const { code, display } of rowsOf<{ code: string; display: string }>(found)) {
      const word = wordFor(code, display);
      this.settled.add(word);
      open.delete(word);
    }
    return open;
  }
}

/** Counts these words, each once per patient. */
export async function countDisplays(
  tx: SqlTransaction,
  displayed: readonly Displayed[],
  settled: SettledWords,
): Promise<void> {
  const told = new Set(displayed.flatMap(({ words }) => words));
  const open = await settled.notSettled(tx, told);
  if (open.size === 0) return;
  const rows = displayed.flatMap(({ patientId, words }) =>
    words
      .filter((word) => open.has(word))
      .map((word) => `{"patient_id":${JSON.stringify(patientId)},${word.slice(1)}`),
  );
  const counted = await tx.execute(sql`
    INSERT INTO code_display (code, display, patient_id)
    SELECT DISTINCT code, display, patient_id
    FROM ${listOf(rows)} AS told(code text, display text, patient_id text)
    ORDER BY code, display, patient_id
    ON CONFLICT DO NOTHING RETURNING code`);
  const codes = [...new Set(rowsOf<{ code: string }>(counted).map(({ code }) => code))];
  if (codes.length > 0) await keepWords(tx, codes);
}

function listOf(rows: readonly string[]) {
  return sql`jsonb_to_recordset(${`[${rows.join(',')}]`}::jsonb)`;
}

/**
 * If enough patients share several words, the first in sort order is shown, whichever came first.
 */
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

/** The display words for published codes in a resource, each as JSON text of code and display. */
export function displayWordsOf({ codings }: Said): readonly string[] {
  return codings.flatMap(({ system = '', code = '', display }) =>
    display !== undefined && display.length <= MAX_DISPLAY && isPublishedCode(system, code)
      ? [wordFor(codeKey({ system, code }), display)]
      : [],
  );
}

function wordFor(code: string, display: string): string {
  return JSON.stringify({ code, display });
}

/** Copies of the records in which each code has the shared words, or none. */
export async function withDisplays<Row extends object>(
  tx: SqlTransaction,
  records: readonly Row[],
): Promise<readonly Row[]> {
  const codes = new Set(saidIn(records).codings.map(keyOf));
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
