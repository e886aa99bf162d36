import { parseFhirTime } from '../../core/fhir-time.js';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import type { Period, Seconds } from '../../core/time.js';
import type { DataClass } from '../../zk/vocabulary.js';

/** A code of a terminology. A coding without a system means nothing and is never kept. */
export interface Coding {
  /** An absolute URI, for example http://loinc.org. */
  readonly system: string;
  readonly code: string;
  /** Words that many patients' records here share; never what this row's source typed. */
  readonly display: string | null;
}

/** One meaning in one or several terminologies; without a coding if the source had only words. */
export interface CodeableConcept {
  readonly coding: readonly Coding[];
}

/** How an inexact amount relates to its value: "<5" is an unknown amount less than 5. */
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

/** From low to high, both included; an end that is null is open. */
export interface Range {
  readonly low: Quantity | null;
  readonly high: Quantity | null;
}

/** One amount per another: a titre, a rate, a maximum dose per period. */
export interface Ratio {
  readonly numerator: Quantity;
  readonly denominator: Quantity;
}

/** A row of one participant that one custodian released. */
export interface Released {
  /**
   * Derived per study and custodian, so that neither two studies nor two custodians share an id.
   */
  readonly id: string;
  readonly custodian: InstitutionId;
}

/**
 * The civil date of a record, YYYY-MM-DD or less precise; null if the source has none. Every other
 * moment in a record must be a civil date or a Period too, so that coarse-date.ts finds it.
 */
export interface Dated {
  readonly recorded: string | null;
  /** Elements of the source that say more than the row does: fhir/partial.ts. */
  readonly partial: readonly string[];
}

/**
 * What all contents have in common: a date, and the time that the resource applies to, under FHIR's
 * name for it. Half-open; an instant lasts a second, a date the whole day; null if unknown or
 * without an end. Any other time in a content must be a civil date or a Period too.
 */
export interface RecordContent extends Dated {
  readonly effective?: Period | null;
  readonly performed?: Period | null;
  readonly period?: Period | null;
}

export type ClinicalRecord = Released & RecordContent;

export const SEXES = ['MALE', 'FEMALE', 'OTHER', 'UNKNOWN'] as const;

/** What a study may know about the person. One per custodian, never reconciled. */
export interface Demographics {
  readonly custodian: InstitutionId;
  readonly sex: (typeof SEXES)[number] | null;
  /** People over 90 are shown as 90: there are so few that the year could identify them. */
  readonly birthYear: number | null;
}

export type WithheldReason = 'OUTSIDE_SCOPE' | 'OUTSIDE_WINDOW';

/** What the permit does not open. Derived from permit and question, never from the data. */
export interface Withheld {
  readonly dataClass: DataClass;
  readonly reason: WithheldReason;
}

/** A participant of one study, as this requester may see it. */
export interface ParticipantRef {
  readonly pseudonym: Pseudonym;
  readonly study: StudyId;
  readonly withheld: readonly Withheld[];
}

/**
 * The parts of a scope that open records: classes, and exact dates. `withheld` lists them in this
 * order.
 */
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
 * The moment by which the records of a participant are sorted: the start of the time it names,
 * otherwise the start of the recorded date in UTC, otherwise 0 (undated first).
 *
 * It is computed only from what is released, so that node and network sort by the same number.
 */
export function momentOf(content: Omit<RecordContent, 'partial'>): Seconds {
  const { recorded } = content;
  return namedTimeOf(content)?.from ?? (recorded === null ? 0 : parseFhirTime(recorded).from);
}

/** The time that the resource itself names, under any of FHIR's names; null without one. */
export function namedTimeOf({
  effective,
  performed,
  period,
}: Omit<RecordContent, 'partial'>): Period | null {
  return effective ?? performed ?? period ?? null;
}
