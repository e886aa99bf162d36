import { DomainError } from '../core/errors.js';
import type { Register } from './connection.js';
import { type LedgerHead, readRoots } from './read.js';
import type { RootHistory } from './root-history.js';

/** The newest epoch that was taken for final, and its root. */
export interface HighWaterMark {
  readonly epoch: number;
  readonly root: bigint;
}

/**
 * Keeps the mark outside the ledger and outside this process, so that a ledger set back to an older state is
 * noticed after a restart too. Only an operator's command lowers or removes a mark.
 */
export interface HighWaterStore {
  load(): Promise<HighWaterMark | undefined>;
  save(mark: HighWaterMark): Promise<void>;
}

/** @throws DomainError LEDGER_REGRESSED unless the ledger still has the marked epoch with the marked root. */
export async function requireNotRegressed(
  register: Register,
  mark: HighWaterMark,
  head: LedgerHead,
  blockNumber: bigint,
): Promise<void> {
  const facts = { headEpoch: head.epoch, finalEpoch: mark.epoch };
  if (head.epoch < mark.epoch) throw new DomainError('LEDGER_REGRESSED', facts);
  const [marked] = await readRoots(register, mark.epoch, mark.epoch, blockNumber);
  if (marked?.root !== mark.root) throw new DomainError('LEDGER_REGRESSED', facts);
}

/** The mark that a history allows: its newest epoch that began at least `finalitySeconds` ago. */
export function finalMarkOf(
  roots: RootHistory,
  nowSeconds: number,
  finalitySeconds: number,
): HighWaterMark | undefined {
  const epoch = roots.lastEpochBegunBy(nowSeconds - finalitySeconds);
  const root = epoch === undefined ? undefined : roots.at(epoch)?.root;
  return epoch === undefined || root === undefined ? undefined : { epoch, root };
}
