import { max, sql } from 'drizzle-orm';
import { DomainError, invariant } from '../../core/errors.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { randomField } from '../../zk/field.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { changedNodes, rootOf, siblingPlaces } from './change.js';
import { lockAgainstWriters, readOneState } from './context.js';
import { readNodes, readShardRoot, type ShardNode, writeNodes } from './node.js';
import { type LeafKind, registerLeaf } from './table-register.js';

/** The place of the pad leaf, which each anchor sets to fresh random bytes. */
export const PAD_INDEX = 0;

/** Leaves taken into one anchor; the rest waits for the next. About 4 s of hashing. */
const LEAVES_PER_ANCHOR = 16_384;

/** A shard root that is computed but not yet anchored. Nothing of it is stored or served. */
export interface PreparedAnchor {
  readonly shardRoot: bigint;
  /** How many leaves change, the pad not counted. */
  readonly leaves: number;
  /** Makes this the shard that is served. Only once the ledger confirmed this shard root. */
  commit(): Promise<void>;
}

/**
 * Appends a leaf to this institution's shard; it is under a root from the next anchor on. Places are
 * never used twice: a path kept by a wallet must not come to mean another leaf.
 *
 * @returns its index, from 1.
 * @throws DomainError SHARD_FULL
 */
export async function appendLeaf(
  tx: SqlTransaction,
  leaf: bigint,
  kind: LeafKind,
): Promise<number> {
  await lockAgainstWriters(tx, registerLeaf);
  const [last] = await tx.select({ index: max(registerLeaf.index) }).from(registerLeaf);
  const index = (last?.index ?? PAD_INDEX) + 1;
  if (index >= 2 ** SHARD_LEVELS) throw new DomainError('SHARD_FULL', { leaves: index });
  await tx.insert(registerLeaf).values({ index, leaf: String(leaf), kind, pending: true });
  return index;
}

/**
 * Computes the shard with its pending leaves and a fresh pad leaf. No transaction stays open while
 * the ledger is asked, and a crash before `commit` leaves every pending leaf pending: the next
 * anchor takes it again.
 */
export async function prepareAnchor(db: Database): Promise<PreparedAnchor> {
  const { pending, siblings, base } = await db.transaction(async (tx) => {
    await readOneState(tx);
    const rows = await tx
      .select({ index: registerLeaf.index, leaf: registerLeaf.leaf })
      .from(registerLeaf)
      .where(sql`${registerLeaf.pending}`)
      .orderBy(registerLeaf.index)
      .limit(LEAVES_PER_ANCHOR);
    const places = siblingPlaces([PAD_INDEX, ...rows.map(({ index }) => index)]);
    return {
      pending: rows,
      siblings: await readNodes(tx, places),
      base: await readShardRoot(tx),
    };
  }, 'read');
  const leaves = new Map(pending.map(({ index, leaf }) => [index, BigInt(leaf)]));
  leaves.set(PAD_INDEX, randomField());
  const nodes = await changedNodes(leaves, siblings);
  const shardRoot = rootOf(nodes);
  const commit = () => commitAnchor(db, { base, nodes, pending });
  return { shardRoot, leaves: pending.length, commit };
}

interface AnchorChange {
  /** The shard root that the nodes were computed over. */
  readonly base: bigint;
  readonly nodes: readonly ShardNode[];
  readonly pending: readonly { readonly index: number; readonly leaf: string }[];
}

async function commitAnchor(db: Database, { base, nodes, pending }: AnchorChange): Promise<void> {
  await db.transaction(async (tx) => {
    await lockAgainstWriters(tx, registerLeaf);
    invariant((await readShardRoot(tx)) === base, 'one anchor is prepared and committed at a time');
    await writeNodes(tx, nodes);
    // A leaf overwritten since it was prepared stays pending: the anchored one is the older value.
    await tx.execute(sql`
      UPDATE register_leaf SET pending = false
      FROM jsonb_to_recordset(${JSON.stringify(pending)}::jsonb) AS anchored(index int, leaf text)
      WHERE register_leaf.index = anchored.index AND register_leaf.leaf = anchored.leaf`);
  });
}
