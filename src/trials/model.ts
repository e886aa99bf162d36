import type { Evidence } from '../core/evidence/evidence.js';
import type { InstitutionId, StudyId } from '../core/ids.js';

/** ClinicalTrials.gov `Status`: the state of recruitment or expanded access. */
export const TRIAL_STATUSES = [
  'ACTIVE_NOT_RECRUITING',
  'APPROVED_FOR_MARKETING',
  'AVAILABLE',
  'COMPLETED',
  'ENROLLING_BY_INVITATION',
  'NOT_YET_RECRUITING',
  'NO_LONGER_AVAILABLE',
  'RECRUITING',
  'SUSPENDED',
  'TEMPORARILY_NOT_AVAILABLE',
  'TERMINATED',
  'UNKNOWN',
  'WITHDRAWN',
  'WITHHELD',
] as const;

/** ClinicalTrials.gov `Phase`; NA: phases do not apply, for example to a device. */
export const PHASES = ['NA', 'EARLY_PHASE1', 'PHASE1', 'PHASE2', 'PHASE3', 'PHASE4'] as const;

export type TrialStatus = (typeof TRIAL_STATUSES)[number];
export type Phase = (typeof PHASES)[number];

/** A place where a trial recruits, as its registry record names it. */
export interface Site {
  readonly facility: string | null;
  readonly city: string | null;
  readonly country: string | null;
  /** The institution with the facility's name or identifier, if there is one. */
  readonly institution: InstitutionId | null;
}

/** Who may take part, in the protocol's own words; shown, never evaluated. */
export interface Eligibility {
  readonly text: string | null;
  readonly sex: string | null;
  /** As registered, for example "18 Years". */
  readonly minimumAge: string | null;
  readonly maximumAge: string | null;
  readonly healthyVolunteers: boolean | null;
}

/** A registered trial: its public protocol. A trial is a study, under the same id. */
export interface Trial {
  readonly id: StudyId;
  readonly title: string;
  readonly status: TrialStatus;
  readonly phases: readonly Phase[];
  readonly conditions: readonly string[];
  readonly keywords: readonly string[];
  /** The lead sponsor as registered, and the institution with this name, if there is one. */
  readonly sponsorName: string;
  readonly sponsor: InstitutionId | null;
  readonly sites: readonly Site[];
  readonly summary: string | null;
  readonly eligibility: Eligibility;
  /** Participants, planned or actual. */
  readonly enrollment: number | null;
  /** YYYY-MM-DD or YYYY-MM, as precise as registered. */
  readonly startDate: string | null;
  readonly completionDate: string | null;
}

/** A trial and the institution whose node keeps the record. */
export interface KeptTrial extends Trial {
  readonly custodian: InstitutionId;
  /** Null if it was not asked for, and until the custodian has anchored the record. */
  readonly evidence: Evidence | null;
}
