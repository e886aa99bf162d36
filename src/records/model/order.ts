import { DomainError } from '../../core/errors.js';
import { type Pseudonym, toPseudonym } from '../../core/ids.js';
import { MAX_TIME_SECONDS, type Seconds } from '../../core/time.js';
import { decodeCursor, encodeCursor } from '../../graph/page.js';
import { type ClinicalRecord, type Demographics, momentOf, type ParticipantRef } from './model.js';

/** A place in the order of a participant's records: (moment, custodian, id), ascending. */
export interface RowPlace {
  readonly moment: Seconds;
  readonly custodian: string;
  readonly id: string;
}

export function placeOf(record: ClinicalRecord): RowPlace {
  return { moment: momentOf(record), custodian: record.custodian, id: record.id };
}

/**
 * @returns negative, zero or positive. Texts are compared by code unit, the same on every machine.
 */
export function comparePlaces(a: RowPlace, b: RowPlace): number {
  return a.moment - b.moment || compareTexts(a.custodian, b.custodian) || compareTexts(a.id, b.id);
}

export function compareRecords(a: ClinicalRecord, b: ClinicalRecord): number {
  return comparePlaces(placeOf(a), placeOf(b));
}

export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function cursorOf(record: ClinicalRecord): string {
  const { moment, custodian, id } = placeOf(record);
  return encodeCursor([String(moment), custodian, id]);
}

export function cursorOfParticipant({ pseudonym }: Pick<ParticipantRef, 'pseudonym'>): string {
  return encodeCursor([pseudonym]);
}

/** Cursor for what each custodian says once: all of it is in one page. */
export function cursorOfCustodian({ custodian }: Pick<Demographics, 'custodian'>): string {
  return encodeCursor([custodian]);
}

/**
 * The participant that a page ended with.
 *
 * @throws DomainError BAD_INPUT for a cursor that no such page ended with: a forged one may contain
 *   what the database cannot store.
 */
export function pseudonymOfCursor(cursor: string | null): Pseudonym | undefined {
  const [pseudonym] = decodeCursor(cursor, 1) ?? [];
  if (pseudonym === undefined) return undefined;
  try {
    return toPseudonym(pseudonym);
  } catch (cause) {
    throw new DomainError('BAD_INPUT', { argument: 'after' }, cause);
  }
}

/** @throws DomainError BAD_INPUT for a cursor that no page of records ended with. */
export function placeOfCursor(cursor: string | null): RowPlace | undefined {
  const [moment, custodian, id] = decodeCursor(cursor, 3) ?? [];
  if (moment === undefined || custodian === undefined || id === undefined) return undefined;
  if (!/^\d{1,13}$/.test(moment) || Number(moment) > MAX_TIME_SECONDS) {
    throw new DomainError('BAD_INPUT', { argument: 'after' });
  }
  return { moment: Number(moment), custodian, id };
}
