import { checkDigit } from './gs1.js';

/** The maker's and the pharmacy's GS1 company prefixes: 952 is GS1's own for examples. */
export const MAKER_PREFIX = '9521234';
export const PHARMACY_PREFIX = '9525678';

/** A product of the generated maker: a real clinical drug of RxNorm, under a made-up GTIN. */
export interface SeedProduct {
  readonly gtin: string; // 14 digits
  readonly itemReference: string; // indicator 0 and five digits, as an SGTIN URN splits the GTIN
  readonly name: string;
  readonly rxnorm: string; // RXCUI of the clinical drug
  readonly dosageForm: string;
  readonly strength: string;
}

const DRUGS = [
  ['860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet', '500 mg'],
  ['314076', 'lisinopril 10 MG Oral Tablet', '10 mg'],
  ['259255', 'atorvastatin 80 MG Oral Tablet', '80 mg'],
  ['310798', 'hydrochlorothiazide 25 MG Oral Tablet', '25 mg'],
  ['308136', 'amlodipine 2.5 MG Oral Tablet', '2.5 mg'],
  ['745679', '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler', '0.09 mg/actuat'],
  ['895994', '120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler', '0.044 mg'],
  ['309362', 'clopidogrel 75 MG Oral Tablet', '75 mg'],
  ['312938', 'sertraline 100 MG Oral Tablet', '100 mg'],
  ['314231', 'simvastatin 10 MG Oral Tablet', '10 mg'],
] as const;

export const SEED_PRODUCTS: readonly SeedProduct[] = DRUGS.map(([rxnorm, name, strength], i) => {
  const itemReference = `0${String(101 + i).padStart(5, '0')}`;
  const body = `0${MAKER_PREFIX}${itemReference.slice(1)}`;
  const dosageForm = name.includes('Inhaler') ? 'METERED_DOSE_INHALER' : 'TABLET';
  return { gtin: body + checkDigit(body), itemReference, name, rxnorm, dosageForm, strength };
});
