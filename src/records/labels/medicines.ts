import type { Medication, Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { parseExact } from '../../core/import/exact-json.js';
import { listText } from '../../store/columns.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { saidIn } from '../codes/said.js';
import { codeKey } from '../deidentify/concept.js';
import type { NamesMedication } from '../fhir/medication.js';
import { modifierAgainst } from '../fhir/modifiers.js';
import type { ResourceName } from '../identity/server.js';
import { parseRecord } from '../kinds/parse-record.js';
import { type Displayed, displayWordsOf } from './code-display.js';

/**
 * Records read again per statement: one Medication of a formulary can be used in the whole
 * hospital.
 */
const PAGE_ROWS = 500;
/** Cannot collide with an id: R4's ids have no space. */
const INSIDE = 'the referenced one';

interface Told extends ResourceName {
  readonly patient_id: string;
  /** As JSON. */
  readonly holder: string;
  /** Null if it was deleted. */
  readonly medication: Medication | null;
  /** Key of the Medication. */
  readonly medication_key: string;
  /** Whether a record stored earlier names it too, so that its words are already counted. */
  readonly is_counted: boolean;
}

/**
 * Reads again the records of those resources that name their medicine by reference, and the records
 * that refer to one of those resources as their medicine.
 *
 * @returns the words for the medicines' codes, for code-display.ts to count: each Medication counts
 *   for one patient, however many records refer to it.
 */
export async function readMedicines(
  tx: SqlTransaction,
  names: readonly ResourceName[],
): Promise<readonly Displayed[]> {
  const displayed = new Map<string, Displayed>();
  for (let last: ResourceName | undefined, more = names.length > 0; more; ) {
    const told = await toldBy(tx, names, last);
    await updateRecords(tx, told);
    for (const { patient_id: patientId, medication, ...one } of told) {
      // A Medication shared by many records is a single text: if every record counted, a name in it
      // would reach the minimum by itself.
      if (one.is_counted || displayed.has(one.medication_key)) continue;
      displayed.set(one.medication_key, { patientId, words: displayWordsOf(saidIn(medication)) });
    }
    last = told.at(-1);
    more = told.length === PAGE_ROWS;
  }
  return [...displayed.values()];
}

async function toldBy(
  tx: SqlTransaction,
  names: readonly ResourceName[],
  after: ResourceName | undefined,
): Promise<readonly Told[]> {
  const rows = names.map(({ server, type, id }) => ({ server, type, id }));
  const found = await tx.execute(sql`
    WITH named AS (SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS given(server text, type text, id text))
    SELECT link.server, link.type, link.id, row.patient_id,
      holder.json::text AS holder, medication.json AS medication,
      concat_ws(' ', link.held_server, link.held_id) AS medication_key,
      (link.held_server, link.held_type, link.held_id) NOT IN (SELECT server, type, id FROM named)
        AND EXISTS (SELECT FROM resource_link AS other
          WHERE other.held_type = link.held_type AND other.held_id = link.held_id
            AND other.held_server = link.held_server
            AND (other.server, other.type, other.id) NOT IN (SELECT server, type, id FROM named))
        AS is_counted
    FROM resource_link AS link
    JOIN clinical_record AS row USING (type, id, server)
    JOIN resource AS holder USING (type, id, server)
    JOIN resource AS medication ON medication.type = link.held_type
      AND medication.id = link.held_id AND medication.server = link.held_server
    WHERE link.held_type = 'Medication'
      AND (link.server, link.type, link.id) >
        (${after?.server ?? ''}, ${after?.type ?? ''}, ${after?.id ?? ''})
      AND ((link.server, link.type, link.id) IN (SELECT server, type, id FROM named)
        OR (link.held_server, link.held_type, link.held_id) IN (SELECT server, type, id FROM named))
    ORDER BY link.server, link.type, link.id LIMIT ${PAGE_ROWS}`);
  return rowsOf<Told>(found);
}

async function updateRecords(tx: SqlTransaction, told: readonly Told[]): Promise<void> {
  const rows = told.flatMap(({ server, type, id, holder, medication }) => {
    // As text, because a driver would round decimals.
    const whole = parseExact(holder, JSON.parse) as Resource;
    const record = parseRecord(withMedicine(whole, medication));
    if (record === undefined) return [];
    const codes = listText(record.codes.map(codeKey));
    return [{ server, type, id, codes, content: JSON.stringify(record.content) }];
  });
  if (rows.length === 0) return;
  await tx.execute(sql`
    UPDATE clinical_record AS row SET codes = read.codes::text[], content = read.content::json
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS read(server text, type text, id text, codes text, content text)
    WHERE row.type = read.type AND row.id = read.id AND row.server = read.server`);
}

/** The resource with the Medication contained in it, where all parsers of medicines look. */
function withMedicine(holder: Resource, medication: Medication | null): Resource {
  // A Medication that was entered in error, or has a modifier that is not understood, is ignored.
  const isSaid = medication !== null && modifierAgainst(medication) === undefined;
  const said = isSaid ? medication : { resourceType: 'Medication' };
  const { contained = [] } = holder as NamesMedication;
  return {
    ...holder,
    contained: [...contained, { ...said, id: INSIDE }],
    medicationReference: { reference: `#${INSIDE}` },
  } as Resource;
}
