import type { IncomingHttpHeaders } from 'node:http';

/** Milliseconds after which what a source said no longer counts. */
const MAX_AGE_MS = 300_000;

interface Heard {
  /** How far that clock was ahead of this one, milliseconds; negative: behind. */
  readonly aheadMs: number;
  readonly atMs: number;
}

/**
 * Compares this clock with those of other nodes, by the `Date` of their answers, and of the
 * ledger's blocks.
 *
 * Each source counts once, this clock included, and the median decides: while fewer than half of
 * them lie, it stays within the range of the honest ones.
 */
export class PeerClocks {
  readonly #heard = new Map<string, Heard>();
  readonly #nowMs: () => number;

  /** @param nowMs - this clock, Unix milliseconds. */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** @param source - one name for each, for example an institution's id. */
  note(source: string, theirMs: number): void {
    if (!Number.isFinite(theirMs)) return;
    const atMs = this.#nowMs();
    this.#heard.set(source, { aheadMs: theirMs - atMs, atMs });
  }

  /** The same for the `Date` of an answer, if it has one. */
  noteAnswer(source: string, { date }: IncomingHttpHeaders): void {
    if (date !== undefined) this.note(source, Date.parse(date));
  }

  /**
   * Milliseconds by which the median clock is ahead of this one; negative: behind. 0 while there
   * are too few sources.
   */
  aheadMs(): number {
    const sinceMs = this.#nowMs() - MAX_AGE_MS;
    const heard = [...this.#heard.values()].filter(({ atMs }) => atMs >= sinceMs);
    const all = [0, ...heard.map(({ aheadMs }) => aheadMs)].sort((a, b) => a - b);
    const [low = 0, high = 0] = [all[(all.length - 1) >> 1], all[all.length >> 1]];
    // Of two middle values the one nearer to this clock, so that a single other source decides
    // nothing.
    return Math.abs(low) <= Math.abs(high) ? low : high;
  }
}
