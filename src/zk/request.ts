import { type Criterion, criteriaHash } from './criteria.js';
import { DOMAIN_TAGS } from './domain-tags.js';
import { type LeafPeriod, packPeriod } from './leaf.js';
import { poseidon } from './poseidon/poseidon.js';
import { ACCREDITATION_ROLE_BITS, type AccreditationRole } from './vocabulary.js';

const SECONDS_OF_DAY = 86_400n;

/** All that a node's policy decides on when it is shown a consent. The prover chooses nothing else. */
export interface ConsentRequest {
  /** institutionField of the one custodian asked; 0 = every one that the grant allows. */
  readonly institution: bigint;
  readonly study: bigint;
  /** 96 bits: one purpose, one data class or more, labels. */
  readonly scope: bigint;
  /** 32 bits: the duties that the requester acknowledges. */
  readonly duties: bigint;
  /** The dates of data asked for. */
  readonly dataWindow: LeafPeriod;
  /** When the presentation ends, seconds since 1900. */
  readonly expires: bigint;
}

/** All that a node's policy decides on when it is shown an accreditation. */
export interface AccreditationRequest {
  readonly role: AccreditationRole;
  readonly study: bigint;
  /** The organisation whose records a partner asks for; 0 = none. */
  readonly party: bigint;
  /** periodOf the time of asking. */
  readonly period: bigint;
}

/** All that a sponsor decides on when it is shown that somebody is eligible for its trial. */
export interface EligibilityRequest {
  /** studyField of the trial. */
  readonly trial: bigint;
  /** The trial's published criteria, every one of them. */
  readonly criteria: readonly Criterion[];
  /** requesterOf the sponsor's secret: whom the consent must name. */
  readonly requester: bigint;
}

/**
 * The public signal `request` of the consent statement: the verifier computes it from plaintext.
 *
 * @throws PERIOD_EMPTY, TIME_OUT_OF_RANGE, FIELD_OUT_OF_RANGE
 */
export function consentRequest(asked: ConsentRequest): bigint {
  const { institution, study, scope, duties, dataWindow, expires } = asked;
  const window = packPeriod(dataWindow);
  return poseidon([DOMAIN_TAGS.REQUEST, institution, study, scope, duties, window, expires]);
}

/** The public signal `request` of the accreditation statement. @throws FIELD_OUT_OF_RANGE */
export function accreditationRequest({ role, study, party, period }: AccreditationRequest): bigint {
  return poseidon([
    DOMAIN_TAGS.REQUEST,
    BigInt(ACCREDITATION_ROLE_BITS[role]),
    study,
    party,
    period,
  ]);
}

/**
 * The public signal `request` of the eligibility statement.
 *
 * @throws BAD_INPUT, FIELD_OUT_OF_RANGE
 */
export function eligibilityRequest({ trial, criteria, requester }: EligibilityRequest): bigint {
  return poseidon([DOMAIN_TAGS.REQUEST, trial, criteriaHash(criteria), requester]);
}

/** The day that a time lies in, counted from 1900-01-01: what budgets are kept by. */
export function periodOf(asOf: bigint): bigint {
  return asOf / SECONDS_OF_DAY;
}
