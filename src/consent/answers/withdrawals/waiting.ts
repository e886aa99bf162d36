import { DomainError } from '../../../core/errors.js';

/** Who waits at once. */
export interface WaitingLimits {
  readonly all: number;
  /** One more of the same caller ends its first one: a client that left and came back is not refused. */
  readonly ofCaller: number;
}

/** A place among those who wait. */
export interface WaitingPlace {
  /** Aborted when its time is over, its client has left, the server stops, or the caller has too many. */
  readonly signal: AbortSignal;
  /** To be called in any case. */
  leave(): void;
}

/** Bounds how many questions wait for something to happen, and for how long each. */
export class WaitingPlaces {
  readonly #limits: WaitingLimits;
  readonly #byCaller = new Map<string, AbortController[]>();
  #count = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  /**
   * @param ending - aborted when nobody needs the answer any more, or the server stops.
   * @throws DomainError RATE_LIMITED {seconds} where too many wait already.
   */
  enter(caller: string, seconds: number, ending: AbortSignal | undefined): WaitingPlace {
    if (this.isFullFor(caller)) throw new DomainError('RATE_LIMITED', { seconds });
    const own = this.#byCaller.get(caller) ?? [];
    if (own.length >= this.#limits.ofCaller) own[0]?.abort();
    const place = new AbortController();
    const end = () => place.abort();
    const timer = setTimeout(end, seconds * 1_000);
    this.#byCaller.set(caller, [...(this.#byCaller.get(caller) ?? []), place]);
    this.#count += 1;
    const leave = () => {
      clearTimeout(timer);
      ending?.removeEventListener('abort', end);
      this.#remove(caller, place);
    };
    place.signal.addEventListener('abort', leave, { once: true });
    if (ending?.aborted) end();
    else ending?.addEventListener('abort', end, { once: true });
    return { signal: place.signal, leave };
  }

  /** Whether so many wait that this caller may not. */
  isFullFor(caller: string): boolean {
    const own = this.#byCaller.get(caller)?.length ?? 0;
    return this.#count >= this.#limits.all && own < this.#limits.ofCaller;
  }

  #remove(caller: string, place: AbortController): void {
    const own = this.#byCaller.get(caller);
    if (own?.includes(place) !== true) return;
    this.#count -= 1;
    const left = own.filter((other) => other !== place);
    if (left.length > 0) this.#byCaller.set(caller, left);
    else this.#byCaller.delete(caller);
  }
}
