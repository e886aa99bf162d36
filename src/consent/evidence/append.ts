import { randomBytes } from 'node:crypto';
import { inArray, sql } from 'drizzle-orm';
import { type Bytes32, toBytes32 } from '../../core/bytes32.js';
import {
  type EvidenceKind,
  type EvidencePart,
  leafOf,
  logOf,
} from '../../core/evidence/evidence.js';
import type { SqlTransaction } from '../../store/database.js';
import { evidenceEntry } from '../tables/table-evidence.js';

const SALT_BYTES = 32;

/**
 * Appends entries to this institution's log, in the transaction that stores what they are about: one
 * INSERT, however many. They get their places when the next anchor is prepared, so that no append
 * waits for another.
 *
 * @param entries - what each says, as partsOf orders it.
 * @returns the leaf of each, in order: the name under which its evidence is asked for later.
 */
export async function appendEvidence(
  tx: SqlTransaction,
  kind: EvidenceKind,
  entries: readonly (readonly EvidencePart[])[],
): Promise<Bytes32[]> {
  if (entries.length === 0) return [];
  const rows = entries.map((parts) => newEntry(kind, parts));
  // One parameter whatever the number of rows: building thousands of them costs more than hashing.
  await tx.execute(sql`
    INSERT INTO evidence_entry (log, kind, leaf, salt)
    SELECT ${logOf(kind)}, ${kind}, leaf, salt
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS appended(leaf text, salt text)`);
  return rows.map(({ leaf }) => leaf);
}

/** An entry's leaf under a fresh salt, as `evidence_entry` takes them. */
export function newEntry(
  kind: EvidenceKind,
  parts: readonly EvidencePart[],
): { readonly leaf: Bytes32; readonly salt: Bytes32 } {
  const salt = toBytes32(randomBytes(SALT_BYTES));
  return { leaf: leafOf(kind, parts, salt), salt };
}

/**
 * Erases what would tell an entry from a random number. Its leaf stays, so everything else in the
 * log is proven as before; the owner deletes the content in the same transaction.
 */
export async function eraseEvidence(tx: SqlTransaction, leaves: readonly Bytes32[]): Promise<void> {
  if (leaves.length === 0) return;
  await tx
    .update(evidenceEntry)
    .set({ salt: null })
    .where(inArray(evidenceEntry.leaf, [...leaves]));
}
