import { and, eq, inArray, or } from 'drizzle-orm';
import { type Bytes32, fromBytes32, toBytes32 } from '../../core/bytes32.js';
import { invariant } from '../../core/errors.js';
import type { EvidenceLog } from '../../core/evidence/evidence.js';
import {
  fullNodesOf,
  joinNodes,
  type LeafRange,
  type TreeNode,
  treeHash,
} from '../../core/evidence/merkle-tree.js';
import type { SqlTransaction } from '../../store/database.js';
import { evidenceTile } from '../tables/table-evidence.js';

/** Levels of the tree that one tile spans. */
const TILE_LEVELS = 8;
/** Hashes in a full tile. */
export const TILE_WIDTH = 2 ** TILE_LEVELS;

const HEX_DIGITS = 64;

/** Where a tile stands: its storey of eight levels, and its place there. */
export interface TilePlace {
  readonly level: number;
  readonly number: number;
}

export const keyOfTile = ({ level, number }: TilePlace): string => `${level}/${number}`;

/** The hashes of subtrees of a log, in the order asked: one statement, however many. */
export async function hashesOfRanges(
  tx: SqlTransaction,
  log: EvidenceLog,
  ranges: readonly LeafRange[],
): Promise<Bytes32[]> {
  const nodes = ranges.map(fullNodesOf);
  const tiles = await readTiles(tx, log, nodes.flat().map(tileOf));
  return nodes.map((parts) => toBytes32(joinNodes(parts.map((node) => hashIn(tiles, node)))));
}

/** Stored tiles by keyOfTile; one that is not stored is left out. */
export async function readTiles(
  tx: SqlTransaction,
  log: EvidenceLog,
  places: readonly TilePlace[],
): Promise<Map<string, string>> {
  const numbers = new Map<number, Set<number>>();
  for (const { level, number } of places) {
    numbers.set(level, (numbers.get(level) ?? new Set()).add(number));
  }
  const wanted = [...numbers].map(([level, of]) =>
    and(eq(evidenceTile.level, level), inArray(evidenceTile.number, [...of])),
  );
  if (wanted.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(evidenceTile)
    .where(and(eq(evidenceTile.log, log), or(...wanted)));
  return new Map(rows.map((row) => [keyOfTile(row), row.hashes]));
}

/** The hashes in a tile's text. */
export function hashesIn(text: string): Uint8Array[] {
  return Array.from({ length: text.length / HEX_DIGITS }, (_, i) =>
    fromBytes32(`0x${text.slice(i * HEX_DIGITS, (i + 1) * HEX_DIGITS)}`),
  );
}

/** The tile that holds what a node is hashed from. */
function tileOf({ level, index }: TreeNode): TilePlace {
  const leavesPerNode = 2 ** (level % TILE_LEVELS);
  const number = Math.floor((index * leavesPerNode) / TILE_WIDTH);
  return { level: Math.floor(level / TILE_LEVELS), number };
}

function hashIn(tiles: ReadonlyMap<string, string>, node: TreeNode): Uint8Array {
  const text = tiles.get(keyOfTile(tileOf(node)));
  const width = 2 ** (node.level % TILE_LEVELS);
  const from = (node.index * width) % TILE_WIDTH;
  const hashes = hashesIn(text?.slice(from * HEX_DIGITS, (from + width) * HEX_DIGITS) ?? '');
  invariant(hashes.length === width, 'a sealed tree is stored whole');
  return treeHash(hashes);
}
