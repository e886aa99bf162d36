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

/** Records read again in one statement: a formulary's Medication can be that of a whole hospital. */
const PAGE_ROWS = 500;
/** No id of R4 has a space. */
const INSIDE = 'the referenced one';

interface Told extends ResourceName {
  readonly patient_id: string;
  /** As JSON. */
  readonly holder: string;
  /** Null if it was deleted. */
  readonly medication: Medication | null;
  /** The Medication, as a key. */
  readonly medication_key: string;
  /** Whether a record that was stored before names it too: its words are counted. */
  readonly is_counted: boolean;
}

/**
 * Reads the records of those resources once more that name their medicine by reference, and the
 * records that name one of those resources as theirs.
 *
 * @returns the words for the medicines' codes, for code-display.ts to count: those of one Medication for
 *   one patient, however many name it.
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
      // One text that many records share is one text: a name in it would be shown by its own count.
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
    // As text, because a driver would round its decimals.
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

/** The resource as if the Medication were inside it, where every reader of medicines looks. */
function withMedicine(holder: Resource, medication: Medication | null): Resource {
  // One that was entered in error, or changed by what nobody here understands, says nothing.
  const isSaid = medication !== null && modifierAgainst(medication) === undefined;
  const said = isSaid ? medication : { resourceType: 'Medication' };
  const { contained = [] } = holder as NamesMedication;
  return {
    ...holder,
    contained: [...contained, { ...said, id: INSIDE }],
    medicationReference: { reference: `#${INSIDE}` },
  } as Resource;
}
