import { getAllDataTypes, validateResource } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../../src/core/ids.js';
import { dateElementsOf, dateFaultIn } from '../../../src/records/fhir/date-elements.js';
import { rulesOf } from '../../../src/records/fhir/rules.js';
import { fhirValidator } from '../../../src/records/import/validate.js';
import { likenessOf } from '../../../src/records/import/validate-once-per-shape.js';
import { generateHospitals } from '../../../src/records/seed/hospitals.js';
import { condition, observation, patient } from '../../support/records/clinic.js';

const SEED = 20_261_126;

const charts = generateHospitals({
  seed: SEED,
  people: 3,
  sharedFraction: 0,
  now: Date.UTC(2026, 5, 1),
  lots: [],
  hospitals: [toInstitutionId('riverside-hospital')],
});
/** One of each kind that the generator writes, and what it does not: resources inside resources. */
const SOURCES: readonly object[] = [
  ...new Map(
    [...charts]
      .flatMap(({ bundle }) => bundle.entry ?? [])
      .map(({ resource }) => [Object.keys(resource ?? {}).join(), resource as object]),
  ).values(),
  { ...observation('o', 'ana'), contained: [{ ...observation('p', 'ana'), status: 'final' }] },
  {
    ...condition('c', 'ana'),
    extension: [{ url: 'http://example.org/x', valueQuantity: { value: 1, comparator: '<' } }],
    _recordedDate: { id: 'd', extension: [{ url: 'http://example.org/y', valueCode: 'z' }] },
  },
  {
    ...patient('ana'),
    contact: [{ name: { family: 'x' } }],
    communication: [{ language: { text: 'y' } }],
  },
  {
    resourceType: 'MedicationDispense',
    status: 'completed',
    medicationCodeableConcept: { text: 'x' },
    subject: { reference: 'Patient/ana', display: 'Ana' },
    whenPrepared: '2026-01-02T03:04:05Z',
    whenHandedOver: '2026-01-03T03:04:05Z',
    dosageInstruction: [
      {
        timing: {
          repeat: {
            boundsPeriod: { start: '2026-01-02', end: '2026-01-03' },
            period: 1,
            periodUnit: 'd',
          },
        },
      },
      { doseAndRate: [{ doseRange: { low: { value: 1 }, high: { value: 2 } } }] },
    ],
  },
  { ...observation('q', 'ana'), issued: '2026-01-02T03:04:05Z' },
  {
    ...condition('d', 'ana'),
    onsetAge: { value: 5, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
    identifier: [
      { value: 'A 1', period: { start: '2026-01-02T03:04:05Z', end: '2026-01-02T03:04:06Z' } },
    ],
  },
];

/** Those whose values are compared or have a form. */
const ALIKE = SOURCES.filter(
  (source) =>
    'whenPrepared' in source ||
    'onsetAge' in source ||
    ('resourceType' in source && source.resourceType === 'Encounter') ||
    'valueQuantity' in source,
);

let rules: ReturnType<typeof rulesOf> | undefined;
let dates: ReadonlySet<string> | undefined;

/** What the library itself says, looking for everything, and then what R4 asks beyond it. */
function plainly(resource: unknown): unknown {
  try {
    validateResource(resource as Resource);
    rules ??= rulesOf(getAllDataTypes());
    dates ??= dateElementsOf(Object.values(getAllDataTypes()));
    const broken = rules(resource).length > 0 || dateFaultIn(resource, dates) !== undefined;
    return broken ? 'against a rule' : 'valid';
  } catch (failure) {
    return verdictOf(failure);
  }
}

const verdictOf = (failure: unknown) =>
  (failure as { outcome?: unknown }).outcome ?? (failure as Error).name;

const PARTS = [null, 5, -1, '', ' ', 'x', true, [], {}, [{}], [null], { x: 1 }, { id: 5 }] as const;
/** What may stand where another value did: alike for the library in some places, not in others. */
const TEXTS = [
  ...['2026-01-02', '2026-01-03', '2025-02-31', '2026-13-01', '2026', '0000-01-01', '2026-01-02 '],
  ...['2026-01-02T03:04:05Z', '2026-01-02T03:04:06Z', '2026-01-02T03:04:05+01:00', '14:00:00'],
  ...['2026-01-02T03:04:05.5Z', '2026-01-01T03:04:05-13:00', '2026-01-02T24:00:00Z'],
  ...['Patient/ana', 'Patient/bo', 'Observation/x', '#x', '#', 'Patient/a b', 'Patient/'],
  ...['urn:uuid:31925b0e-78ff-4ec2-8c69-2c662eb1140e', 'urn:uuid:31925b0e', 'a', 'a b', 'a  b'],
  ...['x'.repeat(64), 'x'.repeat(65), '', ' ', '\u00a0', 'é', '\u00e9x', 'x\u0001', 'final', 'a='],
];
const NUMBERS = [0, -1, 1, 1.5, 2, 5, 1e21];

const NAMES = [
  ...['resourceType', 'contained', 'id', '_id', 'status', '_status', 'code', 'coding', 'system'],
  ...['valueString', 'valueQuantity', 'valueX', 'value', '_value', 'subject', 'reference', 'meta'],
  ...['extension', 'url', 'component', 'code\nsystem', 'text', '__proto__', 'onsetAge', 'period'],
];

interface Change {
  readonly at: number;
  readonly what: 'remove' | 'rename' | 'replace' | 'add' | 'revalue';
  readonly name: string;
  readonly part: unknown;
}

const changes = fc.array(
  fc.record({
    at: fc.nat(2_000),
    what: fc.constantFrom('remove', 'rename', 'replace', 'add', 'revalue', 'revalue'),
    name: fc.constantFrom(...NAMES),
    part: fc.constantFrom(...PARTS, ...SOURCES),
  }) as fc.Arbitrary<Change>,
  { maxLength: 4 },
);

/** Every object inside a JSON value, itself too. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inside : [value as Record<string, unknown>, ...inside];
}

function changed(source: object, list: readonly Change[]): unknown {
  const resource = structuredClone(source);
  for (const { at, what, name, part } of list) {
    const objects = objectsIn(resource);
    const object = objects[at % objects.length] ?? {};
    const keys = Object.keys(object);
    const key = keys[at % keys.length] ?? 'x';
    const { [key]: old } = object;
    if (what === 'remove' || what === 'rename') delete object[key];
    if (what === 'rename') object[name] = old;
    if (what === 'replace') object[key] = structuredClone(part);
    if (what === 'add') object[name] = structuredClone(part);
    if (what === 'revalue') revalue(object, at);
  }
  return JSON.parse(JSON.stringify(resource));
}

/** Copies of a resource, each with another value at that leaf. */
function* revalued(source: object, leaf: number): Generator<object> {
  const others = [...TEXTS, ...NUMBERS];
  for (const other of others) {
    const copy = structuredClone(source);
    let before = 0;
    for (const object of objectsIn(copy)) {
      const keys = Object.keys(object);
      const key = keys[leaf - before];
      before += keys.length;
      if (key === undefined) continue;
      if (typeof object[key] !== typeof other) return;
      object[key] = other;
    }
    yield copy;
  }
}

/** Another text for a text, another number for a number, so that the rest can be alike. */
function revalue(object: Record<string, unknown>, at: number): void {
  const keys = Object.keys(object).filter((key) => /string|number/.test(typeof object[key]));
  const key = keys[at % keys.length];
  if (key === undefined || key === 'resourceType') return;
  object[key] =
    typeof object[key] === 'string' ? TEXTS[at % TEXTS.length] : NUMBERS[at % NUMBERS.length];
}

describe('the validator', () => {
  test('says of any resource, whatever was done to it, what the library says', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), changes, (source, list) => {
        const resource = changed(source, list);
        const plain = plainly(structuredClone(resource));
        let verdict: unknown = 'valid';
        try {
          requireValid(resource);
        } catch (failure) {
          const { cause } = failure as Error;
          verdict = cause === undefined ? 'against a rule' : verdictOf(cause);
        }
        expect(verdict).toEqual(plain);
        verdicts.add(verdict === 'valid');
      }),
      { seed: SEED, numRuns: 400 },
    );
    expect(verdicts.size).toBe(2);
  });

  test('takes no value for alike that the library tells from the one it took', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    const isValid = (resource: object) => {
      try {
        requireValid(structuredClone(resource));
        return true;
      } catch {
        return false;
      }
    };
    let refused = 0;
    for (const source of ALIKE) {
      expect(isValid(source)).toBe(true);
      const leaves = objectsIn(source).reduce((sum, object) => sum + Object.keys(object).length, 0);
      for (let leaf = 0; leaf < leaves; leaf += 1) {
        for (const changed of revalued(source, leaf)) {
          const plain = plainly(structuredClone(changed)) === 'valid';
          if (isValid(changed) !== plain) expect.fail(`told wrongly: ${JSON.stringify(changed)}`);
          refused += plain ? 0 : 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(500);
  });

  test('does not validate again what is alike, whatever the numbers, dates and people', () => {
    const likeness = likenessOf(observation('o', 'ana'));
    expect(likeness).toBeDefined();
    expect(likenessOf(observation('p', 'bo'))).toBe(likeness);
    expect(likenessOf({ ...observation('p', 'bo'), status: 'amended' })).not.toBe(likeness);
    expect(likenessOf({ ...observation('p', 'bo'), contained: [] })).toBeUndefined();
    expect(likenessOf({ resourceType: 'Questionnaire', status: 'draft' })).toBeUndefined();
  });

  test('changes nothing of what it is given', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    for (const source of SOURCES) {
      const given = structuredClone(source);
      requireValid(given);
      expect(given).toEqual(source);
    }
  });

  test('is not led astray by a name that spells the names of another resource', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    const coded = (names: object) => ({ ...patient('ana'), maritalStatus: { coding: [names] } });
    for (const between of ['\n', ',', '","', '', ' ', '|']) {
      const name = `display${between}userSelected`;
      expect(() => requireValid(coded({ [name]: 'x' }))).toThrow();
      expect(() => requireValid(coded({ display: 'x', userSelected: 5 }))).toThrow(
        expect.objectContaining({ code: 'FHIR_INVALID' }),
      );
    }
  });

  test('looks into a contained resource of the same type for what its container lacks', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    const contained = [{ ...observation('p', 'ana'), issued: 5 } as never];
    expect(() => requireValid({ ...observation('o', 'ana'), contained })).toThrow(
      expect.objectContaining({ code: 'FHIR_INVALID' }),
    );
  });

  test('is not led astray by something inside that claims to be a resource', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    const coding = { resourceType: 'Condition', system: 5 };
    expect(() => requireValid({ ...condition('c', 'ana'), code: { coding: [coding] } })).toThrow(
      expect.objectContaining({ code: 'FHIR_INVALID' }),
    );
  });
});
