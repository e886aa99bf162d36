import type { Seconds } from '../../core/time.js';

/** Over how long a source is counted. */
export const INTERVAL_SECONDS = 60;
/** Strangers' secrets that one source may bring in a minute: more than one full request. */
const SECRETS_PER_MINUTE = 1_200;
/** Sources remembered, about a megabyte. Beyond it the one that began first is forgotten. */
const MAX_SOURCES = 10_000;

interface Interval {
  readonly since: Seconds;
  readonly count: number;
}

/**
 * Counts what each source brings, so that a source that brings too much does not hold up the others.
 * Counts stay in memory: a minute is shorter than a restart. A source is only a key, and anybody can make
 * many. Many sources pay by the work that each secret costs.
 */
export class SourceLimit {
  readonly #intervals = new Map<string, Interval>();
  readonly #perMinute: number;
  readonly #maxSources: number;

  constructor(perMinute = SECRETS_PER_MINUTE, maxSources = MAX_SOURCES) {
    this.#perMinute = perMinute;
    this.#maxSources = maxSources;
  }

  /**
   * Counts them for the source.
   *
   * @returns false if that is too many in the minute that began with its first: none is counted then.
   */
  take(source: string, secrets: number, now: Seconds): boolean {
    const last = this.#intervals.get(source);
    const isOver = last === undefined || now - last.since >= INTERVAL_SECONDS;
    const { since, count } = isOver ? { since: now, count: 0 } : last;
    if (count + secrets > this.#perMinute) return false;
    if (isOver) this.#makeRoom(source);
    this.#intervals.set(source, { since, count: count + secrets });
    return true;
  }

  /** A map keeps the order in which its names came: the first is the one that began first. */
  #makeRoom(source: string): void {
    this.#intervals.delete(source);
    if (this.#intervals.size < this.#maxSources) return;
    const [first] = this.#intervals.keys();
    if (first !== undefined) this.#intervals.delete(first);
  }
}
