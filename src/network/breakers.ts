import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { NodeFailure } from './node-failure.js';

/** When a node is given up for a moment, and when it is tried again. */
export interface BreakerPolicy {
  /** Failures in a row that open the breaker. */
  readonly failures: number;
  /** Milliseconds after which one question probes again. */
  readonly halfOpenAfterMs: number;
}

export const BREAKER_POLICY: BreakerPolicy = { failures: 3, halfOpenAfterMs: 1_000 };

/** One breaker per URL asked: a dead or hanging node costs its own answers, and no waiting. */
export class Breakers {
  readonly #policy: BreakerPolicy;
  readonly #byUrl = new Map<string, CircuitBreakerPolicy>();

  constructor(policy: BreakerPolicy = BREAKER_POLICY) {
    this.#policy = policy;
  }

  /** @throws NodeFailure UNREACHABLE at once while the breaker is open, else what `exchange` throws. */
  async run<Result>(url: string, exchange: () => Promise<Result>): Promise<Result> {
    const breaker = this.#breakerOf(url);
    // A half-open breaker would let every other question wait for the probe: up to its whole budget.
    if (breaker.state === CircuitState.HalfOpen) throw givenUp();
    try {
      return await breaker.execute(exchange);
    } catch (thrown) {
      throw thrown instanceof NodeFailure ? thrown : givenUp();
    }
  }

  #breakerOf(url: string): CircuitBreakerPolicy {
    const known = this.#byUrl.get(url);
    if (known !== undefined) return known;
    // Only a node that does not answer is given up: one that refuses or answers nonsense is there.
    const failed = handleWhen(
      (thrown) =>
        thrown instanceof NodeFailure &&
        (thrown.status === 'TIMEOUT' || thrown.status === 'UNREACHABLE'),
    );
    const breaker = circuitBreaker(failed, {
      halfOpenAfter: this.#policy.halfOpenAfterMs,
      breaker: new ConsecutiveBreaker(this.#policy.failures),
    });
    this.#byUrl.set(url, breaker);
    return breaker;
  }
}

function givenUp(): NodeFailure {
  return new NodeFailure('UNREACHABLE', 'breaker open');
}
