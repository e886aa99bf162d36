import { parseFhirTime } from '../../core/fhir-time.js';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import type { Period, Seconds } from '../../core/time.js';
import type { DataClass } from '../../zk/vocabulary.js';

/** A code of a terminology. A coding without a system means nothing and is never kept. */
export interface Coding {
  /** An absolute URI, for example http://loinc.org. */
  readonly system: string;
  readonly code: string;
  /** What many patients' records call it here; never what this row's source typed. */
  readonly display: string | null;
}

/** One meaning in one or several terminologies; no coding if the source only had words for it. */
export interface CodeableConcept {
  readonly coding: readonly Coding[];
}

/** What a value that is not exact is compared with: "<5" is less than 5, and how much nobody knows. */
export const COMPARATORS = ['LESS_THAN', 'AT_MOST', 'AT_LEAST', 'MORE_THAN'] as const;

/** A measured amount. `value` is a decimal as text, so that no digit is lost. */
export interface Quantity {
  readonly value: string;
  /** Null for an exact value. */
  readonly comparator: (typeof COMPARATORS)[number] | null;
  readonly unit: string | null;
  /** UCUM. */
  readonly code: string | null;
}

/** From low to high, both in it; an end that is null is open. */
export interface Range {
  readonly low: Quantity | null;
  readonly high: Quantity | null;
}

/** One amount for another: a titre, a rate, at most so much in so long. */
export interface Ratio {
  readonly numerator: Quantity;
  readonly denominator: Quantity;
}

/** A row of one participant that one custodian released. */
export interface Released {
  /** Keyed per study and custodian, so that neither two studies nor two custodians share one. */
  readonly id: string;
  readonly custodian: InstitutionId;
}

/**
 * The civil date a record is told by, YYYY-MM-DD or less exact; null if the source has none.
 * Every other moment of a record is a civil date or a Period too: coarse-date.ts finds them so.
 */
export interface Dated {
  readonly recorded: string | null;
  /** Elements of the source that say more than this does: fhir/partial.ts. */
  readonly partial: readonly string[];
}

/**
 * What all contents have in common: a date, and the time that the resource itself names, under
 * FHIR's word for it. Half-open; an instant lasts a second, a day the day; null if unknown or
 * without an end. Whatever else a content tells of time is a civil date or a Period too.
 */
export interface RecordContent extends Dated {
  readonly effective?: Period | null;
  readonly performed?: Period | null;
  readonly period?: Period | null;
}

export type ClinicalRecord = Released & RecordContent;

export const SEXES = ['MALE', 'FEMALE', 'OTHER', 'UNKNOWN'] as const;

/** Who a participant is, as far as a study may know. One per custodian, never reconciled. */
export interface Demographics {
  readonly custodian: InstitutionId;
  readonly sex: (typeof SEXES)[number] | null;
  /** Whoever is over 90 is shown as 90: so few are that the year would name them. */
  readonly birthYear: number | null;
}

export type WithheldReason = 'OUTSIDE_SCOPE' | 'OUTSIDE_WINDOW';

/** What the permit does not open. Read off the permit and the question, never off the data. */
export interface Withheld {
  readonly dataClass: DataClass;
  readonly reason: WithheldReason;
}

/** A participant of one study, as far as this requester may know of one. */
export interface ParticipantRef {
  readonly pseudonym: Pseudonym;
  readonly study: StudyId;
  readonly withheld: readonly Withheld[];
}

/** What this room opens by, in the order in which `withheld` lists it: classes, and exact dates. */
export const RECORD_CLASSES = [
  'DEMOGRAPHICS',
  'CONDITION',
  'OBSERVATION',
  'MEDICATION',
  'PROCEDURE',
  'IMMUNIZATION',
  'ALLERGY',
  'ENCOUNTER',
  'DIAGNOSTIC_REPORT',
  'EXACT_DATE',
] as const;

export type RecordClass = (typeof RECORD_CLASSES)[number];

/**
 * The moment that orders a record among the others of its participant: when the time it names
 * begins, else the start of the recorded date in UTC, else 0 (undated first).
 *
 * It is computed from what leaves alone, so that node and network order by the same number.
 */
export function momentOf(content: Omit<RecordContent, 'partial'>): Seconds {
  const { recorded } = content;
  return namedTimeOf(content)?.from ?? (recorded === null ? 0 : parseFhirTime(recorded).from);
}

/** The time that the resource itself names, under whichever of FHIR's words; null without one. */
export function namedTimeOf({
  effective,
  performed,
  period,
}: Omit<RecordContent, 'partial'>): Period | null {
  return effective ?? performed ?? period ?? null;
}
