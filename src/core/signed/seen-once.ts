import { DomainError } from '../errors.js';

/** Entries kept at most: about 20 MB, and 2,800 requests a second for as long as one lives. */
const MAX_ENTRIES = 100_000;

/** Remembers names until they end, so that a request that was seen is refused. In memory: they live seconds. */
export class SeenOnce {
  readonly #endsMs = new Map<string, number>();
  readonly #maxEntries: number;

  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  /**
   * Takes a name for the first time.
   *
   * @param endsMs - when the request ends by itself, Unix milliseconds.
   * @throws DomainError REPLAYED if it was taken before; RATE_LIMITED if the memory is full of
   * names that still live: forgetting one early would let it be replayed.
   */
  take(name: string, endsMs: number, nowMs: number): void {
    const known = this.#endsMs.get(name);
    if (known !== undefined && known > nowMs) throw new DomainError('REPLAYED');
    if (this.#endsMs.size >= this.#maxEntries) this.#forgetEnded(nowMs);
    if (this.#endsMs.size >= this.#maxEntries) throw new DomainError('RATE_LIMITED');
    this.#endsMs.set(name, endsMs);
  }

  #forgetEnded(nowMs: number): void {
    for (const [name, endsMs] of this.#endsMs) if (endsMs <= nowMs) this.#endsMs.delete(name);
  }
}
