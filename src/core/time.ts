import { DomainError } from './errors.js';

/** Seconds from 1900-01-01T00:00:00Z to the Unix epoch, so that old dates of birth are not negative. */
export const UNIX_EPOCH_SECONDS = 2_208_988_800;

/** The largest time a statement can name: 2^40 - 1 seconds after 1900, far beyond any consent. */
export const MAX_TIME_SECONDS = 2 ** 40 - 1;

/** 9999-12-31 UTC: no later day is written with four digits of year, so that this stands for no end. */
export const NO_END_SECONDS = 255_611_203_200;

/** Seconds since 1900-01-01 UTC, as every statement, permit and leaf counts time. */
export type Seconds = number;

/** A half-open span [from, until), in seconds since 1900-01-01 UTC. */
export interface Period {
  readonly from: Seconds;
  readonly until: Seconds;
}

/** @throws DomainError TIME_OUT_OF_RANGE outside [0, MAX_TIME_SECONDS]. */
export function secondsFromUnixMs(unixMs: number): Seconds {
  const seconds = Math.floor(unixMs / 1000) + UNIX_EPOCH_SECONDS;
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > MAX_TIME_SECONDS) {
    throw new DomainError('TIME_OUT_OF_RANGE');
  }
  return seconds;
}

export function unixMsFromSeconds(seconds: Seconds): number {
  return (seconds - UNIX_EPOCH_SECONDS) * 1000;
}

/** Parses ISO 8601 with an offset or Z. @throws DomainError TIME_OUT_OF_RANGE or BAD_INPUT. */
export function secondsFromIso(iso: string): Seconds {
  const unixMs = Date.parse(iso);
  if (Number.isNaN(unixMs)) throw new DomainError('BAD_INPUT', { expected: 'ISO 8601 time' });
  return secondsFromUnixMs(unixMs);
}

export function isoFromSeconds(seconds: Seconds): string {
  return new Date(unixMsFromSeconds(seconds)).toISOString();
}

/** @throws DomainError PERIOD_EMPTY unless from < until. */
export function toPeriod(from: Seconds, until: Seconds): Period {
  if (!(from < until)) throw new DomainError('PERIOD_EMPTY', { from, until });
  return { from, until };
}

/** Whether `inner` lies wholly within `outer`. */
export function covers(outer: Period, inner: Period): boolean {
  return outer.from <= inner.from && inner.until <= outer.until;
}
