import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';
import { readOneState } from '../base/context.js';
import { areEqualBytes, elementFromBytes } from '../base/element.js';
import { leavesOfRows } from './leaf-sources.js';
import { readShardState } from './page-store.js';
import { type NodePlace, rebuildShard } from './rebuild.js';

/** The result of recomputing the shard from its leaves. */
export interface ShardReport {
  /** How many leaves were anchored, the pad not counted. */
  readonly leaves: number;
  /** The shard root that the ledger confirmed last, as this database has it. */
  readonly anchoredRoot: bigint;
  /** Whether the leaves hash to that root. */
  readonly leavesMatch: boolean;
  readonly wrongNodes: number;
  readonly firstWrong: NodePlace | undefined;
  readonly strayPages: number;
}

/** Whether nothing of it is wrong. */
export function isSound(report: ShardReport): boolean {
  return report.leavesMatch && report.wrongNodes === 0 && report.strayPages === 0;
}

/** Recomputes the shard from its leaves and compares all that is stored. Changes nothing. */
export async function examineShard(db: Database): Promise<ShardReport> {
  return db.transaction(async (tx) => {
    await readOneState(tx);
    const state = await readShardState(tx);
    const rebuilt = await rebuildShard(tx, state.leaves + 1, leavesOfRows(tx, state));
    const { shardRoot, wrongNodes, firstWrong, strayPages } = rebuilt;
    return {
      leaves: state.leaves,
      anchoredRoot: elementFromBytes(state.shardRoot),
      leavesMatch: shardRoot !== undefined && areEqualBytes(shardRoot, state.shardRoot),
      wrongNodes,
      firstWrong,
      strayPages: strayPages.length,
    };
  }, 'read');
}

/**
 * Requires that every stored node is what the leaves hash to.
 *
 * @returns the shard root.
 * @throws DomainError REGISTER_INCONSISTENT naming the first node that is wrong, if one is.
 */
export async function requireConsistentShard(db: Database): Promise<bigint> {
  const report = await examineShard(db);
  if (isSound(report)) return report.anchoredRoot;
  const { firstWrong, strayPages, leavesMatch } = report;
  const facts = firstWrong === undefined ? { strayPages, leavesMatch } : { ...firstWrong };
  throw new DomainError('REGISTER_INCONSISTENT', facts);
}
