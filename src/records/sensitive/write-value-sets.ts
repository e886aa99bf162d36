import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sensitivity } from '../../zk/vocabulary.js';
import { SNOMED } from '../codes/system-names.js';

/*
 * `npm run tables:sensitive -- ECQM OPIOID`: writes value-sets.ts from checkouts of two public
 * repositories, ECQM = github.com/cqframework/ecqm-content-qicore-2024 (VSAC value sets of the
 * electronic clinical quality measures) and OPIOID = github.com/cqframework/opioid-cds-r4 (CDC).
 */

interface Source {
  readonly label: Sensitivity;
  /** OIDs of value sets of VSAC. */
  readonly vsac: readonly string[];
  /** Names of value sets of the CDC's opioid guideline. */
  readonly cdc: readonly string[];
}

/** In order: a code in two sets gets the label of the first. */
const SOURCES: readonly Source[] = [
  {
    label: 'SUD',
    vsac: [
      '2.16.840.1.113883.3.464.1003.106.12.1001', // Substance Use Disorder
      '2.16.840.1.113762.1.4.1111.171', // Opioid Use Disorder
      '2.16.840.1.113883.3.464.1003.105.12.1209', // Alcohol Withdrawal
      '2.16.840.1.113883.3.464.1003.105.12.1208', // Benzodiazepine Withdrawal
      '2.16.840.1.113883.3.464.1003.101.12.1059', // Detoxification Visit
      '2.16.840.1.113883.3.464.1003.106.12.1005', // Substance Use Disorder Treatment
      '2.16.840.1.113762.1.4.1111.177', // Opioid Medication Assisted Treatment
      '2.16.840.1.113883.3.526.3.1583', // Referral or Counseling for Alcohol Consumption
      '2.16.840.1.113762.1.4.1046.269', // Medications for Opioid Use Disorder
      '2.16.840.1.113883.3.464.1003.1149', // Substance Use Disorder Long Acting Medication
      '2.16.840.1.113883.3.464.1003.1150', // Substance Use Disorder Short Acting Medication
    ],
    cdc: [
      'all-urine-drug-screening-tests',
      'conditions-documenting-substance-misuse',
      'substance-misuse-behavioral-counseling',
    ],
  },
  {
    label: 'HIV',
    vsac: [
      '2.16.840.1.113883.3.464.1003.120.12.1003', // HIV
      '2.16.840.1.113762.1.4.1056.50', // HIV Lab Tests
      '2.16.840.1.113883.3.464.1003.120.12.1002', // HIV Viral Load
    ],
    cdc: [],
  },
  {
    label: 'PSY',
    vsac: [
      '2.16.840.1.113883.3.464.1003.105.12.1203', // Mental Behavioral and Neurodevelopmental
      '2.16.840.1.113883.3.464.1003.105.12.1004', // Mental Health Diagnoses
      '2.16.840.1.113883.3.526.3.1491', // Major Depressive Disorder Active
      '2.16.840.1.113883.3.464.1003.105.12.1007', // Major Depression
      '2.16.840.1.113883.3.67.1.101.1.128', // Bipolar Disorder
      '2.16.840.1.113883.3.67.1.101.1.254', // Dysthymia
      '2.16.840.1.113883.3.67.1.101.1.246', // Personality Disorder Emotionally Labile
      '2.16.840.1.113883.3.464.1003.105.12.1104', // Schizophrenia or Psychotic Disorder
      '2.16.840.1.113883.3.464.1003.105.12.1205', // Schizophrenia
      '2.16.840.1.113883.3.464.1003.105.12.1210', // Generalized Anxiety Disorder
      '2.16.840.1.113883.3.464.1003.1039', // Eating Disorders
      '2.16.840.1.113883.3.526.3.1568', // Follow Up for Adult Depression
      '2.16.840.1.113883.3.526.3.1569', // Follow Up for Adolescent Depression
      '2.16.840.1.113883.3.526.3.1570', // Referral for Adolescent Depression
      '2.16.840.1.113883.3.526.3.1571', // Referral for Adult Depression
      '2.16.840.1.113883.3.526.3.1187', // Group Psychotherapy
      '2.16.840.1.113883.3.526.3.1496', // Psych Visit Psychotherapy
      '2.16.840.1.113883.3.526.3.1018', // Psych Visit for Family Psychotherapy
      '2.16.840.1.113883.3.526.3.1141', // Psychoanalysis
      '2.16.840.1.113883.3.526.3.1492', // Psych Visit Diagnostic Evaluation
      '2.16.840.1.113883.3.526.3.1566', // Adult Depression Medications
      '2.16.840.1.113883.3.526.3.1567', // Adolescent Depression Medications
      '2.16.840.1.113883.3.464.1003.196.12.1213', // Antidepressant Medication
      '2.16.840.1.113883.3.464.1003.1170', // Atomoxetine
      '2.16.840.1.113883.3.464.1003.1172', // Dexmethylphenidate
    ],
    cdc: [],
  },
];

const SYSTEMS = {
  [SNOMED]: 'SNOMED',
  'http://loinc.org': 'LOINC',
  'http://www.nlm.nih.gov/research/umls/rxnorm': 'RXNORM',
} as const;

/**
 * Tobacco is not a substance here (42 CFR 2.11), nor is dementia a mental disorder, although it is
 * in that chapter of ICD-10 (F01 to F03).
 */
const LEFT_OUT = /tobacco|nicotin|smok|cigar|dementia/i;
/** Disorders caused by a substance, within a set of mental disorders. */
const OF_A_SUBSTANCE =
  /alcohol|cocaine|opioid|opiate|cannabis|amphetamine|hallucinogen|inhalant|sedative|psychoactive|substance|\bdrug/i;

interface Contained {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}
interface ValueSet {
  readonly expansion: { readonly contains: readonly Contained[] };
}

const WIDTH = 800;

function readContained(path: string): readonly Contained[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as ValueSet).expansion.contains;
}

function codesBySystemAndLabel(ecqm: string, opioid: string): Map<string, Set<string>> {
  const lists = new Map<string, Set<string>>();
  const placed = new Set<string>();
  for (const { label, vsac, cdc } of SOURCES) {
    const files = [
      ...vsac.map((oid) => join(ecqm, `input/vocabulary/valueset/external/valueset-${oid}.json`)),
      ...cdc.map((name) => join(opioid, `input/vocabulary/valueset/${name}.json`)),
    ];
    for (const { system, code, display = '' } of files.flatMap(readContained)) {
      const key = `${system}|${code}`;
      if (!Object.hasOwn(SYSTEMS, system) || placed.has(key) || LEFT_OUT.test(display)) continue;
      placed.add(key);
      const told = label === 'PSY' && system === SNOMED && OF_A_SUBSTANCE.test(display);
      const list = `${system}|${told ? 'SUD' : label}`;
      lists.set(list, (lists.get(list) ?? new Set()).add(code));
    }
  }
  return lists;
}

function textOf(lists: ReadonlyMap<string, ReadonlySet<string>>): string {
  const rules = [...lists.keys()].sort().map((list) => {
    const [system = '', label = ''] = list.split('|');
    const codes = [...(lists.get(list) ?? [])].sort().join(' ');
    const lines = codes.match(new RegExp(`.{1,${WIDTH}}(?: |$)`, 'g')) ?? [];
    const name = SYSTEMS[system as keyof typeof SYSTEMS];
    return `  {\n    system: ${name},\n    label: '${label}',\n    codes: \`\n${lines.map((line) => line.trim()).join('\n')}\n\`,\n  },\n`;
  });
  return `// Written by write-value-sets.ts, which names the sources. Do not edit.
import type { Sensitivity } from '../../zk/vocabulary.js';
import { LOINC, RXNORM, SNOMED } from '../codes/system-names.js';

/**
 * The codes of one system that published value sets contain for one label, separated by white
 * space.
 */
export interface ValueSetRule {
  readonly system: string;
  readonly label: Sensitivity;
  readonly codes: string;
}

export const VALUE_SETS: readonly ValueSetRule[] = [
${rules.join('')}];
`;
}

const [ecqm, opioid] = process.argv.slice(2);
if (ecqm === undefined || opioid === undefined) throw new Error('two checkouts are needed');
writeFileSync(
  fileURLToPath(new URL('value-sets.ts', import.meta.url)),
  textOf(codesBySystemAndLabel(ecqm, opioid)),
);
