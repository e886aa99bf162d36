/** Callers that are remembered at most; who is forgotten is a new one. */
const MAX_CALLERS = 10_000;

/** Proofs of one turn: of a caller of whom nothing is known, and at most. */
const FIRST_SLICE = 4;
const LARGEST_SLICE = 16;

interface Standing {
  readonly slice: number;
  readonly isTrusted: boolean;
}

const UNKNOWN: Standing = { slice: FIRST_SLICE, isTrusted: false };

/**
 * What callers showed lately. Who showed a proof that holds waits apart from those who did not, so
 * that any number of new keys together have the one half; and whose proofs hold has more of them
 * judged in one turn, which costs less for each, while whose do not has one.
 *
 * A caller without a proven name is undefined. It is a new one each time: it neither gains by what it
 * shows, nor loses by what others show under the name that it says.
 */
export class Standings {
  readonly #standings = new Map<string, Standing>();

  /** Whether this caller's last proofs held. */
  isTrusted(caller: string | undefined): boolean {
    return this.#of(caller).isTrusted;
  }

  /** How many proofs of this caller are judged in its next turn, 1 to 16. */
  sliceOf(caller: string | undefined): number {
    return this.#of(caller).slice;
  }

  /** Remembers whether all proofs of a turn held. */
  note(caller: string | undefined, allHold: boolean): void {
    if (caller === undefined) return;
    const { slice } = this.#of(caller);
    this.#standings.delete(caller);
    this.#standings.set(caller, {
      slice: allHold ? Math.min(2 * slice, LARGEST_SLICE) : 1,
      isTrusted: allHold,
    });
    for (const oldest of this.#standings.keys()) {
      if (this.#standings.size <= MAX_CALLERS) break;
      this.#standings.delete(oldest);
    }
  }

  #of(caller: string | undefined): Standing {
    return (caller === undefined ? undefined : this.#standings.get(caller)) ?? UNKNOWN;
  }
}
