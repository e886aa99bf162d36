import type { Clock } from '../../core/clock.js';
import type { QuorumReader } from '../quorum/reader.js';
import type { BlockHead, LedgerView } from '../quorum/view.js';
import { isUnsettled } from '../read/read.js';
import type { Register } from '../rpc/connection.js';
import { finalMarkOf, type HighWaterMark, type HighWaterStore, requireMark } from './high-water.js';
import { RootHistory } from './root-history.js';
import { LedgerSnapshot } from './snapshot.js';

/**
 * How many epochs already known are read again with every new block: a reorganisation is not
 * announced.
 */
const OVERLAP_EPOCHS = 32;

/** How often a block is read before the ledger is held to contradict itself. */
const READ_ATTEMPTS = 4;

export interface ChainReaderOptions {
  readonly register: Pick<Register, 'contract' | 'pins'>;
  readonly reader: QuorumReader;
  readonly clock: Clock;
  readonly highWater?: HighWaterStore | undefined;
  /** How old an epoch must be before it counts as final. */
  readonly finalitySeconds: number;
}

/**
 * Makes each snapshot from the previous one: reads what is new, and re-reads enough to see that the
 * old part did not change.
 */
export class ChainReader {
  readonly #options: ChainReaderOptions;
  #last: LedgerSnapshot | undefined;
  #mark: HighWaterMark | undefined;

  constructor(options: ChainReaderOptions) {
    this.#options = options;
  }

  /**
   * Asks the ledger for its newest block and reads the register there if the block is new.
   *
   * @throws DomainError LEDGER_MISMATCH or LEDGER_REGRESSED: nothing read so far may be believed
   * any more. LEDGER_UNAVAILABLE or the transport's own error: nothing was learned.
   */
  async read(): Promise<LedgerSnapshot> {
    const readAtMs = this.#options.clock.nowMs();
    try {
      this.#last = await this.#readSettled(readAtMs);
    } catch (thrown) {
      // Whatever happened in between, the next answer is checked as if it were the first.
      this.#last = undefined;
      throw thrown;
    }
    await this.#raiseMark(this.#last);
    return this.#last;
  }

  /**
   * While blocks come fast, two calls may be answered from different blocks: everything is read
   * again.
   */
  async #readSettled(readAtMs: number): Promise<LedgerSnapshot> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const block = await this.#options.reader.newestBlock();
        if (this.#last?.blockHash === block.hash) return this.#last.readAgainAt(readAtMs);
        return await this.#readAt(block, readAtMs);
      } catch (thrown) {
        if (attempt === READ_ATTEMPTS || !isUnsettled(thrown)) throw thrown;
      }
    }
  }

  async #readAt(block: BlockHead, readAtMs: number): Promise<LedgerSnapshot> {
    const { register } = this.#options;
    const { institutions, decided, roots } =
      (await this.#continue(block)) ?? (await this.#readWhole(block));
    return new LedgerSnapshot({
      chainId: register.pins.chainId,
      contract: register.contract,
      blockNumber: Number(block.number),
      blockHash: block.hash,
      blockAtMs: Number(block.timestamp) * 1000,
      readAtMs,
      institutions,
      roots,
      decided,
    });
  }

  /** @returns undefined if the ledger no longer continues what is known. */
  async #continue(block: BlockHead): Promise<WholeView | undefined> {
    const known = this.#last?.roots;
    if (known === undefined) return undefined;
    const fromEpoch = Math.max(known.firstEpoch, known.epoch - OVERLAP_EPOCHS + 1);
    const view = await this.#options.reader.view(block, { fromEpoch });
    const { epoch, floorEpoch } = view.head;
    if (epoch < known.epoch || floorEpoch < known.firstEpoch) return undefined;
    const roots = known.continuedBy(view.fromEpoch, view.roots, floorEpoch);
    return roots && { ...view, roots };
  }

  async #readWhole(block: BlockHead): Promise<WholeView> {
    const { reader, highWater } = this.#options;
    // Loaded each time: an operator may have accepted a regress.
    this.#mark = await highWater?.load();
    const mark = this.#mark;
    const view = await reader.view(block, mark === undefined ? {} : { markEpoch: mark.epoch });
    if (mark !== undefined) requireMark(mark, view);
    return { ...view, roots: new RootHistory(view.head.floorEpoch, view.roots) };
  }

  async #raiseMark({ roots }: LedgerSnapshot): Promise<void> {
    const { highWater, clock, finalitySeconds } = this.#options;
    if (highWater === undefined) return;
    const mark = finalMarkOf(roots, clock.nowSeconds(), finalitySeconds);
    if (mark === undefined || mark.epoch <= (this.#mark?.epoch ?? -1)) return;
    await highWater.save(mark);
    this.#mark = mark;
  }
}

type WholeView = Omit<LedgerView, 'roots'> & { readonly roots: RootHistory };
