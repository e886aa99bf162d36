import { remember } from '../core/remember.js';

/**
 * The terminologies whose codes may leave, and the form that each gives its codes. They are
 * published by someone other than the custodian; a code of any other system can be anything, a
 * record number for one, and stays.
 *
 * @source the URIs of https://hl7.org/fhir/R4/terminologies-systems.html and
 *   https://terminology.hl7.org/external_terminologies.html
 */
const FORMS: Readonly<Record<string, RegExp>> = {
  // The partition 00 or 10 says that it is a concept; a check digit follows.
  'http://snomed.info/sct': /^[1-9]\d{2,14}(00|10)\d$/,
  'http://loinc.org': /^(\d{1,6}|L[APG]\d{1,6})-\d$/,
  'http://www.nlm.nih.gov/research/umls/rxnorm': /^\d{1,8}$/,
  'http://hl7.org/fhir/sid/icd-9-cm': /^[EV]?\d{2,3}(\.\d{1,2})?$/,
  'http://hl7.org/fhir/sid/icd-10': /^[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?$/,
  'http://hl7.org/fhir/sid/icd-10-cm': /^[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?$/,
  'http://fhir.de/CodeSystem/bfarm/icd-10-gm': /^[A-Z]\d\d(\.?[0-9]{1,2})?$/,
  'http://www.cms.gov/Medicare/Coding/ICD10': /^[0-9A-HJ-NP-Z]{7}$/, // ICD-10-PCS
  'http://id.who.int/icd/release/11/mms': /^[0-9A-Z]{2,5}(\.[0-9A-Z]{1,3})?([/&][0-9A-Z.]{2,9})*$/,
  'http://hl7.org/fhir/sid/icpc-1': /^[A-Z]\d{2}$/,
  'http://hl7.org/fhir/sid/icpc-2': /^[A-Z]\d{2}$/,
  'http://www.whocc.no/atc': /^[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?$/,
  'http://hl7.org/fhir/sid/ndc': /^(\d{4,5}-\d{3,4}(-\d{1,2})?|\d{10,11})$/,
  'http://hl7.org/fhir/sid/cvx': /^\d{1,3}$/,
  'http://hl7.org/fhir/sid/mvx': /^[A-Z]{2,4}$/,
  'http://www.ama-assn.org/go/cpt': /^\d{4}[0-9A-Z]$/,
  'http://terminology.hl7.org/CodeSystem/HCPCS': /^[A-V]\d{4}$/,
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-V]\d{4}$/,
  'http://www.ada.org/cdt': /^D\d{4}$/,
  'https://www.gs1.org/gtin': /^(\d{8}|\d{12,14})$/,
  'http://nucc.org/provider-taxonomy': /^[0-9A-Z]{9}X$/,
  'http://human-phenotype-ontology.org': /^HP:\d{7}$/,
  'http://www.orpha.net': /^(ORPHA:)?\d{1,6}$/,
  'http://www.genenames.org': /^HGNC:\d{1,6}$/,
  'https://www.omim.org': /^[#*+%]?\d{6}$/,
  'http://www.ncbi.nlm.nih.gov/clinvar': /^\d{1,8}$/,
  'http://varnomen.hgvs.org': /^[A-Z]{2}_\d{6,9}\.\d{1,2}:[cgmnpr]\.[A-Za-z0-9_>()*=+-]{1,40}$/,
  'https://www.meddra.org': /^\d{8}$/,
  'http://fdasis.nlm.nih.gov': /^[0-9A-Z]{10}$/, // UNII
  'http://dicom.nema.org/resources/ontology/DCM': /^[0-9A-Z]{2,8}$/,
  'https://dmd.nhs.uk': /^\d{6,18}$/,
  'http://unitsofmeasure.org': /^[^\s{}]{1,32}$/,
  'http://www.nubc.org/patient-discharge': /^\d{2}$/,
  // Every Observation has one, so its few codes are listed.
  'http://terminology.hl7.org/CodeSystem/observation-category':
    /^(social-history|vital-signs|imaging|laboratory|procedure|survey|exam|therapy|activity)$/,
  'http://terminology.hl7.org/CodeSystem/condition-category':
    /^(problem-list-item|encounter-diagnosis)$/,
  'urn:iso:std:iso:11073:10101': /^\d{1,8}$/, // medical device communication
};

/** Code systems that HL7 itself defines, by the name that follows their common address. */
const HL7_SYSTEMS: ReadonlySet<string> = new Set(
  (
    'admit-source allergyintolerance-clinical allergyintolerance-verification ' +
    'condition-category condition-clinical condition-stage-type condition-state ' +
    'condition-ver-status data-absent-reason diagnosis-role discharge-disposition ' +
    'dose-rate-type encounter-type goal-achievement goal-category goal-priority ' +
    'immunization-funding-source immunization-origin immunization-program-eligibility ' +
    'immunization-subpotent-reason medication-admin-category ' +
    'medicationdispense-category medicationrequest-admin-location ' +
    'medicationrequest-category medicationrequest-course-of-therapy ' +
    'observation-category reaction-event-certainty referencerange-meaning ' +
    'service-category service-type v3-ActCode v3-ActPriority v3-ActReason v3-ActSite ' +
    'v3-Confidentiality v3-NullFlavor v3-ObservationInterpretation ' +
    'v3-ObservationMethod v3-ParticipationType v3-RouteOfAdministration ' +
    'v3-substanceAdminSubstitution v3-TargetAwareness'
  ).split(' '),
);
const HL7 = /^http:\/\/terminology\.hl7\.org\/CodeSystem\/(.{1,60})$/;
/** Short, and without a number of more than four digits. */
const HL7_CODE = /^(?!.*\d{5})[A-Za-z0-9_.+*/<>=-]{1,40}$/;

type HasForm = (code: string) => boolean;

/** Codes of each system whose form is kept at hand. */
const MAX_REMEMBERED = 5_000;
const HAS_FORM = new Map<string, HasForm>();

/** Whether a code is one that the terminology named could have: its form, not its meaning. */
export function isPublishedCode(system: string, code: string): boolean {
  let hasForm = HAS_FORM.get(system);
  if (hasForm === undefined) {
    const made = formOf(system);
    if (made === undefined) return false;
    hasForm = remember(MAX_REMEMBERED, made);
    // Published systems alone, which are few: what anybody calls a system would fill the memory.
    HAS_FORM.set(system, hasForm);
  }
  return hasForm(code);
}

function formOf(system: string): HasForm | undefined {
  const form = Object.hasOwn(FORMS, system) ? FORMS[system] : undefined;
  if (form === undefined) return isHl7System(system) ? (code) => HL7_CODE.test(code) : undefined;
  if (system === 'http://snomed.info/sct')
    return (code) => form.test(code) && hasVerhoeffDigit(code);
  if (system === 'http://loinc.org') return (code) => form.test(code) && hasLuhnDigit(code);
  return (code) => form.test(code);
}

function isHl7System(system: string): boolean {
  const name = HL7.exec(system)?.[1] ?? '';
  return HL7_SYSTEMS.has(name) || /^v2-\d{4}$/.test(name);
}

// Multiplication of the dihedral group D5, and the permutation that Verhoeff applies per place.
const TIMES = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
] as const;
const PLACE = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
] as const;

/**
 * Nine of ten numbers that are none of SNOMED's fail it.
 *
 * @source SNOMED CT Release File Specifications, SCTID check digit
 */
function hasVerhoeffDigit(code: string): boolean {
  let sum = 0;
  for (const [i, digit] of [...code].reverse().entries()) {
    sum = Number(TIMES[sum]?.[Number(PLACE[i % 8]?.[Number(digit)])]);
  }
  return sum === 0;
}

/** LOINC's check digit over the number before the hyphen. @source LOINC Users' Guide, appendix C */
function hasLuhnDigit(code: string): boolean {
  const [number = '', check] = code.replace(/^L[APG]/, '').split('-');
  let sum = 0;
  for (const [i, digit] of [...number].reverse().entries()) {
    const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return (10 - (sum % 10)) % 10 === Number(check);
}
