import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { type FailureKind, NodeFailure } from './node-failure.js';

/** When a node is given up for a moment, and when it is tried again. */
export interface BreakerPolicy {
  /** Failures in a row that open the breaker. */
  readonly failures: number;
  /** Milliseconds after which one question probes again. */
  readonly halfOpenAfterMs: number;
  /**
   * How many breakers are kept; the least recently used one is dropped, and starts closed next
   * time.
   */
  readonly maxBreakers: number;
}

const BREAKER_POLICY: BreakerPolicy = {
  failures: 3,
  halfOpenAfterMs: 1_000,
  maxBreakers: 10_000,
};

/**
 * Failures that do not count. A node that refuses, or cannot decide about reads, is up, and can
 * still take presentations and withdrawals. A cancelled question says nothing about the node.
 */
const NO_FAULT: ReadonlySet<FailureKind> = new Set(['REFUSED', 'UNDECIDED', 'CANCELLED']);

/** Who asked, and for which URL. */
export interface Asking {
  readonly caller: string;
  readonly url: string;
}

/**
 * One breaker for each caller and URL: a dead, hanging or lying node costs its own answers only,
 * and nobody waits for it. Questions that are too heavy for a node open the breaker of their sender
 * alone.
 */
export class Breakers {
  readonly #policy: BreakerPolicy;
  readonly #counts: (thrown: NodeFailure) => boolean;
  /** In the order of their last use. */
  readonly #byName = new Map<string, CircuitBreakerPolicy>();

  /** @param counts - which failures open a breaker. */
  constructor(policy: Partial<BreakerPolicy> = {}, counts = isAway) {
    this.#counts = counts;
    this.#policy = { ...BREAKER_POLICY, ...policy };
  }

  /** @throws NodeFailure UNREACHABLE at once while the breaker is open, else what `exchange` throws. */
  async run<Result>(asking: Asking, exchange: () => Promise<Result>): Promise<Result> {
    const breaker = this.#breakerOf(asking);
    // In a half-open breaker every other question would wait for the probe, up to its whole time
    // limit.
    if (breaker.state === CircuitState.HalfOpen) throw givenUp();
    try {
      return await breaker.execute(exchange);
    } catch (thrown) {
      throw thrown instanceof NodeFailure ? thrown : givenUp();
    }
  }

  #breakerOf({ caller, url }: Asking): CircuitBreakerPolicy {
    const name = `${caller} ${url}`;
    const breaker = this.#byName.get(name) ?? this.#newBreaker();
    this.#byName.delete(name);
    this.#byName.set(name, breaker);
    for (const oldest of this.#byName.keys()) {
      if (this.#byName.size <= this.#policy.maxBreakers) break;
      this.#byName.delete(oldest);
    }
    return breaker;
  }

  #newBreaker(): CircuitBreakerPolicy {
    const failed = handleWhen((thrown) => thrown instanceof NodeFailure && this.#counts(thrown));
    return circuitBreaker(failed, {
      halfOpenAfter: this.#policy.halfOpenAfterMs,
      breaker: new ConsecutiveBreaker(this.#policy.failures),
    });
  }
}

function isAway({ kind }: NodeFailure): boolean {
  return !NO_FAULT.has(kind);
}

function givenUp(): NodeFailure {
  return new NodeFailure('UNREACHABLE', 'breaker open');
}
