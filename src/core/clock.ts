import { type Seconds, secondsFromUnixMs } from './time.js';

/** The one way in which rules learn the time, so that a test can choose it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Seconds since 1900-01-01 UTC. */
  nowSeconds(): Seconds;
}

export const systemClock: Clock = clockOf(() => Date.now());

/** A clock over any source of Unix milliseconds. */
export function clockOf(nowMs: () => number): Clock {
  return { nowMs, nowSeconds: () => secondsFromUnixMs(nowMs()) };
}
