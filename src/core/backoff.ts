/** How long something that fails is left alone. */
export interface BackoffPolicy {
  /** Milliseconds after the first failure; each further one doubles it. */
  readonly firstMs: number;
  /** Milliseconds that it never exceeds, so that what recovers is found again. */
  readonly mostMs: number;
}

interface Failing {
  readonly failures: number;
  readonly dueMs: number;
}

/** What failed before is tried again ever more seldom, and like anything else once it has succeeded. */
export class Backoff {
  readonly #policy: BackoffPolicy;
  readonly #nowMs: () => number;
  readonly #failing = new Map<string, Failing>();

  /** @param nowMs - of a clock that nobody sets. */
  constructor(policy: BackoffPolicy, nowMs: () => number = () => performance.now()) {
    this.#policy = policy;
    this.#nowMs = nowMs;
  }

  isDue(name: string): boolean {
    const failing = this.#failing.get(name);
    return failing === undefined || this.#nowMs() >= failing.dueMs;
  }

  failed(name: string): void {
    const { firstMs, mostMs } = this.#policy;
    const failures = (this.#failing.get(name)?.failures ?? 0) + 1;
    // Bounded before it is raised: 2 ** 1100 is no number.
    const waitMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
    this.#failing.set(name, { failures, dueMs: this.#nowMs() + waitMs });
  }

  succeeded(name: string): void {
    this.#failing.delete(name);
  }
}
