import { invariant } from '../../core/errors.js';
import type { AnchoredRoot } from '../read/read.js';

/**
 * The anchored roots of consecutive epochs, from the floor to the newest. Never changes.
 *
 * Whether a root ended is decided by its epoch: a later epoch may have the same root.
 */
export class RootHistory {
  readonly firstEpoch: number;
  readonly newest: AnchoredRoot;
  readonly #roots: readonly AnchoredRoot[];
  /** The last epoch of each root: several epochs may have the same one. */
  readonly #lastEpochByRoot: ReadonlyMap<bigint, number>;

  /** @param roots - of `firstEpoch`, `firstEpoch` + 1, ...; at least one. */
  constructor(firstEpoch: number, roots: readonly AnchoredRoot[]) {
    const newest = roots.at(-1);
    invariant(newest, 'a register has at least one epoch');
    this.firstEpoch = firstEpoch;
    this.newest = newest;
    this.#roots = roots;
    this.#lastEpochByRoot = new Map(roots.map(({ root }, i) => [root, firstEpoch + i]));
  }

  /** The newest epoch. */
  get epoch(): number {
    return this.firstEpoch + this.#roots.length - 1;
  }

  /** @returns undefined for an epoch before the first or after the newest. */
  at(epoch: number): AnchoredRoot | undefined {
    return this.#roots[epoch - this.firstEpoch];
  }

  /** The newest epoch with that root; undefined if no epoch from the first on has it. */
  lastEpochOf(root: bigint): number | undefined {
    return this.#lastEpochByRoot.get(root);
  }

  /** The newest epoch that had begun by a time. */
  lastEpochBegunBy(seconds: number): number | undefined {
    const index = this.#roots.findLastIndex(({ anchoredAt }) => anchoredAt <= seconds);
    return index === -1 ? undefined : this.firstEpoch + index;
  }

  /**
   * This history, continued with what the ledger says now.
   *
   * @param from - the epoch of the first of `tail`; the tail must overlap this history.
   * @param floorEpoch - earlier epochs are dropped.
   * @returns undefined if the overlap differs: the chain was rewritten, and all must be read again.
   */
  continuedBy(
    from: number,
    tail: readonly AnchoredRoot[],
    floorEpoch: number,
  ): RootHistory | undefined {
    const overlap = this.#roots.slice(from - this.firstEpoch);
    const same = overlap.every((known, i) => {
      const found = tail[i];
      return found?.root === known.root && found.anchoredAt === known.anchoredAt;
    });
    if (!same) return undefined;
    const roots = [...this.#roots.slice(0, from - this.firstEpoch), ...tail];
    return new RootHistory(floorEpoch, roots.slice(floorEpoch - this.firstEpoch));
  }
}
