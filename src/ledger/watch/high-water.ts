import { DomainError } from '../../core/errors.js';
import { toLedgerError } from '../contract/refusal.js';
import type { QuorumReader } from '../quorum/reader.js';
import type { LedgerView } from '../quorum/view.js';
import { RootHistory } from './root-history.js';

/** The newest epoch that counted as final, and its root. */
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
export function requireMark(
  mark: HighWaterMark,
  { head, marked }: Pick<LedgerView, 'head' | 'marked'>,
): void {
  if (head.epoch < mark.epoch || marked?.root !== mark.root) {
    const facts = { headEpoch: head.epoch, finalEpoch: mark.epoch };
    throw new DomainError('LEDGER_REGRESSED', facts);
  }
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

/** How a mark compares with the ledger as it is now. */
export interface MarkJudged {
  readonly regressed: boolean;
  readonly headEpoch: number;
  /** What is final there now; undefined if nothing is yet. */
  readonly final: HighWaterMark | undefined;
}

/**
 * Compares a mark with the ledger, for an operator who is to accept a regress.
 *
 * @throws DomainError LEDGER_MISMATCH: another chain is not a regress of this one, and is never
 * accepted in its place; LEDGER_UNAVAILABLE.
 */
export async function judgeMark(
  reader: QuorumReader,
  mark: HighWaterMark,
  when: { readonly nowSeconds: number; readonly finalitySeconds: number },
): Promise<MarkJudged> {
  try {
    const view = await reader.view(await reader.newestBlock(), { markEpoch: mark.epoch });
    const { floorEpoch, epoch: headEpoch } = view.head;
    const history = new RootHistory(floorEpoch, view.roots);
    const final = finalMarkOf(history, when.nowSeconds, when.finalitySeconds);
    return { regressed: isRegressed(mark, view), headEpoch, final };
  } catch (thrown) {
    throw toLedgerError(thrown, 'judgeMark');
  }
}

function isRegressed(mark: HighWaterMark, view: LedgerView): boolean {
  try {
    requireMark(mark, view);
    return false;
  } catch {
    return true;
  }
}
