import type { Meta } from '@medplum/fhirtypes';

/** What decides which of two versions of a resource is newer. */
export interface Version {
  /** meta.versionId. */
  readonly id: string | null;
  /** meta.lastUpdated as `instantKey` writes it. */
  readonly updated: string | null;
}

/** How an incoming version compares with the stored one. */
export type Order = 'NEWER' | 'OLDER' | 'SAME' | 'UNKNOWN';

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const NUMBER = /^\d+$/;
/** How far a server's clock may be ahead of this one. */
const CLOCK_SKEW_MS = 5 * 60_000;

export function versionOf(meta: Meta | undefined): Version {
  const { versionId = null, lastUpdated } = meta ?? {};
  return { id: versionId, updated: lastUpdated === undefined ? null : instantKey(lastUpdated) };
}

/**
 * A FHIR instant in UTC, with its fraction of a second but without trailing zeros, so that texts
 * sort like times.
 *
 * @returns null if it is not an instant: without a zone it is not a moment. An instant that its
 *   zone moves beyond year 9999 becomes the last second of that year.
 */
export function instantKey(instant: string): string | null {
  const [, told = '', fraction = '', zone] = INSTANT.exec(instant) ?? [];
  const isLeap = told.endsWith(':60');
  const seconds = isLeap ? told.replace(/60$/, '59') : told;
  const unixMs = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(unixMs)) return null;
  const iso = new Date(unixMs).toISOString();
  if (iso.startsWith('+')) return '9999-12-31T23:59:59.';
  const utc = iso.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  // A leap second sorts after all of the second before it.
  const sorted = isLeap ? utc.replace(/59$/, '60') : utc;
  return `${sorted}.${fraction.replace(/0+$/, '')}`;
}

/**
 * Whether a time, as instantKey writes it, is more than five minutes in the future. A version with
 * such a time would stay the newest until then, whatever its server sends.
 */
export function isFromFuture(time: string | null, nowMs: number): boolean {
  if (time === null) return false;
  const latest = instantKey(new Date(nowMs + CLOCK_SKEW_MS).toISOString());
  return latest !== null && time > latest;
}

/**
 * Compares lastUpdated, then versionId if both are numbers. A version is written only once, so
 * equal ids are the same version; other ids have no order.
 */
export function orderOf(coming: Version, stored: Version): Order {
  if (coming.updated !== null && stored.updated !== null && coming.updated !== stored.updated) {
    return coming.updated > stored.updated ? 'NEWER' : 'OLDER';
  }
  if (coming.id === null || stored.id === null) return 'UNKNOWN';
  if (coming.id === stored.id) return 'SAME';
  if (!NUMBER.test(coming.id) || !NUMBER.test(stored.id)) return 'UNKNOWN';
  const [a, b] = [BigInt(coming.id), BigInt(stored.id)];
  if (a === b) return 'SAME';
  return a > b ? 'NEWER' : 'OLDER';
}

/** Whether a resource says that elements were left out of it, in any code system. */
export function isSubsetted(meta: Meta | undefined): boolean {
  const codings = [...(meta?.tag ?? []), ...(meta?.security ?? [])];
  return codings.some(({ code }) => code?.trim().toUpperCase() === 'SUBSETTED');
}

/** meta without the version elements; undefined if nothing is left. */
export function unversioned(meta: Meta): Meta | undefined {
  const { versionId: _, lastUpdated: __, ...rest } = meta;
  return Object.keys(rest).length === 0 ? undefined : rest;
}
