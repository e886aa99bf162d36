import type { Phase, TrialStatus } from './model.js';

/**
 * What differs between the generated trials. Conditions are MeSH headings, keywords are free text.
 */
export interface SeedProtocol {
  readonly title: string;
  readonly status: TrialStatus;
  readonly phases: readonly Phase[];
  readonly conditions: readonly string[];
  readonly keywords: readonly string[];
  readonly minimumAge: string;
  readonly summary: string;
  readonly eligibility: string;
}

/** Synthetic protocols over the conditions that the generated patients have. */
export const SEED_PROTOCOLS: readonly SeedProtocol[] = [
  protocol(
    'Metformin Extended Release Against Standard Titration in Newly Treated Type 2 Diabetes',
    {
      phases: ['PHASE3'],
      conditions: ['Diabetes Mellitus, Type 2'],
      keywords: ['HbA1c', 'metformin', 'glycemic control'],
      include: ['Diagnosis of type 2 diabetes mellitus', 'HbA1c from 7.0 % to 10.0 %'],
      exclude: ['Estimated GFR below 30 mL/min/1.73 m2', 'Insulin within 90 days'],
    },
  ),
  protocol('Evening or Morning Lisinopril for Blood Pressure Control', {
    phases: ['PHASE4'],
    conditions: ['Hypertension'],
    keywords: ['lisinopril', 'chronotherapy', 'systolic blood pressure'],
    include: ['Essential hypertension', 'Systolic blood pressure from 140 to 179 mmHg'],
    exclude: ['History of angioedema', 'Pregnancy'],
  }),
  protocol('High Intensity Atorvastatin After a First Abnormal Lipid Panel', {
    phases: ['PHASE3'],
    conditions: ['Hyperlipidemias'],
    keywords: ['atorvastatin', 'LDL cholesterol', 'primary prevention'],
    include: ['LDL cholesterol of 160 mg/dL or more', 'No statin within 180 days'],
    exclude: ['Active liver disease'],
  }),
  protocol('Low Dose Inhaled Corticosteroid as Needed in Mild Asthma', {
    phases: ['PHASE2'],
    conditions: ['Asthma'],
    keywords: ['fluticasone', 'albuterol', 'exacerbation'],
    include: ['Asthma diagnosed by a clinician', 'Albuterol at most twice a week'],
    exclude: ['Systemic corticosteroids within 30 days'],
  }),
  protocol('Stepped Care for Depression in Primary Practice', {
    phases: ['NA'],
    conditions: ['Depressive Disorder, Major'],
    keywords: ['PHQ-9', 'collaborative care', 'sertraline'],
    include: ['PHQ-9 score of 10 or more'],
    exclude: ['Bipolar disorder', 'Current suicidal intent'],
  }),
  protocol('Dual Bronchodilation in Moderate Chronic Obstructive Pulmonary Disease', {
    phases: ['PHASE3'],
    status: 'ACTIVE_NOT_RECRUITING',
    conditions: ['Pulmonary Disease, Chronic Obstructive'],
    keywords: ['COPD', 'FEV1', 'bronchodilator'],
    include: ['FEV1/FVC below 0.70', 'FEV1 from 50 % to 79 % of predicted'],
    exclude: ['Asthma', 'Oxygen therapy at home'],
  }),
  protocol('Slowing Early Chronic Kidney Disease in Diabetes', {
    phases: ['PHASE2', 'PHASE3'],
    conditions: ['Renal Insufficiency, Chronic', 'Diabetes Mellitus, Type 2'],
    keywords: ['eGFR', 'albuminuria', 'nephropathy'],
    include: ['Estimated GFR from 30 to 59 mL/min/1.73 m2', 'Type 2 diabetes mellitus'],
    exclude: ['Dialysis', 'Kidney transplant'],
  }),
  protocol('Registry of Blood Pressure Measured at Home', {
    phases: [],
    conditions: ['Hypertension'],
    keywords: ['home monitoring', 'observational'],
    include: ['Essential hypertension', 'A validated upper arm device at home'],
    exclude: ['Atrial fibrillation'],
  }),
  protocol('First Dose of NW-201 in Adults With Prediabetes', {
    phases: ['EARLY_PHASE1'],
    status: 'NOT_YET_RECRUITING',
    conditions: ['Prediabetic State'],
    keywords: ['first in human', 'insulin sensitivity'],
    include: ['HbA1c from 5.7 % to 6.4 %', 'Body mass index from 27 to 40 kg/m2'],
    exclude: ['Any diabetes mellitus'],
  }),
  protocol('Weight Management by Telephone in Obesity', {
    phases: ['NA'],
    status: 'COMPLETED',
    conditions: ['Obesity'],
    keywords: ['body mass index', 'behavioral', 'telehealth'],
    include: ['Body mass index of 30 kg/m2 or more'],
    exclude: ['Bariatric surgery'],
  }),
  protocol('Clopidogrel Alone One Year After a Coronary Stent', {
    phases: ['PHASE4'],
    status: 'TERMINATED',
    conditions: ['Coronary Artery Disease'],
    keywords: ['clopidogrel', 'antiplatelet', 'bleeding'],
    include: ['Drug eluting stent 12 to 18 months ago'],
    exclude: ['Anticoagulation', 'Stroke within one year'],
  }),
  protocol('Safety of NW-118 at Two Doses in Osteoarthritis of the Knee', {
    phases: ['PHASE1', 'PHASE2'],
    status: 'SUSPENDED',
    conditions: ['Osteoarthritis, Knee'],
    keywords: ['pain', 'dose finding'],
    include: ['Kellgren-Lawrence grade 2 or 3', 'Pain on most days for 90 days'],
    exclude: ['Joint replacement planned', 'Naproxen within 14 days'],
  }),
];

interface Difference {
  readonly phases: readonly Phase[];
  readonly conditions: readonly string[];
  readonly keywords: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly status?: TrialStatus;
}

function protocol(title: string, { include, exclude, status, ...rest }: Difference): SeedProtocol {
  const list = (lines: readonly string[]) => lines.map((line) => `* ${line}`).join('\n');
  return {
    ...rest,
    title,
    status: status ?? 'RECRUITING',
    minimumAge: '18 Years',
    summary: `A synthetic protocol of the pilot network. ${title}.`,
    eligibility:
      `Inclusion Criteria:\n\n${list(['Age of 18 years or more', ...include])}\n\n` +
      `Exclusion Criteria:\n\n${list(exclude)}`,
  };
}
