import type { Clock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { type Register, requirePinned } from './connection.js';
import {
  finalMarkOf,
  type HighWaterMark,
  type HighWaterStore,
  requireNotRegressed,
} from './high-water.js';
import { readDecidedParameters } from './parameters.js';
import {
  isUnsettled,
  type LedgerHead,
  readHead,
  readInstitutions,
  readRoots,
  unsettled,
} from './read.js';
import { RootHistory } from './root-history.js';
import { LedgerSnapshot } from './snapshot.js';

/** How many epochs already known are read again with every new block: a reorganisation says nothing of itself. */
const OVERLAP_EPOCHS = 32;

/** How often a block is read before the ledger is taken for one that contradicts itself. */
const READ_ATTEMPTS = 4;

type BlockHead = {
  readonly number: bigint;
  readonly hash: `0x${string}`;
  readonly timestamp: bigint;
};

export interface ChainReaderOptions {
  readonly register: Register;
  readonly clock: Clock;
  readonly highWater?: HighWaterStore | undefined;
  /** How old an epoch must be before it is taken for final. */
  readonly finalitySeconds: number;
}

/** Makes each snapshot from the one before it: reads what is new, and reads enough of the old to see that it held. */
export class ChainReader {
  readonly #options: ChainReaderOptions;
  #last: LedgerSnapshot | undefined;
  #mark: HighWaterMark | undefined;

  constructor(options: ChainReaderOptions) {
    this.#options = options;
  }

  /**
   * Asks the ledger for its newest block and reads the register there if it is another than before.
   *
   * @throws DomainError LEDGER_MISMATCH or LEDGER_REGRESSED: nothing read before may be believed any more.
   * LEDGER_UNAVAILABLE or the transport's own error: nothing was learned.
   */
  async read(): Promise<LedgerSnapshot> {
    const { register, clock } = this.#options;
    const readAtMs = clock.nowMs();
    try {
      const { client } = register.ledger;
      const [chainId, block] = await Promise.all([client.getChainId(), client.getBlock()]);
      if (chainId !== register.pins.chainId) {
        throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
      }
      this.#last =
        this.#last?.blockHash === block.hash
          ? this.#last.readAgainAt(readAtMs)
          : await this.#readSettled(block, readAtMs);
    } catch (thrown) {
      // Whatever happened in between, the next answer is checked as if it were the first.
      this.#last = undefined;
      throw thrown;
    }
    await this.#raiseMark(this.#last);
    return this.#last;
  }

  /** While blocks come fast, one call may be answered from another block than the next: all is asked again. */
  async #readSettled(block: BlockHead, readAtMs: number): Promise<LedgerSnapshot> {
    let newest = block;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#readAt(newest, readAtMs);
      } catch (thrown) {
        if (attempt === READ_ATTEMPTS || !isUnsettled(thrown)) throw thrown;
      }
      newest = await this.#options.register.ledger.client.getBlock();
    }
  }

  async #readAt(block: BlockHead, readAtMs: number): Promise<LedgerSnapshot> {
    const { register } = this.#options;
    await requirePinned(register);
    const [head, institutions, decided] = await Promise.all([
      readHead(register, block.number),
      readInstitutions(register, block.number),
      readDecidedParameters(register, block.number),
    ]);
    const roots =
      (await this.#continueRoots(head, block.number)) ??
      (await this.#readAllRoots(head, block.number));
    const again = await register.ledger.client.getBlock({ blockNumber: block.number });
    if (again.hash !== block.hash || roots.newest.root !== head.root) {
      throw unsettled({ rewrittenBlock: Number(block.number) });
    }
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

  async #continueRoots(head: LedgerHead, blockNumber: bigint): Promise<RootHistory | undefined> {
    const known = this.#last?.roots;
    if (known === undefined || head.epoch < known.epoch || head.floorEpoch < known.firstEpoch) {
      return undefined;
    }
    const from = Math.max(known.firstEpoch, known.epoch - OVERLAP_EPOCHS + 1);
    const tail = await readRoots(this.#options.register, from, head.epoch, blockNumber);
    return known.continuedBy(from, tail, head.floorEpoch);
  }

  async #readAllRoots(head: LedgerHead, blockNumber: bigint): Promise<RootHistory> {
    const { register, highWater } = this.#options;
    // Loaded anew each time: an operator may have accepted a regress.
    this.#mark = await highWater?.load();
    if (this.#mark !== undefined) {
      await requireNotRegressed(register, this.#mark, head, blockNumber);
    }
    return new RootHistory(
      head.floorEpoch,
      await readRoots(register, head.floorEpoch, head.epoch, blockNumber),
    );
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
