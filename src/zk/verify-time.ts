import { DomainError } from '../core/errors.js';

/**
 * How long a verification may work before others have their turn, in milliseconds. WebAssembly runs
 * to its end, so a turn ends with the first step past this; the longest step, a check, takes 6 ms.
 */
const TURN_MS = 10;

const waiting: (() => void)[] = [];

/**
 * The time of one verification, with what it waits for the others included.
 *
 * All verifications of a process share one thread with whatever else it does. They take turns, in
 * order, one turn for each round of the event loop: so a presentation of 1,000 proofs neither stops
 * the node from answering nor makes one of a single proof wait for its end.
 *
 * The limit is looked at between steps. It cannot cut a step short, and need not: all that the
 * arithmetic is given has a fixed size by then, so a step has a longest time, and the limit is
 * overrun by one turn at most.
 */
export class VerifyingTime {
  readonly #limitMs: number;
  readonly #endsMs: number;
  #turnEndsMs = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#endsMs = performance.now() + limitMs;
  }

  /** To be awaited before each step. @throws DomainError VERIFYING_TIMEOUT */
  async step(): Promise<void> {
    if (performance.now() < this.#turnEndsMs) return;
    await turn();
    const nowMs = performance.now();
    if (nowMs >= this.#endsMs) {
      throw new DomainError('VERIFYING_TIMEOUT', { limitMs: this.#limitMs });
    }
    this.#turnEndsMs = nowMs + TURN_MS;
  }
}

function turn(): Promise<void> {
  return new Promise((resume) => {
    if (waiting.push(resume) === 1) setImmediate(giveTurn);
  });
}

/** What the resumed one does up to its next step is done when this round's microtasks are. */
function giveTurn(): void {
  const resume = waiting.shift();
  if (waiting.length > 0) setImmediate(giveTurn);
  resume?.();
}
