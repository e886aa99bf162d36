import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution, TopPath } from '../../ledger/read.js';
import type { Database } from '../../store/database.js';
import { rootFromPath, slotValueOf } from '../../zk/tree.js';
import { readSubtree, type Subtree } from './subtree.js';

/** What serving paths reads from the ledger. */
export interface PathLedger {
  /** This institution, from the snapshot. */
  own(): LedgerInstitution;
  /** One call to the chain, so that all of it is of one epoch. */
  topPath(slot: number): Promise<TopPath>;
}

/** A subtree with everything above it: paths of 1,024 leaves under one network root. Decimals. */
export interface RegisterPathAnswer {
  readonly institution: InstitutionId;
  readonly epoch: number;
  readonly slot: number;
  readonly issuerLeaf: string;
  /** The subtree's number: its leaves are [1024 n, 1024 (n + 1)). */
  readonly subtree: number;
  /** 1,024. */
  readonly leaves: readonly string[];
  /** From the subtree's root to the shard root, 10. */
  readonly siblings: readonly string[];
  /** From the slot to the network root, 12. */
  readonly topSiblings: readonly string[];
  /** The network root that all of this hashes to. */
  readonly root: string;
}

/** An anchor that is confirmed and not yet committed here settles within this. */
const RETRY_AFTER_MS = 250;

/**
 * The paths of a subtree, checked to lead to the network root they are said to lead to.
 *
 * @throws DomainError BAD_INPUT for a subtree outside [0, 1024); SOURCE_FAILED with check
 * `anchored` while the shard served is not the one on the ledger (mended by the next anchor).
 */
export async function registerPaths(
  db: Database,
  ledger: PathLedger,
  number: number,
): Promise<RegisterPathAnswer> {
  for (const waitMs of [RETRY_AFTER_MS, undefined]) {
    const answer = await pathsNow(db, ledger, number);
    if (answer !== undefined) return answer;
    if (waitMs !== undefined) await delay(waitMs);
  }
  throw new DomainError('SOURCE_FAILED', { institution: ledger.own().id, check: 'anchored' });
}

async function pathsNow(
  db: Database,
  ledger: PathLedger,
  number: number,
): Promise<RegisterPathAnswer | undefined> {
  const subtree = await readSubtree(db, number);
  const { id, slot, issuerLeaf } = ledger.own();
  const top = await ledger.topPath(slot);
  if (rootAbove(subtree, { slot, issuerLeaf, top }) !== top.root) return undefined;
  return {
    institution: id,
    epoch: top.epoch,
    slot,
    issuerLeaf: String(issuerLeaf),
    subtree: number,
    leaves: subtree.leaves.map(String),
    siblings: subtree.siblings.map(String),
    topSiblings: top.siblings.map(String),
    root: String(top.root),
  };
}

function rootAbove(
  subtree: Subtree,
  { slot, issuerLeaf, top }: { slot: number; issuerLeaf: bigint; top: TopPath },
): bigint {
  const shardRoot = rootFromPath(subtree.root, subtree.siblings, subtree.number);
  return rootFromPath(slotValueOf(shardRoot, issuerLeaf), top.siblings, slot);
}
