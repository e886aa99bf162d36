import { eq, sql } from 'drizzle-orm';
import { elementFromBytes } from '../../../src/consent/base/element.js';
import { examineShard, isSound } from '../../../src/consent/shard/consistency.js';
import { emptyHash } from '../../../src/consent/shard/page.js';
import { readSubtree, SUBTREE_LEAVES } from '../../../src/consent/shard/subtree.js';
import {
  consent,
  registerLeaf,
  registerOverwrite,
} from '../../../src/consent/tables/table-register.js';
import type { Database } from '../../../src/store/database.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { SHARD_LEVELS, SparseTree } from '../../../src/zk/tree.js';
import { confirmedRoots, type JournalEntry, readJournal } from './shard-journal.js';

/** What a restarted register is found to be. Every list is empty if nothing was broken. */
export interface ShardFindings {
  /** The product's own check. */
  readonly sound: boolean;
  /** Whether the plain tree of the leaves that are served has the root that is served. */
  readonly isTreeOfItsLeaves: boolean;
  /** Whether that root was confirmed by the ledger, or is that of the empty tree. */
  readonly isAnchored: boolean;
  /** Indexes whose leaf is not what was acknowledged. */
  readonly lost: readonly number[];
  /** Indexes of erased consents that still have their plaintext. */
  readonly kept: readonly number[];
  readonly leaves: number;
}

export async function findingsOf(
  db: Database,
  files: { readonly journal: string; readonly ledger: string },
): Promise<ShardFindings> {
  const report = await examineShard(db);
  const { shardRoot } = await readSubtree(db, 0);
  const entries = readJournal(files.journal);
  const isEmpty = shardRoot === emptyHash(SHARD_LEVELS);
  return {
    sound: isSound(report),
    isTreeOfItsLeaves: (await plainRoot(db, report.leaves)) === shardRoot,
    isAnchored: isEmpty || confirmedRoots(files.ledger).has(String(shardRoot)),
    lost: lostLeaves(entries, await leavesToBe(db)),
    kept: await keptPlaintext(db, entries),
    leaves: report.leaves,
  };
}

/** By the plain tree, which knows no pages. */
async function plainRoot(db: Database, leaves: number): Promise<bigint> {
  const tree = new SparseTree(SHARD_LEVELS);
  for (let number = 0; number * SUBTREE_LEAVES <= leaves; number += 1) {
    const subtree = await readSubtree(db, number);
    const first = number * SUBTREE_LEAVES;
    const used = subtree.leaves.map((leaf, i) => [first + i, leaf] as const);
    tree.setAll(used.filter(([, leaf]) => leaf !== EMPTY_LEAF));
  }
  return tree.root;
}

/** Every leaf as the next anchor has it. */
async function leavesToBe(db: Database): Promise<ReadonlyMap<number, bigint>> {
  const rows = await db.transaction(
    (tx) =>
      tx
        .select({
          index: registerLeaf.index,
          leaf: sql<Uint8Array>`coalesce(${registerOverwrite.leaf}, ${registerLeaf.leaf})`,
        })
        .from(registerLeaf)
        .leftJoin(registerOverwrite, eq(registerOverwrite.index, registerLeaf.index)),
    'read',
  );
  return new Map(rows.map(({ index, leaf }) => [index, elementFromBytes(leaf)]));
}

function lostLeaves(
  entries: readonly JournalEntry[],
  leaves: ReadonlyMap<number, bigint>,
): number[] {
  const promised = new Map<number, string>();
  const ending = new Set<number>();
  for (const entry of entries) {
    if (entry.kind === 'registered') promised.set(entry.index, entry.leaf);
    else if (entry.kind === 'appended') {
      entry.leaves.forEach((leaf, i) => void promised.set(entry.index + i, leaf));
    } else if (entry.kind === 'ending') ending.add(entry.index);
    else promised.set(entry.index, String(EMPTY_LEAF));
  }
  return [...promised].flatMap(([index, leaf]) => {
    const found = String(leaves.get(index));
    const mayBeEmpty = ending.has(index) && found === String(EMPTY_LEAF);
    return found === leaf || mayBeEmpty ? [] : [index];
  });
}

async function keptPlaintext(db: Database, entries: readonly JournalEntry[]): Promise<number[]> {
  const erased = new Set(entries.flatMap((one) => (one.kind === 'erased' ? [one.index] : [])));
  const rows = await db.transaction(
    (tx) => tx.select({ index: consent.index }).from(consent),
    'read',
  );
  return rows.map(({ index }) => index).filter((index) => erased.has(index));
}
