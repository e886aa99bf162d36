import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { MAX_TIME_SECONDS, type Seconds } from '../../core/time.js';
import { decodeCursor, encodeCursor } from '../../graph/page.js';

/** A place in the one order of a participant's disclosures over all custodians: the newest first. */
export interface ReleasePlace {
  readonly at: Seconds;
  readonly custodian: string;
  /** The custodian's number of the release. */
  readonly id: number;
}

const WHOLE_NUMBER = /^(0|[1-9]\d{0,15})$/;

/** Negative if `a` comes before `b`: descending by (at, custodian, id), texts by code unit. */
export function compareReleases(a: ReleasePlace, b: ReleasePlace): number {
  if (a.at !== b.at) return b.at - a.at;
  if (a.custodian !== b.custodian) return a.custodian < b.custodian ? 1 : -1;
  return b.id - a.id;
}

/** The same place as one custodian's rows know it: those below (at, id) are still to come. */
export function belowAt(
  custodian: InstitutionId,
  place: ReleasePlace,
): { readonly at: Seconds; readonly id: number } {
  if (custodian === place.custodian) return { at: place.at, id: place.id };
  return { at: place.at, id: custodian < place.custodian ? Number.MAX_SAFE_INTEGER : 0 };
}

export function cursorOfRelease({ at, custodian, id }: ReleasePlace): string {
  return encodeCursor([String(at), custodian, String(id)]);
}

/** @throws DomainError BAD_INPUT for a cursor that no page of disclosures ended with. */
export function placeOfReleaseCursor(cursor: string | null | undefined): ReleasePlace | undefined {
  const [at, custodian, id] = decodeCursor(cursor, 3) ?? [];
  if (at === undefined || custodian === undefined || id === undefined) return undefined;
  const numbers = [at, id].every((text) => WHOLE_NUMBER.test(text));
  if (!numbers || Number(at) > MAX_TIME_SECONDS || !Number.isSafeInteger(Number(id))) {
    throw new DomainError('BAD_INPUT', { argument: 'after' });
  }
  return { at: Number(at), custodian, id: Number(id) };
}
