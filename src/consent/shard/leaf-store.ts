import { max, sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { ELEMENT_BYTES, elementsToBytes, elementToBytes } from '../base/element.js';
import { arrayOf, type PackedRow, packBytes, rowsFrom, unpack } from '../base/packed.js';
import { type LeafKind, registerLeaf } from '../tables/table-register.js';
import type { LevelChange } from './change.js';

const LEAVES_PER_STATEMENT = 8_192;

/** What the next anchor changes: anchored leaves that were overwritten, and new ones behind them. */
export interface PendingLeaves extends LevelChange {
  /** How many leaves the shard has with these. */
  readonly leavesAfter: number;
  /** Which of the indexes have a value from register_overwrite. */
  readonly overwritten: LevelChange;
}

/** The highest index in use; 0 if there is no leaf. */
export async function lastIndex(tx: SqlTransaction): Promise<number> {
  const [last] = await tx.select({ index: max(registerLeaf.index) }).from(registerLeaf);
  return last?.index ?? 0;
}

/** Adds leaves from that index on. The caller holds the lock on register_leaf. */
export async function insertLeaves(
  tx: SqlTransaction,
  first: number,
  leaves: readonly bigint[],
  kind: LeafKind,
): Promise<void> {
  for (let start = 0; start < leaves.length; start += LEAVES_PER_STATEMENT) {
    const some = leaves.slice(start, start + LEAVES_PER_STATEMENT);
    const indexes = some.map((_, i) => first + start + i);
    await tx.execute(sql`
      INSERT INTO register_leaf (index, leaf, kind)
      SELECT added.number, added.bytes, ${kind}
      FROM ${rowsFrom(indexes, elementsToBytes(some), ELEMENT_BYTES)} AS added`);
  }
}

/**
 * Puts another leaf in the place of each of these at the next anchor, whatever was to be there.
 *
 * @param indexes - of leaves of this shard.
 */
export async function overwriteLeaves(
  tx: SqlTransaction,
  indexes: readonly number[],
  leaf: bigint,
): Promise<void> {
  await lockAgainstWriters(tx, registerLeaf);
  await tx.execute(sql`
    INSERT INTO register_overwrite (index, leaf)
    SELECT DISTINCT index, ${elementToBytes(leaf)}::bytea FROM unnest(${arrayOf(indexes)}) AS index
    ON CONFLICT (index) DO UPDATE SET leaf = excluded.leaf`);
}

/**
 * What to anchor next. Overwritten leaves come first: a withdrawal does not wait behind the leaves
 * of others.
 *
 * @param anchored - how many leaves were anchored.
 * @param limit - leaves at most.
 */
export async function readPending(
  tx: SqlTransaction,
  anchored: number,
  limit: number,
): Promise<PendingLeaves> {
  const old = await readOverwritten(tx, { from: 1, until: anchored + 1 }, limit);
  const added = await readAppended(tx, anchored, limit - old.indexes.length);
  const leavesAfter = anchored + added.indexes.length;
  const early = await readOverwritten(tx, { from: anchored + 1, until: leavesAfter + 1 }, limit);
  return {
    indexes: [...old.indexes, ...added.indexes],
    hashes: Buffer.concat([old.hashes, overlay(added, early)]),
    leavesAfter,
    overwritten: {
      indexes: [...old.indexes, ...early.indexes],
      hashes: Buffer.concat([old.hashes, early.hashes]),
    },
  };
}

/** Ends what was overwritten. A leaf overwritten again meanwhile stays for the next anchor. */
export async function settleOverwritten(
  tx: SqlTransaction,
  { indexes, hashes }: LevelChange,
): Promise<void> {
  for (let start = 0; start < indexes.length; start += LEAVES_PER_STATEMENT) {
    const some = indexes.slice(start, start + LEAVES_PER_STATEMENT);
    const bytes = hashes.subarray(start * ELEMENT_BYTES, (start + some.length) * ELEMENT_BYTES);
    await tx.execute(sql`
      WITH settled AS ${rowsFrom(some, bytes, ELEMENT_BYTES)},
      changed AS (
        UPDATE register_leaf SET leaf = settled.bytes FROM settled
        WHERE register_leaf.index = settled.number)
      DELETE FROM register_overwrite USING settled
      WHERE register_overwrite.index = settled.number
        AND register_overwrite.leaf = settled.bytes`);
  }
}

/** Leaves from one index up to and without another, without gaps, as they are stored. */
export async function readLeaves(
  tx: SqlTransaction,
  { from, until }: { readonly from: number; readonly until: number },
): Promise<LevelChange> {
  const result = await tx.execute(sql`
    SELECT ${packBytes('index', 'leaf')} FROM register_leaf
    WHERE index >= ${from} AND index < ${until}`);
  return toChange(result);
}

/**
 * Rewrites rows of anchored leaves; only a repair may do this. The kind of a lost row is known from
 * the consent at its index.
 */
export async function restoreLeaves(
  tx: SqlTransaction,
  { indexes, hashes }: LevelChange,
): Promise<void> {
  await tx.execute(sql`
    INSERT INTO register_leaf (index, leaf, kind)
    SELECT given.number, given.bytes, CASE
      WHEN EXISTS (SELECT 1 FROM consent WHERE consent.index = given.number) THEN 'CONSENT'
      ELSE 'ACCREDITATION' END
    FROM ${rowsFrom(indexes, hashes, ELEMENT_BYTES)} AS given
    ON CONFLICT (index) DO UPDATE SET leaf = excluded.leaf`);
}

function readAppended(tx: SqlTransaction, anchored: number, limit: number): Promise<LevelChange> {
  return readLeaves(tx, { from: anchored + 1, until: anchored + 1 + Math.max(0, limit) });
}

async function readOverwritten(
  tx: SqlTransaction,
  { from, until }: { readonly from: number; readonly until: number },
  limit: number,
): Promise<LevelChange> {
  const result = await tx.execute(sql`
    SELECT ${packBytes('index', 'leaf')} FROM (
      SELECT index, leaf FROM register_overwrite
      WHERE index >= ${from} AND index < ${until} ORDER BY index LIMIT ${limit}) AS overwritten`);
  return toChange(result);
}

function toChange(result: unknown): LevelChange {
  const { numbers, bytes } = unpack(rowsOf<PackedRow>(result)[0]);
  return { indexes: numbers, hashes: bytes };
}

/** The appended leaves with the values that were overwritten before they were ever anchored. */
function overlay({ indexes, hashes }: LevelChange, early: LevelChange): Uint8Array {
  const first = indexes[0] ?? 0;
  const overlaid = Uint8Array.from(hashes);
  for (const [i, index] of early.indexes.entries()) {
    const value = early.hashes.subarray(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES);
    overlaid.set(value, (index - first) * ELEMENT_BYTES);
  }
  return overlaid;
}
