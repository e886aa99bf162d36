import type { Period } from '../../core/time.js';
import type { DataClass, Purpose, Sensitivity } from '../../zk/vocabulary.js';
import { PARTICIPATION, readDataClasses, readLabels, readPurpose } from './code.js';
import type { FhirProvision } from './form.js';
import { type FhirConsentReason, unsupported } from './reason.js';
import { type FhirConsentTerms, requesterMeant } from './terms.js';
import { readFhirPeriod } from './time.js';

/** What one requester may do under one rule of a Consent. */
export interface Grant {
  readonly requester: bigint;
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly validity: Period;
  readonly dataWindow: Period;
}

/** What a rule inherits where it says nothing itself. */
export interface Inherited {
  readonly purposes: readonly Purpose[];
  readonly requesters: readonly bigint[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly validity: Period;
  readonly dataWindow: Period;
}

/**
 * The grants of a permission, one per requester.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED for anything that a leaf cannot express.
 */
export function grantsOf(
  rule: FhirProvision,
  inherited: Inherited,
  terms: FhirConsentTerms,
  place: string,
): readonly Grant[] {
  requireExpressible(rule, place);
  const named = purposesOf(rule, place);
  const purposes = named.length > 0 ? named : inherited.purposes;
  if (purposes.length === 0) throw unsupported('PURPOSE_MISSING', place);
  const requesters = requestersOf(rule, terms, place) ?? inherited.requesters;
  if (requesters.length === 0) throw unsupported('ACTOR_MISSING', place);
  const grant = {
    purposes,
    dataClasses: classesOf(rule, place) ?? inherited.dataClasses,
    labels: labelsOf(rule, place) ?? inherited.labels,
    validity: within(rule.period, inherited.validity, `${place}.period`),
    dataWindow: within(rule.dataPeriod, inherited.dataWindow, `${place}.dataPeriod`),
  };
  return [...new Set(requesters)].map((requester) => ({ requester, ...grant }));
}

/** Refuses distinctions that no leaf can make, whether they permit or deny. */
export function requireExpressible(rule: FhirProvision, place: string): void {
  if (hasModifier(rule)) throw unsupported('MODIFIER', place);
  const [data] = rule.data ?? [];
  if (data !== undefined) throw unsupported(dataReason(data), `${place}.data`);
  if (rule.action !== undefined) throw unsupported('ACTION', `${place}.action`);
  if (rule.code !== undefined) throw unsupported('CODE', `${place}.code`);
}

function hasModifier({ modifierExtension, actor, data }: FhirProvision): boolean {
  const parts = [{ modifierExtension }, ...(actor ?? []), ...(data ?? [])];
  return parts.some((part) => (part.modifierExtension ?? []).length > 0);
}

function dataReason({
  meaning,
  reference,
}: NonNullable<FhirProvision['data']>[number]): FhirConsentReason {
  if (meaning === 'authoredby') return 'AUTHORED_BY';
  if (meaning === 'instance') return 'SPECIFIC_RESOURCE';
  return reference.reference?.startsWith('Encounter/') ? 'ENCOUNTER' : 'RELATED';
}

/** @throws FHIR_CONSENT_UNSUPPORTED: BREAK_GLASS, PURPOSE_UNKNOWN */
export function purposesOf({ purpose = [] }: FhirProvision, place: string): readonly Purpose[] {
  return [...new Set(purpose.map((coding) => readPurpose(coding, `${place}.purpose`)))];
}

/** Undefined if it names nobody. @throws FHIR_CONSENT_UNSUPPORTED: ACTOR_ROLE, ACTOR_UNKNOWN */
export function requestersOf(
  { actor }: FhirProvision,
  terms: FhirConsentTerms,
  place: string,
): readonly bigint[] | undefined {
  return actor?.map(({ role, reference }, i) => {
    const at = `${place}.actor[${i}]`;
    const receives = role.coding?.some(
      ({ system, code }) => system === PARTICIPATION && (code === 'IRCP' || code === 'PRCP'),
    );
    if (!receives) throw unsupported('ACTOR_ROLE', `${at}.role`);
    return requesterMeant(reference, terms, `${at}.reference`);
  });
}

/** Undefined if it names none. @throws FHIR_CONSENT_UNSUPPORTED: CLASS_UNKNOWN, CLASS_PARTIAL */
export function classesOf(rule: FhirProvision, place: string): readonly DataClass[] | undefined {
  return rule.class && readDataClasses(rule.class, `${place}.class`);
}

/** Undefined if it names none. @throws FHIR_CONSENT_UNSUPPORTED: LABEL_UNKNOWN, LABELLED_ONLY */
function labelsOf(
  { securityLabel }: FhirProvision,
  place: string,
): readonly Sensitivity[] | undefined {
  if (securityLabel === undefined) return undefined;
  const { ordinary, labels } = readLabels(securityLabel, `${place}.securityLabel`);
  if (!ordinary) throw unsupported('LABELLED_ONLY', `${place}.securityLabel`);
  return labels;
}

/** The part of an inner period within the outer one. */
function within(period: FhirProvision['period'], outer: Period, place: string): Period {
  if (period === undefined) return outer;
  const { from, until } = readFhirPeriod(period, place, outer);
  return { from: Math.max(from, outer.from), until: Math.min(until, outer.until) };
}
