import { eq, sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { elementToBytes } from '../base/element.js';
import { arrayOf, type PackedRow, packBytes, rowsFrom, unpack } from '../base/packed.js';
import { registerShard } from '../tables/table-register.js';
import { emptyHash, emptyPages, PAGE_BYTES, type TierPages } from './page.js';

/** Pages in one statement: about 1 MB of them. */
const PAGES_PER_STATEMENT = 512;
const ONLY_ROW = 1;

/** What the pages were made of when an anchor was last confirmed. */
export interface ShardState {
  /** How many leaves were anchored, the pad not counted: those with the indexes from 1. */
  readonly leaves: number;
  readonly pad: Uint8Array;
  readonly shardRoot: Uint8Array;
}

const NEVER_ANCHORED: ShardState = {
  leaves: 0,
  pad: elementToBytes(emptyHash(0)),
  shardRoot: elementToBytes(emptyHash(SHARD_LEVELS)),
};

/** The shard as last anchored. */
export async function readShardState(tx: SqlTransaction): Promise<ShardState> {
  const [row] = await tx.select().from(registerShard).where(eq(registerShard.id, ONLY_ROW));
  return row ?? NEVER_ANCHORED;
}

export async function writeShardState(tx: SqlTransaction, state: ShardState): Promise<void> {
  const { leaves, pad, shardRoot } = state;
  await tx
    .insert(registerShard)
    .values({ id: ONLY_ROW, leaves, pad, shardRoot })
    .onConflictDoUpdate({ target: registerShard.id, set: { leaves, pad, shardRoot } });
}

/** These pages of a tier, in bytes of their own; those that are not stored are empty. */
export async function readPages(
  tx: SqlTransaction,
  tier: number,
  numbers: readonly number[],
): Promise<TierPages> {
  const pages = emptyPages(tier, numbers);
  for (let start = 0; start < numbers.length; start += PAGES_PER_STATEMENT) {
    const asked = numbers.slice(start, start + PAGES_PER_STATEMENT);
    const result = await tx.execute(sql`
      SELECT ${packBytes('number', 'nodes')} FROM register_page
      WHERE tier = ${tier} AND number = ANY(${arrayOf(asked)})`);
    const stored = unpack(rowsOf<PackedRow>(result)[0]);
    let position = start;
    for (const [i, number] of stored.numbers.entries()) {
      while (numbers[position] !== number) position += 1;
      const page = stored.bytes.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
      pages.nodes.set(page, position * PAGE_BYTES);
    }
  }
  return pages;
}

export async function writePages(tx: SqlTransaction, pages: TierPages): Promise<void> {
  const { tier, numbers, nodes } = pages;
  for (let start = 0; start < numbers.length; start += PAGES_PER_STATEMENT) {
    const end = Math.min(start + PAGES_PER_STATEMENT, numbers.length);
    const some = nodes.subarray(start * PAGE_BYTES, end * PAGE_BYTES);
    await tx.execute(sql`
      INSERT INTO register_page (tier, number, nodes)
      SELECT ${tier}::smallint, changed.number, changed.bytes
      FROM ${rowsFrom(numbers.slice(start, end), some, PAGE_BYTES)} AS changed
      ON CONFLICT (tier, number) DO UPDATE SET nodes = excluded.nodes`);
  }
}
