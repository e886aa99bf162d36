import type { InstitutionId, Pseudonym, StudyId } from '../core/ids.js';
import { type Period, type Seconds, secondsFromUnixMs } from '../core/time.js';
import type { DataClass } from '../zk/vocabulary.js';

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

/** A measured amount. `value` is a decimal as text, so that no digit is lost. */
export interface Quantity {
  readonly value: string;
  readonly unit: string | null;
  /** UCUM. */
  readonly code: string | null;
}

/** A value that is neither measured nor coded: a boolean, a time or a ratio. Never free text. */
export interface StringValue {
  readonly text: string;
}

export type ObservationValue = Quantity | CodeableConcept | StringValue;

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
interface Dated {
  readonly recorded: string | null;
}

export const CLINICAL_STATUSES = [
  'ACTIVE',
  'RECURRENCE',
  'RELAPSE',
  'INACTIVE',
  'REMISSION',
  'RESOLVED',
] as const;
export const VERIFICATION_STATUSES = [
  'UNCONFIRMED',
  'PROVISIONAL',
  'DIFFERENTIAL',
  'CONFIRMED',
  'REFUTED',
] as const;
export const OBSERVATION_STATUSES = [
  'REGISTERED',
  'PRELIMINARY',
  'FINAL',
  'AMENDED',
  'CORRECTED',
  'CANCELLED',
  'UNKNOWN',
] as const;
export const DISPENSE_STATUSES = [
  'PREPARATION',
  'IN_PROGRESS',
  'CANCELLED',
  'ON_HOLD',
  'COMPLETED',
  'STOPPED',
  'DECLINED',
  'UNKNOWN',
] as const;
export const SEXES = ['MALE', 'FEMALE', 'OTHER', 'UNKNOWN'] as const;

/** What a Condition says, before it has an outward id. */
export interface ConditionContent extends Dated {
  readonly code: CodeableConcept;
  readonly clinicalStatus: (typeof CLINICAL_STATUSES)[number] | null;
  readonly verificationStatus: (typeof VERIFICATION_STATUSES)[number] | null;
  /** Civil dates. */
  readonly onset: string | null;
  readonly abatement: string | null;
}

export interface ObservationComponent {
  readonly code: CodeableConcept;
  readonly value: ObservationValue | null;
}

/** What an Observation says. */
export interface ObservationContent extends Dated {
  readonly status: (typeof OBSERVATION_STATUSES)[number];
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  /** Half-open; an instant lasts a second, a day a day. Null if unknown or without an end. */
  readonly effective: Period | null;
  readonly value: ObservationValue | null;
  readonly component: readonly ObservationComponent[];
}

/** Where a dispense meets supply. The lot crosses domains, never the pack. */
export interface LotKey {
  /** 14 digits. */
  readonly gtin: string;
  readonly lot: string;
}

/** What a MedicationDispense says. `recorded` is the date it was handed over. */
export interface DispenseContent extends Dated {
  readonly status: (typeof DISPENSE_STATUSES)[number];
  readonly medication: CodeableConcept;
  readonly quantity: Quantity | null;
  readonly daysSupply: Quantity | null;
  readonly lot: LotKey | null;
}

export type Condition = Released & ConditionContent;
export type Observation = Released & ObservationContent;
export type Dispense = Released & DispenseContent;
export type RecordContent = ConditionContent | ObservationContent | DispenseContent;
export type ClinicalRecord = Released & RecordContent;

/** The data classes whose rows lie on a participant's time line. */
export type TimelineClass = 'CONDITION' | 'OBSERVATION' | 'MEDICATION';

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
  'EXACT_DATE',
] as const;

/**
 * The moment that orders a record among the others of its participant: when an observation's
 * effective period begins, else the start of the recorded date in UTC, else 0 (undated first).
 *
 * It is computed from what leaves alone, so that node and network order by the same number.
 */
export function momentOf(content: RecordContent): Seconds {
  if ('effective' in content && content.effective !== null) return content.effective.from;
  return content.recorded === null ? 0 : secondsFromUnixMs(Date.parse(content.recorded));
}
