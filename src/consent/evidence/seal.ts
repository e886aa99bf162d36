import { randomBytes } from 'node:crypto';
import { and, desc, eq, sql } from 'drizzle-orm';
import { type Bytes32, fromBytes32, toBytes32, ZERO_HEAD } from '../../core/bytes32.js';
import { type EvidenceLog, headOf } from '../../core/evidence/evidence.js';
import { treeHash } from '../../core/evidence/merkle-tree.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { evidenceHead, evidenceTile } from '../tables/table-evidence.js';
import { hashesIn, hashesOfRanges, keyOfTile, readTiles, TILE_WIDTH } from './tile.js';

/** Entries given their places in one statement. */
const ENTRIES_PER_SEAL = 8_192;
/** Keeps one INSERT below the 65,535 parameters that the wire protocol counts. */
const TILES_PER_INSERT = 256;

/** What a head in a digest hides. */
export interface OpenedHead {
  readonly size: number;
  readonly root: Bytes32;
  readonly salt: Bytes32;
}

/**
 * Gives every entry since the last call its place in the log, in the order of their ids, and closes
 * the tree over them. Done once per anchor rather than with each append: a tree written by each
 * request would make all requests wait for each other.
 *
 * @returns the log's head under a fresh salt; zeros while the log is empty.
 */
export async function sealLog(tx: SqlTransaction, log: EvidenceLog): Promise<Bytes32> {
  await lockAgainstWriters(tx, evidenceTile);
  let size = await sizeOf(tx, log);
  for (;;) {
    const leaves = await placeEntries(tx, log, size);
    await growTree(tx, log, size, leaves);
    size += leaves.length;
    if (leaves.length < ENTRIES_PER_SEAL) break;
  }
  if (size === 0) return ZERO_HEAD;
  const [root = ZERO_HEAD] = await hashesOfRanges(tx, log, [{ from: 0, until: size }]);
  const opened = { size, root, salt: toBytes32(randomBytes(32)) };
  const head = headOf(log, opened);
  await tx.insert(evidenceHead).values({ log, head, ...opened });
  return head;
}

/** What is in a head that this institution made. @returns undefined for another's, and for zeros. */
export async function openHead(
  tx: SqlTransaction,
  log: EvidenceLog,
  head: Bytes32,
): Promise<OpenedHead | undefined> {
  const of = and(eq(evidenceHead.log, log), eq(evidenceHead.head, head));
  const { size, root, salt } = evidenceHead;
  const [row] = await tx.select({ size, root, salt }).from(evidenceHead).where(of);
  return row;
}

/** Entries that have their place. */
export async function sizeOf(tx: SqlTransaction, log: EvidenceLog): Promise<number> {
  const [last] = await tx
    .select({ size: evidenceHead.size })
    .from(evidenceHead)
    .where(eq(evidenceHead.log, log))
    .orderBy(desc(evidenceHead.size))
    .limit(1);
  return last?.size ?? 0;
}

/** Entries of transactions that end later come later, whatever their ids: a place is for ever. */
async function placeEntries(
  tx: SqlTransaction,
  log: EvidenceLog,
  size: number,
): Promise<Uint8Array[]> {
  const placed = await tx.execute(sql`
    UPDATE evidence_entry SET position = unsealed.position
    FROM (
      SELECT id, ${size}::bigint + row_number() OVER (ORDER BY id) - 1 AS position
      FROM evidence_entry WHERE log = ${log} AND position IS NULL
      ORDER BY id LIMIT ${ENTRIES_PER_SEAL}
    ) AS unsealed
    WHERE evidence_entry.id = unsealed.id
    RETURNING evidence_entry.position, evidence_entry.leaf`);
  const rows = rowsOf<{ position: string | number; leaf: Bytes32 }>(placed);
  return [...rows]
    .sort((a, b) => Number(a.position) - Number(b.position))
    .map(({ leaf }) => fromBytes32(leaf));
}

/** Appends leaves to the stored tree, and to each storey above a hash for every tile now full. */
async function growTree(
  tx: SqlTransaction,
  log: EvidenceLog,
  size: number,
  leaves: readonly Uint8Array[],
): Promise<void> {
  let added = leaves;
  let before = size;
  for (let level = 0; added.length > 0; level += 1) {
    const first = Math.floor(before / TILE_WIDTH);
    const place = { level, number: first };
    const stored = await readTiles(tx, log, [place]);
    const hashes = [...hashesIn(stored.get(keyOfTile(place)) ?? ''), ...added];
    const tiles = Array.from({ length: Math.ceil(hashes.length / TILE_WIDTH) }, (_, i) => ({
      number: first + i,
      hashes: hashes.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH),
    }));
    await writeTiles(tx, log, level, tiles);
    added = tiles
      .filter((tile) => tile.hashes.length === TILE_WIDTH)
      .map((t) => treeHash(t.hashes));
    before = first;
  }
}

async function writeTiles(
  tx: SqlTransaction,
  log: EvidenceLog,
  level: number,
  tiles: readonly { readonly number: number; readonly hashes: readonly Uint8Array[] }[],
): Promise<void> {
  const rows = tiles.map(({ number, hashes }) => {
    const text = hashes.map((hash) => toBytes32(hash).slice(2)).join('');
    return { log, level, number, hashes: text };
  });
  for (let start = 0; start < rows.length; start += TILES_PER_INSERT) {
    await tx
      .insert(evidenceTile)
      .values(rows.slice(start, start + TILES_PER_INSERT))
      .onConflictDoUpdate({
        target: [evidenceTile.log, evidenceTile.level, evidenceTile.number],
        set: { hashes: sql`excluded.hashes` },
      });
  }
}
