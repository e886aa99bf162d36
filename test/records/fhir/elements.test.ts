import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { ELEMENTS, type Elements, STAYS } from '../../../src/records/fhir/elements.js';
import { REQUIRED_CODES } from '../../../src/records/fhir/required-codes.js';
import { KIND_NAMES, type KindName } from '../../../src/records/kinds/kinds.js';
import { readRecord } from '../../../src/records/kinds/parse-record.js';
import { coded } from '../../support/records/clinic.js';
import { capital, type Element, elementsOf, withAt } from '../../support/records/definitions.js';

const SNOMED = 'http://snomed.info/sct';
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const UCUM = 'http://unitsofmeasure.org';
const amount = { value: 2, unit: 'mg', system: UCUM, code: 'mg' };
const concept = coded(SNOMED, '80146002');
const period = { start: '2024-05-06T07:08:09Z', end: '2024-05-06T08:08:09Z' };

/** A value of each data type that leaves whole where there is a field for it. */
const WHOLE: Readonly<Record<string, unknown>> = {
  boolean: true,
  integer: 3,
  positiveInt: 3,
  unsignedInt: 3,
  decimal: 1.5,
  string: 'words',
  markdown: 'words',
  code: 'x',
  uri: 'urn:x',
  canonical: 'urn:x',
  date: '2024-05-06',
  dateTime: '2024-05-06T07:08:09Z',
  instant: '2024-05-06T07:08:09Z',
  time: '07:08:09',
  Quantity: amount,
  Duration: amount,
  Age: { value: 40, unit: 'a', system: UCUM, code: 'a' },
  Range: { low: amount, high: { ...amount, value: 3 } },
  Ratio: { numerator: amount, denominator: amount },
  Period: period,
  CodeableConcept: concept,
  Coding: concept.coding[0],
  Reference: { reference: 'Observation/o' },
  Identifier: { value: 'x' },
  Annotation: { text: 'words' },
  Attachment: { title: 'words' },
  SampledData: { origin: amount, period: 10, dimensions: 1, data: '1 2' },
  Narrative: { status: 'generated', div: '<div>words</div>' },
};

/** Values of the same types that may not leave whole. */
const CUT: Readonly<Record<string, readonly unknown[]>> = {
  CodeableConcept: [{ text: 'words' }, coded('urn:local', '1')],
  Coding: [{ system: 'urn:local', code: '1' }],
  Quantity: [
    { value: 1, unit: 'Ana' },
    { value: 1, unit: 'mg', system: UCUM, code: 'mg{Ana}' },
  ],
  Range: [{ low: { value: 1, unit: 'Ana' }, high: amount }],
  Ratio: [{ numerator: amount }],
  Period: [{ start: '2024-05-06' }, { end: '2024-05-06' }],
};

function base(kind: KindName): Resource {
  const code = kind === 'AllergyIntolerance' ? 'code' : undefined;
  const statuses = (REQUIRED_CODES[`${kind}.status`] ?? '').split(' ');
  return {
    resourceType: kind,
    ...(statuses[0] === '' ? {} : { status: statuses.find((one) => one !== 'entered-in-error') }),
    ...(kind === 'Encounter' ? { class: { system: ACT, code: 'AMB' } } : {}),
    ...(code === undefined ? {} : { [code]: coded(SNOMED, '59621000') }),
  } as unknown as Resource;
}

type Property = Element & { readonly type: string };

/** Properties of the JSON: each form of a choice by itself, and what is inside of it. */
function propertiesOf(kind: KindName): readonly Property[] {
  const properties = elementsOf(kind)
    .filter(({ path }) => !/(^|\.)(id|extension|modifierExtension|contained)$/.test(path))
    .flatMap((element) =>
      element.types.map((type) => ({
        ...element,
        type,
        path: element.path.replace('[x]', capital(type)),
      })),
    );
  // A concept, an amount, a reference: told or left out as one.
  const ones = properties.flatMap(({ path, type }) =>
    type in WHOLE || type === 'Meta' ? [path] : [],
  );
  const within = new Set(ones);
  const isInside = (path: string) =>
    path
      .split('.')
      .some((_, depth, steps) => depth > 0 && within.has(steps.slice(0, depth).join('.')));
  return properties.filter(({ path }) => !isInside(path));
}

function treatmentOf(kind: KindName, path: string): 'stays' | 'partial' | Elements[string] {
  let at: Elements[string] = ELEMENTS[kind];
  for (const step of path.split('.')) {
    if (Object.hasOwn(STAYS, step)) return 'stays';
    if (typeof at === 'function') return at;
    const next: Elements[string] | undefined = Object.hasOwn(at, step) ? at[step] : undefined;
    if (next === undefined) return 'partial';
    at = next;
  }
  return at;
}

const contentOf = (resource: object) => {
  const { record } = readRecord(resource as Resource);
  const { partial = [], ...content } = record?.content ?? { partial: [] };
  return { partial, content };
};

/** Told by fields that another element's value decides, or in the base already. */
const TOLD_ELSEWHERE = new Set([
  ...['text', 'status', 'medicationReference', 'implicitRules'],
  ...['referenceRange', 'component.referenceRange'].flatMap((one) => [
    `${one}.type`,
    `${one}.appliesTo`,
  ]),
]);

/** What does not become of an element as the tables have it; empty if all of it does. */
function wrongWith(kind: KindName, { path, type, isList, defined }: Property): readonly string[] {
  const treatment = treatmentOf(kind, path);
  const told = (value: unknown) =>
    contentOf(withAt(base(kind), path, isList ? [value] : value, kind));
  const value = (REQUIRED_CODES[defined] ?? '').split(' ')[0] || WHOLE[type];
  const { partial, content } = told(value);
  const wrong: string[] = [];
  const check = (is: boolean, what: string) => is || wrong.push(`${path}: ${what}`);
  if (TOLD_ELSEWHERE.has(path)) return wrong;
  if (treatment === 'partial') {
    // The path itself, or that of the element which it is inside of.
    check(
      partial.some((one) => path === one || path.startsWith(`${one}.`)),
      'is not partial',
    );
    return wrong;
  }
  check(partial.length === 0, `is partial: ${partial.join()}`);
  if (typeof treatment !== 'function') return wrong;
  check(!isDeepStrictEqual(content, contentOf(base(kind)).content), 'is not told');
  if (WITHHELD[kind]?.includes(path)) return wrong;
  for (const cut of CUT[type] ?? []) {
    check(told(cut).partial.join() === path, `is partial where it is cut: ${told(cut).partial}`);
    check(!/Ana|words|local/.test(JSON.stringify(told(cut))), 'tells words');
  }
  return wrong;
}

/** Where these are not understood there is no row at all: modifiers.test.ts, assertion.test.ts. */
const WITHHELD: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['code', 'clinicalStatus', 'verificationStatus'],
  Condition: ['clinicalStatus', 'verificationStatus'],
};

describe.each(KIND_NAMES)('every element of %s', (kind) => {
  const properties = propertiesOf(kind);
  const leaves = properties.filter(({ type }) => type in WHOLE);

  test('is told whole, or named in partial, or stays for a reason', () => {
    expect(leaves.flatMap((one) => wrongWith(kind, one))).toEqual([]);
  });

  test('is in the tables once, and the tables have no element that R4 has not', () => {
    const known = new Set(properties.map(({ path }) => path));
    const inTable = (elements: Elements, within: string): readonly string[] =>
      Object.entries(elements).flatMap(([name, one]) =>
        typeof one === 'function'
          ? [within + name]
          : [within + name, ...inTable(one, `${within}${name}.`)],
      );
    const told = inTable(ELEMENTS[kind], '');
    expect(told.filter((path) => !known.has(path))).toEqual([]);
    expect(
      told.filter((path) => path.split('.').some((step) => Object.hasOwn(STAYS, step))),
    ).toEqual([]);
    expect(leaves.length).toBeGreaterThan(20);
  });
});

test('each element that stays is one of R4, and has a reason', () => {
  const names = new Set(['resourceType', 'id', 'extension', 'modifierExtension']);
  for (const kind of KIND_NAMES) {
    for (const { path } of elementsOf(kind)) for (const step of path.split('.')) names.add(step);
  }
  for (const [name, why] of Object.entries(STAYS)) {
    expect(names).toContain(name);
    expect(why.length).toBeGreaterThan(20);
  }
});

describe('an extension in place of a primitive', () => {
  const absent = { extension: [{ url: 'urn:why', valueCode: 'unknown' }] };
  const partialOf = (kind: KindName, change: object) =>
    contentOf({ ...base(kind), ...change }).partial;

  test('makes the row partial, and one beside a value does not', () => {
    expect(partialOf('Observation', { _effectiveDateTime: absent })).toEqual(['effectiveDateTime']);
    expect(
      partialOf('Observation', { _effectiveDateTime: absent, effectiveDateTime: '2024-05-06' }),
    ).toEqual([]);
    expect(partialOf('Observation', { _effectiveDateTime: { id: 'a' } })).toEqual([]);
    // It stays, whatever it says.
    expect(partialOf('Observation', { _issued: absent })).toEqual([]);
  });

  test('is found in lists and within', () => {
    const lists = { category: ['food'], _category: [null, absent] };
    expect(partialOf('AllergyIntolerance', lists)).toEqual(['category']);
    expect(partialOf('AllergyIntolerance', { ...lists, _category: [absent] })).toEqual([]);
    const dosageInstruction = [{ timing: { repeat: { _frequency: absent } } }];
    const request = { ...coded(SNOMED, '1'), intent: 'order', dosageInstruction };
    expect(partialOf('MedicationRequest', request)).toContain(
      'dosageInstruction.timing.repeat.frequency',
    );
  });

  test('of an amount leaves no amount', () => {
    for (const name of ['_value', '_unit', '_code', '_comparator']) {
      const { [name.slice(1)]: _, ...rest } = amount as Record<string, unknown>;
      const valueQuantity = { ...rest, [name]: absent };
      const { partial, content } = contentOf({ ...base('Observation'), valueQuantity });
      expect(JSON.stringify(content)).not.toContain('"value":"2"');
      // A comparator leaves no row at all.
      if (name !== '_comparator') expect(partial).toEqual(['valueQuantity']);
    }
  });
});
