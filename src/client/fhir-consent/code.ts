import {
  DATA_CLASS_BITS,
  type DataClass,
  DUTY_BITS,
  type Duty,
  LABEL_BITS,
  PURPOSE_BITS,
  type Purpose,
  type Sensitivity,
} from '../../zk/vocabulary.js';
import type { FhirCoding, FhirConcept } from './form.js';
import { unsupported } from './reason.js';

export const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
export const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
export const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';

/** System of the vocabulary's data classes that have no code in FHIR. */
const OWN_DATA_CLASS = 'urn:assent:data-class';
const OWN_DUTY = 'urn:assent:duty';

/** The FHIR resources that a data class releases, always together; the other classes have none. */
const FAMILIES: Readonly<Partial<Record<DataClass, readonly string[]>>> = {
  DEMOGRAPHICS: ['Patient'],
  CONDITION: ['Condition'],
  OBSERVATION: ['Observation'],
  MEDICATION: [
    'MedicationRequest',
    'MedicationDispense',
    'MedicationAdministration',
    'MedicationStatement',
  ],
  PROCEDURE: ['Procedure'],
  IMMUNIZATION: ['Immunization'],
  ALLERGY: ['AllergyIntolerance'],
  ENCOUNTER: ['Encounter'],
  DIAGNOSTIC_REPORT: ['DiagnosticReport'],
  CLAIMS: ['Claim', 'ExplanationOfBenefit'],
};

export const ALL_LABELS = Object.keys(LABEL_BITS) as readonly Sensitivity[];

/** @throws FHIR_CONSENT_UNSUPPORTED: BREAK_GLASS, PURPOSE_UNKNOWN */
export function readPurpose({ system, code = '' }: FhirCoding, place: string): Purpose {
  if (system === ACT_REASON && code === 'BTG') throw unsupported('BREAK_GLASS', place);
  if (system === ACT_REASON && Object.hasOwn(PURPOSE_BITS, code)) return code as Purpose;
  throw unsupported('PURPOSE_UNKNOWN', place);
}

/** The data classes of a list of classes. @throws FHIR_CONSENT_UNSUPPORTED: CLASS_UNKNOWN, CLASS_PARTIAL */
export function readDataClasses(
  codings: readonly FhirCoding[],
  place: string,
): readonly DataClass[] {
  const named = new Set<string>();
  const classes = new Set<DataClass>();
  for (const { system, code = '' } of codings) {
    if (system === RESOURCE_TYPES) named.add(code);
    else if (system === OWN_DATA_CLASS && Object.hasOwn(DATA_CLASS_BITS, code)) {
      classes.add(code as DataClass);
    } else throw unsupported('CLASS_UNKNOWN', place);
  }
  for (const [dataClass, family] of Object.entries(FAMILIES)) {
    const found = family.filter((type) => named.delete(type));
    if (found.length > 0 && found.length < family.length) throw unsupported('CLASS_PARTIAL', place);
    if (found.length > 0) classes.add(dataClass as DataClass);
  }
  if (named.size > 0) throw unsupported('CLASS_UNKNOWN', place);
  return (Object.keys(DATA_CLASS_BITS) as DataClass[]).filter((name) => classes.has(name));
}

/** What security labels release: ordinary records, and records with a label. */
export interface LabelChoice {
  readonly ordinary: boolean;
  readonly labels: readonly Sensitivity[];
}

/**
 * "Normal" means ordinary records; "restricted" means every label, because a node withholds a
 * restricted record without saying for which label.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED: LABEL_UNKNOWN
 */
export function readLabels(codings: readonly FhirCoding[], place: string): LabelChoice {
  const labels = new Set<Sensitivity>();
  let ordinary = false;
  for (const { system, code = '' } of codings) {
    if (system === CONFIDENTIALITY && code === 'N') ordinary = true;
    else if (system === CONFIDENTIALITY && code === 'R')
      for (const all of ALL_LABELS) labels.add(all);
    else if (system === ACT_CODE && Object.hasOwn(LABEL_BITS, code))
      labels.add(code as Sensitivity);
    else throw unsupported('LABEL_UNKNOWN', place);
  }
  return { ordinary, labels: ALL_LABELS.filter((label) => labels.has(label)) };
}

/** The default when no rule applies, by the codes in R4's own examples. */
const BASES: Readonly<Partial<Record<string, 'permit' | 'deny'>>> = {
  OPTIN: 'permit',
  OPTINR: 'permit',
  OPTOUT: 'deny',
  OPTOUTE: 'deny',
};

/** Names of those codes, as they occur in a policy's text. */
const NAMES = /^\s*opt(ed)?[ -]?(in|out)( with (restrictions|exceptions))?\s*$/i;

/** A computable policy: the default when no rule applies, and the requester's duties. */
export interface PolicyRule {
  /** Undefined if it names none. */
  readonly base: 'permit' | 'deny' | undefined;
  /** Whether it permits only with restrictions, which the rules must name. */
  readonly isRestricted: boolean;
  readonly duties: readonly Duty[];
}

/**
 * @throws FHIR_CONSENT_UNSUPPORTED: POLICY_RULE for a policy that is in words, unknown, or
 *   ambiguous.
 * @source http://terminology.hl7.org/CodeSystem/v3-ActCode: OPTIN, OPTINR, OPTOUT, OPTOUTE
 */
export function readPolicyRule({ coding = [], text }: FhirConcept, place: string): PolicyRule {
  const bases = new Set<'permit' | 'deny'>();
  for (const { system, code = '' } of coding) {
    const base = system === ACT_CODE && Object.hasOwn(BASES, code) ? BASES[code] : undefined;
    const isDuty = system === OWN_DUTY && Object.hasOwn(DUTY_BITS, code);
    if (base !== undefined) bases.add(base);
    else if (!isDuty) throw unsupported('POLICY_RULE', place);
  }
  // Words other than the code's own name could say anything in addition to it.
  const isInWords = text !== undefined && !(typeof text === 'string' && NAMES.test(text));
  if (isInWords || coding.length === 0 || bases.size > 1) throw unsupported('POLICY_RULE', place);
  const duties = (Object.keys(DUTY_BITS) as Duty[]).filter((duty) =>
    coding.some(({ code }) => code === duty),
  );
  const isRestricted = coding.some(({ code }) => code === 'OPTINR');
  return { base: [...bases][0], isRestricted, duties };
}

export function purposeCodings(purposes: readonly Purpose[]): FhirCoding[] {
  return purposes.map((code) => ({ system: ACT_REASON, code }));
}

export function classCodings(dataClasses: readonly DataClass[]): FhirCoding[] {
  return dataClasses.flatMap(
    (name) =>
      FAMILIES[name]?.map((code) => ({ system: RESOURCE_TYPES, code })) ?? [
        { system: OWN_DATA_CLASS, code: name },
      ],
  );
}

/** Codings for ordinary records, and for records with these labels. */
export function labelCodings(labels: readonly Sensitivity[]): FhirCoding[] {
  return [
    { system: CONFIDENTIALITY, code: 'N' },
    ...labels.map((code) => ({ system: ACT_CODE, code })),
  ];
}

export function dutyCodings(duties: readonly Duty[]): FhirCoding[] {
  return duties.map((code) => ({ system: OWN_DUTY, code }));
}
