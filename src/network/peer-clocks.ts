import type { IncomingHttpHeaders } from 'node:http';

/** What was heard longer ago says nothing of this clock now. */
const MAX_AGE_MS = 300_000;

interface Heard {
  /** How far that clock was ahead of this one; negative: behind. */
  readonly aheadMs: number;
  readonly atMs: number;
}

/**
 * How far this clock is apart from the others': those of other nodes, as their answers' `Date` says, and of the
 * ledger's blocks.
 *
 * Each source counts once, this clock among them, and the middle one decides: as long as fewer than half of them
 * lie, they move it no further than the honest ones are apart.
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

  /** The same of an answer's `Date`, if it has one. */
  noteAnswer(source: string, { date }: IncomingHttpHeaders): void {
    if (date !== undefined) this.note(source, Date.parse(date));
  }

  /** Milliseconds by which the middle clock is ahead of this one; negative: behind. 0 while too few were heard. */
  aheadMs(): number {
    const sinceMs = this.#nowMs() - MAX_AGE_MS;
    const heard = [...this.#heard.values()].filter(({ atMs }) => atMs >= sinceMs);
    const all = [0, ...heard.map(({ aheadMs }) => aheadMs)].sort((a, b) => a - b);
    const [low = 0, high = 0] = [all[(all.length - 1) >> 1], all[all.length >> 1]];
    // Of two in the middle the one nearer to this clock: one other alone decides nothing.
    return Math.abs(low) <= Math.abs(high) ? low : high;
  }
}
