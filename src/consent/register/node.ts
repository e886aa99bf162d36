import { sql } from 'drizzle-orm';
import { invariant } from '../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { emptyHashes, SHARD_LEVELS } from '../../zk/tree.js';

/** A place in the shard: level 0 holds the leaves, level 20 the root. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

export interface ShardNode extends NodePlace {
  readonly hash: bigint;
}

/** Below the size at which the text of one statement becomes unwieldy. */
const ROWS_PER_STATEMENT = 5_000;

const EMPTY = emptyHashes(SHARD_LEVELS);

/** The hash of an empty subtree of that height. */
export function emptyHash(level: number): bigint {
  const hash = EMPTY[level];
  invariant(hash !== undefined, 'a shard has 20 levels');
  return hash;
}

/** The nodes at these places, as last anchored; empty ones are left out. */
export async function readNodes(
  tx: SqlTransaction,
  places: readonly NodePlace[],
): Promise<ShardNode[]> {
  const nodes: ShardNode[] = [];
  for (const chunk of chunksOf(places)) {
    const result = await tx.execute(sql`
      SELECT node.level, node.index, node.hash FROM register_node AS node
      JOIN jsonb_to_recordset(${JSON.stringify(chunk)}::jsonb) AS wanted(level int, index int)
        ON node.level = wanted.level AND node.index = wanted.index`);
    nodes.push(...parseNodes(result));
  }
  return nodes;
}

/** The nodes of one level from `from` up to and without `until`; empty ones are left out. */
export async function readNodeRange(
  tx: SqlTransaction,
  range: { readonly level: number; readonly from: number; readonly until: number },
): Promise<ShardNode[]> {
  const result = await tx.execute(sql`
    SELECT level, index, hash FROM register_node
    WHERE level = ${range.level} AND index >= ${range.from} AND index < ${range.until}`);
  return parseNodes(result);
}

/** The shard root as last anchored. */
export async function readShardRoot(tx: SqlTransaction): Promise<bigint> {
  const [root] = await readNodes(tx, [{ level: SHARD_LEVELS, index: 0 }]);
  return root?.hash ?? emptyHash(SHARD_LEVELS);
}

export async function writeNodes(tx: SqlTransaction, nodes: readonly ShardNode[]): Promise<void> {
  for (const chunk of chunksOf(nodes)) {
    const rows = JSON.stringify(chunk.map((node) => ({ ...node, hash: String(node.hash) })));
    await tx.execute(sql`
      INSERT INTO register_node (level, index, hash)
      SELECT level, index, hash
      FROM jsonb_to_recordset(${rows}::jsonb) AS changed(level int, index int, hash text)
      ON CONFLICT (level, index) DO UPDATE SET hash = excluded.hash`);
  }
}

function parseNodes(result: unknown): ShardNode[] {
  return rowsOf<{ level: number; index: number; hash: string }>(result).map((row) => ({
    level: row.level,
    index: row.index,
    hash: BigInt(row.hash),
  }));
}

function* chunksOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    yield rows.slice(start, start + ROWS_PER_STATEMENT);
  }
}
