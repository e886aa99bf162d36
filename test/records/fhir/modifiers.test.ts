import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { REQUIRED_CODES, REQUIRED_CONCEPTS } from '../../../src/records/fhir/required-codes.js';
import { fhirValidator } from '../../../src/records/import/validate.js';
import { KIND_NAMES, type KindName } from '../../../src/records/kinds/kinds.js';
import { parseRecord, readRecord } from '../../../src/records/kinds/parse-record.js';
import { coded } from '../../support/records/clinic.js';
import { elementsOf, valueSets, withAt } from '../../support/records/definitions.js';
import { sampleOf } from '../../support/records/kind-samples.js';

const sample = (kind: KindName) => sampleOf(kind, 'x', 'p');
const validator = await fhirValidator();
const requireValid: (resource: unknown) => void = validator;
const HL7 = 'http://terminology.hl7.org/CodeSystem';

/** What becomes of a record that has such a modifier, by the element as R4 defines it. */
const MODIFIERS: Readonly<Record<string, 'withheld' | 'told' | 'never read'>> = {
  implicitRules: 'withheld',
  modifierExtension: 'withheld',
  // Told, and what is not of R4's list is refused; entered-in-error is no row.
  'Encounter.status': 'told',
  'Condition.clinicalStatus': 'told',
  'Condition.verificationStatus': 'told',
  'Observation.status': 'told',
  'MedicationRequest.status': 'told',
  'MedicationRequest.intent': 'told',
  'MedicationRequest.doNotPerform': 'told',
  'MedicationDispense.status': 'told',
  'MedicationAdministration.status': 'told',
  'Procedure.status': 'told',
  'Immunization.status': 'told',
  'Immunization.isSubpotent': 'told',
  'AllergyIntolerance.clinicalStatus': 'told',
  'AllergyIntolerance.verificationStatus': 'told',
  'DiagnosticReport.status': 'told',
  'Quantity.comparator': 'told',
  'Age.comparator': 'never read',
  'Duration.comparator': 'told',
  // Of identifiers and addresses nothing leaves, whatever they are used for.
  'Identifier.use': 'never read',
};

const nameOf = (defined: string) => {
  const last = defined.split('.').at(-1) ?? '';
  return last === 'modifierExtension' || last === 'implicitRules' ? last : defined;
};

describe.each(KIND_NAMES)('of %s', (kind: KindName) => {
  const modifiers = elementsOf(kind).filter(({ isModifier }) => isModifier);

  test('what becomes of every modifier element of R4 is in the table', () => {
    const names = modifiers.map(({ defined }) => nameOf(defined));
    expect([...new Set(names)].filter((name) => !Object.hasOwn(MODIFIERS, name))).toEqual([]);
    expect(names).toContain('modifierExtension');
  });

  test('a modifier that is not understood leaves no row, and its element is named', () => {
    expect(parseRecord(sample(kind))).toBeDefined();
    const withheld = modifiers.filter(({ defined }) => MODIFIERS[nameOf(defined)] === 'withheld');
    for (const { path } of withheld) {
      const value = path.endsWith('implicitRules')
        ? 'http://example.org/rules/negated'
        : [{ url: 'http://example.org/not', valueBoolean: true }];
      const resource = withAt(sample(kind), path, value, kind) as Resource;
      expect(readRecord(resource)).toEqual({ record: undefined, withheldBy: `${kind}.${path}` });
    }
    // Resource.implicitRules, and modifierExtension of the resource and of each backbone element.
    expect(withheld.length).toBeGreaterThan(1);
  });

  test('a code outside a required binding is refused, and named without its value', () => {
    const bound = elementsOf(kind).filter(({ defined }) => defined in REQUIRED_CODES);
    for (const { path, types } of bound.filter((one) => !one.path.includes('[x]'))) {
      if (types[0] !== 'code' || path.split('.').length > 1) continue;
      const isList = Array.isArray((sample(kind) as unknown as Record<string, unknown>)[path]);
      for (const wrong of ['bogus', 'Final', 'constructor', 'ACTIVE']) {
        const resource = withAt(sample(kind), path, isList ? [wrong] : wrong, kind);
        const refused = () => requireValid(resource);
        expect(refused).toThrow(expect.objectContaining({ code: 'FHIR_INVALID' }));
        expect(refused).toThrow(
          expect.objectContaining({
            facts: { detail: expect.stringContaining(`${kind}.${path}`) as string },
          }),
        );
        expect(refused).not.toThrow(expect.objectContaining({ message: wrong }));
      }
    }
    expect(() => requireValid(sample(kind))).not.toThrow();
  });

  test.each([
    ['as a tag', { meta: { tag: [{ code: 'entered-in-error' }] } }],
    ['as a deleted one', { meta: { tag: [{ code: 'deleted' }] } }],
    ['as a label', { meta: { security: [{ system: 'urn:x', code: 'EnteredInError' }] } }],
    ['as a note', { note: [{ text: 'ENTERED IN ERROR.' }] }],
    ['as narrative', { text: { status: 'generated', div: '<div>Entered in error</div>' } }],
    ['as an extension', { extension: [{ url: 'urn:x', valueCode: 'entered_in_error' }] }],
    ['as HL7 v3 has it', { category: [coded(`${HL7}/v3-ActStatus`, 'nullified')] }],
  ])('what was entered in error, said %s, is no row', (_, change) => {
    const resource = { ...sample(kind), ...change } as Resource;
    expect(readRecord(resource).record).toBeUndefined();
    expect(readRecord(resource).withheldBy).toMatch(new RegExp(`^${kind}\\.`));
  });
});

const STATED: readonly KindName[] = KIND_NAMES.filter((kind) => `${kind}.status` in REQUIRED_CODES);

test.each(STATED)('%s.status entered in error in any spelling is hidden, not refused', (kind) => {
  for (const status of [
    'entered-in-error',
    'Entered In Error',
    'entered_in_error',
    'ENTEREDINERROR',
  ]) {
    const resource = { ...sample(kind), status } as Resource;
    expect(() => requireValid(resource)).not.toThrow();
    expect(readRecord(resource)).toEqual({ record: undefined, withheldBy: `${kind}.status` });
  }
});

test.each([
  ['Condition', 'condition-ver-status', 'confirmed'],
  ['AllergyIntolerance', 'allergyintolerance-verification', 'confirmed'],
] as const)('%s.verificationStatus is told only where it is understood', (kind, name, code) => {
  const system = `${HL7}/${name}`;
  const wrong = { system, code: 'entered-in-error' };
  const right = { system, code };
  const told = (verificationStatus: object | undefined) =>
    readRecord({ ...sample(kind), verificationStatus } as Resource);
  for (const hidden of [
    { coding: [wrong] },
    { coding: [right, wrong] },
    { coding: [wrong, right] },
    { coding: [{ code: 'entered-in-error' }] },
    { coding: [{ ...wrong, system: `http://hl7.org/fhir/${name}` }] },
    { coding: [right, { code: 'x', display: 'Entered in Error' }] },
    { coding: [right], text: 'entered in error' },
    { text: 'entered in error' },
    { text: 'ruled out' },
    { coding: [{ system, code: 'bogus' }] },
    { coding: [{ system: 'urn:local', code }] },
    {},
  ]) {
    expect(told(hidden)).toEqual({
      record: undefined,
      withheldBy: expect.stringContaining(`${kind}.verificationStatus`) as string,
    });
  }
  const local = { system: 'urn:local', code: '1' };
  for (const shown of [{ coding: [right] }, { coding: [local, right, right] }, undefined]) {
    expect(told(shown).record?.content).toMatchObject({
      verificationStatus: shown === undefined ? null : 'CONFIRMED',
    });
  }
});

test('a clinicalStatus in words or of two minds is not told as if there were none', () => {
  const system = `${HL7}/condition-clinical`;
  const told = (clinicalStatus: object) =>
    readRecord({ ...sample('Condition'), clinicalStatus } as Resource).withheldBy;
  expect(told({ text: 'resolved' })).toBe('Condition.clinicalStatus');
  expect(told({ coding: ['active', 'resolved'].map((code) => ({ system, code })) })).toBe(
    'Condition.clinicalStatus',
  );
  expect(told({ coding: [{ system, code: 'remission' }] })).toBeUndefined();
});

test('an observation about somebody else than its subject is no row of the subject', () => {
  const about = (...focus: object[]) => readRecord({ ...sample('Observation'), focus } as Resource);
  expect(about({ reference: 'Patient/fetus' }).withheldBy).toBe('Observation.focus');
  expect(about({ display: 'the donor' }).withheldBy).toBe('Observation.focus');
  expect(about({ reference: 'Patient/p' }, { reference: 'Device/d' }).withheldBy).toBeDefined();
  expect(about({ reference: 'Patient/p' }).withheldBy).toBeUndefined();
});

test.each(['ad', '~', '≥', 'constructor', '', '=', 'approx', 'LESS_THAN', '< '])(
  'the comparator "%s" is refused, wherever an amount stands',
  (comparator) => {
    const amount = { value: 5, comparator };
    for (const change of [
      { valueQuantity: amount },
      { valueQuantity: undefined, valueRatio: { numerator: amount, denominator: { value: 1 } } },
      { component: [{ code: coded('http://loinc.org', '718-7'), valueQuantity: amount }] },
    ]) {
      const resource = JSON.parse(JSON.stringify({ ...sample('Observation'), ...change }));
      expect(() => requireValid(resource)).toThrow(
        expect.objectContaining({
          facts: { detail: expect.stringContaining('comparator') as string },
        }),
      );
    }
    const right = { ...sample('Observation'), valueQuantity: { value: 5, comparator: '>=' } };
    expect(() => requireValid(right)).not.toThrow();
  },
);

test('a SimpleQuantity has no comparator', () => {
  const referenceRange = [{ low: { value: 5, comparator: '<' } }];
  expect(() => requireValid({ ...sample('Observation'), referenceRange })).toThrow(
    expect.objectContaining({
      facts: {
        detail: 'Observation.referenceRange[0].low.comparator is not allowed in a SimpleQuantity',
      },
    }),
  );
});

test.each([
  ['two values', { valueString: 'x' }, 'Observation.value[x] has more than one value'],
  [
    'a value of no type',
    { valueMoney: {} },
    'Observation.value[x] has a type that R4 does not allow',
  ],
  [
    'an end before its start',
    { effectiveDateTime: undefined, effectivePeriod: { start: '2020-05-06', end: '2020-05-05' } },
    'Observation.effectivePeriod.end is before its start',
  ],
  [
    'a low above its high',
    { valueQuantity: undefined, valueRange: { low: { value: 5 }, high: { value: 4 } } },
    'Observation.valueRange.low is above its high',
  ],
])('a resource with %s is refused by the rule', (_, change, detail) => {
  const resource = JSON.parse(JSON.stringify({ ...sample('Observation'), ...change }));
  expect(() => requireValid(resource)).toThrow(expect.objectContaining({ facts: { detail } }));
});

test('a refusal does not repeat what is no name of an element', () => {
  const resource = { ...sample('Observation'), 'Ana Secretname': 1, 'performer ': 2 };
  try {
    requireValid(resource);
    expect.unreachable();
  } catch (failure) {
    const { detail } = (failure as { facts: { detail: string } }).facts;
    expect(detail).not.toMatch(/Ana|Secretname/);
    expect(detail).toContain('Observation.(not an element name)');
  }
});

test("the required codes are those of R4's value sets", () => {
  const codesOf = valueSets();
  const bound = [...KIND_NAMES, 'Patient', 'Medication'].flatMap((type) =>
    elementsOf(type).filter(({ requiredValueSet }) => requiredValueSet !== undefined),
  );
  const concepts: Readonly<Record<string, { readonly codes: string }>> = REQUIRED_CONCEPTS;
  for (const { defined, requiredValueSet = '' } of bound) {
    // A media type is no list, and what is attached does not leave.
    if (defined === 'Attachment.contentType') continue;
    const told = REQUIRED_CODES[defined] ?? concepts[defined]?.codes;
    expect([defined, told?.split(' ').toSorted()]).toEqual([
      defined,
      codesOf(requiredValueSet).toSorted(),
    ]);
  }
  expect(bound.length).toBeGreaterThan(50);
});

/** Primitive modifiers of R4 that rows tell, as `told` in the table says. */
const PRIMITIVE = KIND_NAMES.flatMap((kind) =>
  elementsOf(kind)
    .filter(({ isModifier, defined, types }) => {
      const isPrimitive = types[0] === 'code' || types[0] === 'boolean';
      return isModifier && isPrimitive && MODIFIERS[nameOf(defined)] === 'told';
    })
    .map(({ path }) => [kind, path] as const),
);
const UNKNOWN = {
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
      valueCode: 'unknown',
    },
  ],
};

test.each(PRIMITIVE)('%s without a row where %s has an extension', (kind, path) => {
  const steps = path.replace('[x]', 'Quantity').split('.');
  const beside = [...steps.slice(0, -1), `_${steps.at(-1)}`].join('.');
  const told = withAt(sample(kind), beside, UNKNOWN, kind) as Resource;
  expect(readRecord(told)).toEqual({ record: undefined, withheldBy: `${kind}.${steps.join('.')}` });
  const named = withAt(sample(kind), beside, { id: 'a' }, kind) as Resource;
  expect(readRecord(named).withheldBy).toBeUndefined();
});

test('every primitive modifier that is told is among them', () => {
  const names = PRIMITIVE.map(([kind, path]) => `${kind}.${path}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'MedicationRequest.doNotPerform',
      'MedicationRequest.intent',
      'Immunization.isSubpotent',
      'Observation.status',
    ]),
  );
  expect(names.filter((name) => name.endsWith('.comparator')).length).toBeGreaterThan(5);
});
