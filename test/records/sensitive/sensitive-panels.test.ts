import { describe, expect, test } from 'vitest';
import { saidIn } from '../../../src/records/codes/said.js';
import { isPublishedCode } from '../../../src/records/deidentify/terminology.js';
import { PANELS, SENSITIVE_ANSWERS } from '../../../src/records/sensitive/panels.js';
import { SENSITIVE_CODES } from '../../../src/records/sensitive/sensitive-codes.js';
import { sensitivityOf } from '../../../src/records/sensitive/sensitivity.js';
import { VALUE_SETS } from '../../../src/records/sensitive/value-sets.js';
import { coded, observation } from '../../support/records/clinic.js';

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';

const labelsOf = (resource: object) => sensitivityOf(saidIn(resource));
const codesOf = (text: string) => text.trim().split(/\s+/);

describe('the members of a panel', () => {
  test.each(PANELS.map((panel) => [panel.name, panel] as const))(
    '%s: each has its label, alone, as a component and as an answer',
    (_, panel) => {
      for (const code of [...panel.codes, ...panel.members]) {
        expect(isPublishedCode(LOINC, code), code).toBe(true);
        expect(labelsOf(observation('o', 'p', { code: coded(LOINC, code) })), code).toContain(
          panel.label,
        );
        const component = [{ code: coded(LOINC, code), valueInteger: 1 }];
        expect(labelsOf(observation('o', 'p', { component })), code).toContain(panel.label);
      }
    },
  );

  test('are not those of a panel that asks about nothing of the kind', () => {
    // Blood pressure, body weight, HbA1c, smoking status, tobacco (AHC), days of exercise (AHC).
    for (const code of ['85354-9', '29463-7', '4548-4', '72166-2', '96842-0', '89555-7']) {
      expect(labelsOf(observation('o', 'p', { code: coded(LOINC, code) })), code).toEqual([]);
    }
  });
});

describe('value sets', () => {
  test.each(VALUE_SETS.map(({ system, label, codes }) => [system, label, codes] as const))(
    '%s, %s: every code of it has a label, as a question and as an answer',
    (system, label, codes) => {
      const reviewed = new Set(SENSITIVE_CODES.flatMap((rule) => Object.keys(rule.codes)));
      const wrong = codesOf(codes).filter((code) => {
        const found = labelsOf({ valueCodeableConcept: coded(system, code) });
        return !isPublishedCode(system, code) || (!found.includes(label) && !reviewed.has(code));
      });
      expect(wrong).toEqual([]);
    },
  );

  test('hold what the sets are published for, and neither tobacco nor dementia', () => {
    const labels = (code: string, system = SNOMED) => labelsOf({ code: coded(system, code) });
    expect(labels('191613003')).toEqual(['PSY']); // recurrent major depressive episodes, severe
    expect(labels('40379007')).toEqual(['PSY']); // mild recurrent major depression
    expect(labels('191867007')).toEqual(['SUD']); // combined opioid with other drug dependence
    expect(labels('76981000119106')).toEqual(['HIV']); // HIV infection, category B1
    expect(labels('43009-0', LOINC)).toEqual(['HIV']);
    expect(labels('56294008')).toEqual([]); // nicotine dependence
    expect(labels('52448006')).toEqual([]); // dementia
    expect(labels('44054006')).toEqual([]); // type 2 diabetes
  });

  test('say nothing more of a code that was looked at', () => {
    const labels = SENSITIVE_CODES.flatMap(({ system, label, codes }) =>
      Object.keys(codes).map((code) => [labelsOf({ code: coded(system, code) }), label] as const),
    );
    expect(labels.filter(([found, label]) => !found.includes(label))).toEqual([]);
  });
});

describe('an answer', () => {
  test.each([
    ['of SNOMED CT', coded(SNOMED, '66214007'), ['SUD']],
    ['of ICD-10', coded('http://hl7.org/fhir/sid/icd-10-cm', 'F33.1'), ['PSY']],
    ['in words', { text: 'Heroin' }, ['SUD']],
    ['that says nothing', coded(LOINC, 'LA33-6'), []],
  ])('%s labels whatever was asked', (_, valueCodeableConcept, labels) => {
    expect(labelsOf({ ...observation('o', 'p'), valueCodeableConcept })).toEqual(labels);
    const component = [{ code: coded(LOINC, '8302-2'), valueCodeableConcept }];
    expect(labelsOf(observation('o', 'p', { component }))).toEqual(labels);
  });

  test.each(SENSITIVE_ANSWERS.members)('of LOINC, %s', (code) => {
    const valueCodeableConcept = coded(LOINC, code);
    expect(labelsOf({ ...observation('o', 'p'), valueCodeableConcept })).toEqual(['PSY']);
  });
});
