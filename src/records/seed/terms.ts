import { LOINC, RXNORM, SNOMED } from '../codes/system-names.js';

/** A code of a terminology as the generated bundles write it. */
export interface CodedTerm {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

/** A long-term condition, how common it is and what is given for it. */
export interface Disease {
  readonly term: CodedTerm;
  /** The share of adults who have it at 20 and at 80; linear between and beyond. */
  readonly prevalence: readonly [at20: number, at80: number];
  readonly medications: readonly CodedTerm[];
  /** HL7 sensitivity label that an EHR puts on it. */
  readonly label?: 'PSY' | 'SUD';
}

export const snomed = (code: string, display: string): CodedTerm => ({
  system: SNOMED,
  code,
  display,
});
export const loinc = (code: string, display: string): CodedTerm => ({
  system: LOINC,
  code,
  display,
});
const rxnorm = (code: string, display: string): CodedTerm => ({ system: RXNORM, code, display });

/** What the generator can prescribe, by RxNorm code. */
const MEDICATIONS = {
  lisinopril: rxnorm('314076', 'lisinopril 10 MG Oral Tablet'),
  hydrochlorothiazide: rxnorm('310798', 'hydrochlorothiazide 25 MG Oral Tablet'),
  amlodipine: rxnorm('308136', 'amlodipine 2.5 MG Oral Tablet'),
  metformin: rxnorm('860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet'),
  simvastatin: rxnorm('314231', 'simvastatin 10 MG Oral Tablet'),
  albuterol: rxnorm('745679', '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler'),
  sertraline: rxnorm('312938', 'sertraline 100 MG Oral Tablet'),
  omeprazole: rxnorm('198051', 'omeprazole 20 MG Delayed Release Oral Capsule'),
  clopidogrel: rxnorm('309362', 'clopidogrel 75 MG Oral Tablet'),
  warfarin: rxnorm('855332', 'warfarin sodium 5 MG Oral Tablet'),
  ibuprofen: rxnorm('310965', 'ibuprofen 200 MG Oral Tablet'),
} as const;

export const HYPERTENSION = snomed('59621000', 'Essential hypertension');
export const DIABETES = snomed('44054006', 'Diabetes mellitus type 2');
export const KIDNEY_DISEASE = snomed('709044004', 'Chronic kidney disease');
const OBESITY = snomed('414916001', 'Obesity');

/** Shares near those that CDC's NHANES and NHIS publish for adults of the United States. */
export const DISEASES: readonly Disease[] = [
  {
    term: HYPERTENSION,
    prevalence: [0.08, 0.66],
    medications: [MEDICATIONS.lisinopril, MEDICATIONS.hydrochlorothiazide, MEDICATIONS.amlodipine],
  },
  { term: DIABETES, prevalence: [0.02, 0.24], medications: [MEDICATIONS.metformin] },
  {
    term: snomed('55822004', 'Hyperlipidemia'),
    prevalence: [0.06, 0.52],
    medications: [MEDICATIONS.simvastatin],
  },
  { term: OBESITY, prevalence: [0.36, 0.36], medications: [] },
  {
    term: snomed('195967001', 'Asthma'),
    prevalence: [0.1, 0.07],
    medications: [MEDICATIONS.albuterol],
  },
  {
    term: snomed('35489007', 'Depressive disorder'),
    prevalence: [0.13, 0.08],
    medications: [MEDICATIONS.sertraline],
    label: 'PSY',
  },
  {
    term: snomed('13645005', 'Chronic obstructive lung disease'),
    prevalence: [0.01, 0.13],
    medications: [MEDICATIONS.albuterol],
  },
  { term: KIDNEY_DISEASE, prevalence: [0.02, 0.28], medications: [] },
  {
    term: snomed('414545008', 'Ischemic heart disease'),
    prevalence: [0.004, 0.2],
    medications: [MEDICATIONS.clopidogrel],
  },
  {
    term: snomed('49436004', 'Atrial fibrillation'),
    prevalence: [0.001, 0.1],
    medications: [MEDICATIONS.warfarin],
  },
  {
    term: snomed('396275006', 'Osteoarthritis'),
    prevalence: [0.02, 0.4],
    medications: [MEDICATIONS.ibuprofen],
  },
  {
    term: snomed('235595009', 'Gastroesophageal reflux disease'),
    prevalence: [0.12, 0.2],
    medications: [MEDICATIONS.omeprazole],
  },
  { term: snomed('40930008', 'Hypothyroidism'), prevalence: [0.02, 0.09], medications: [] },
  { term: snomed('37796009', 'Migraine'), prevalence: [0.17, 0.06], medications: [] },
  {
    term: snomed('66214007', 'Substance abuse'),
    prevalence: [0.05, 0.01],
    medications: [],
    label: 'SUD',
  },
];

/** Acute illnesses: a visit has one now and then. */
export const ACUTE: readonly [CodedTerm, ...CodedTerm[]] = [
  snomed('444814009', 'Viral sinusitis'),
  snomed('10509002', 'Acute bronchitis'),
  snomed('195662009', 'Acute viral pharyngitis'),
];

export const SUBSTANCES: readonly [CodedTerm, ...CodedTerm[]] = [
  snomed('764146007', 'Penicillin'),
  snomed('372687004', 'Amoxicillin'),
  snomed('256349002', 'Peanut'),
];

const cvx = (code: string, display: string): CodedTerm => ({
  system: 'http://hl7.org/fhir/sid/cvx',
  code,
  display,
});
export const VACCINES: readonly [CodedTerm, ...CodedTerm[]] = [
  cvx('140', 'Influenza, seasonal, injectable, preservative free'),
  cvx('113', 'Td (adult) preservative free'),
  cvx('33', 'pneumococcal polysaccharide vaccine, 23 valent'),
];

export const PROCEDURES: readonly [CodedTerm, ...CodedTerm[]] = [
  snomed('430193006', 'Medication reconciliation'),
  snomed('29303009', 'Electrocardiographic procedure'),
  snomed('73761001', 'Colonoscopy'),
];

export const SMOKING: readonly [CodedTerm, ...CodedTerm[]] = [
  snomed('266919005', 'Never smoked tobacco'),
  snomed('8517006', 'Ex-smoker'),
  snomed('449868002', 'Smokes tobacco daily'),
];

const actSite = (code: string, display: string): CodedTerm => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActSite',
  code,
  display,
});
export const LEFT_ARM = actSite('LA', 'left arm');
export const INTRAMUSCULAR = snomed('78421000', 'Intramuscular route');
export const INTRAVENOUS = snomed('47625008', 'Intravenous route');

/** The reason for an emergency operation, what is done, and the pathologist's diagnosis. */
export interface SurgicalOperation {
  readonly reason: CodedTerm;
  readonly procedure: CodedTerm;
  readonly finding: CodedTerm;
}

export const OPERATIONS: readonly [SurgicalOperation, ...SurgicalOperation[]] = [
  {
    reason: snomed('74400008', 'Appendicitis'),
    procedure: snomed('80146002', 'Appendectomy'),
    finding: snomed('85189001', 'Acute appendicitis'),
  },
  {
    reason: snomed('235919008', 'Gallbladder calculus'),
    procedure: snomed('38102005', 'Cholecystectomy'),
    finding: snomed('76581006', 'Cholecystitis'),
  },
];

export const CEFAZOLIN = rxnorm('2180', 'cefazolin');
