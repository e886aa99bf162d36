import { DomainError } from '../errors.js';
import { FairQueue, type Path } from './fair-queue.js';

/** How much goes on at once and how much may wait. */
export interface TurnLimits {
  readonly atOnce: number;
  /** Of all callers. The caller with the most waiting gives way to one that has less. */
  readonly waiting: number;
  readonly waitingOfCaller: number;
}

interface Waiting {
  readonly path: Path;
  readonly begin: () => void;
  readonly refuse: () => void;
}

/** Lets only a few pieces of work go on at once, and their callers take turns. */
export class FairTurns {
  readonly #limits: TurnLimits;
  readonly #queue = new FairQueue<Waiting>();
  #underWay = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for the caller's turn.
   *
   * @param path - who asks, from the widest name to the narrowest; all paths are as long.
   * @returns ends the turn; to be called once, calling it again does nothing.
   * @throws DomainError RATE_LIMITED where too many wait.
   */
  async begin(path: Path): Promise<() => void> {
    if (this.#underWay >= this.#limits.atOnce) await this.#wait(path);
    else this.#underWay += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#end();
      isOver = true;
    };
  }

  /** The place of one that ends goes to the next without being free in between. */
  #end(): void {
    const next = this.#queue.next();
    if (next === undefined) {
      this.#underWay -= 1;
      return;
    }
    this.#queue.remove(next.path, next, 1);
    next.begin();
  }

  #wait(path: Path): Promise<void> {
    const { waiting, waitingOfCaller } = this.#limits;
    if (this.#queue.under(path).length >= waitingOfCaller) throw new DomainError('RATE_LIMITED');
    if (this.#queue.weight >= waiting) {
      const heaviest = this.#queue.heaviestBeside(path, 1);
      if (heaviest === undefined) throw new DomainError('RATE_LIMITED');
      this.#queue.remove(heaviest.path, heaviest, 1);
      heaviest.refuse();
    }
    return new Promise((resolve, reject) => {
      const refuse = () => reject(new DomainError('RATE_LIMITED'));
      this.#queue.add(path, { path, begin: resolve, refuse }, 1);
    });
  }
}
