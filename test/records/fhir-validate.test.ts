import { validateResource } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../src/core/ids.js';
import { fhirValidator } from '../../src/records/fhir-validate.js';
import { generateHospitals } from '../../src/records/seed/hospitals.js';
import { condition, observation, patient } from './clinic.js';

const SEED = 20_261_126;

const charts = generateHospitals({
  ...{ seed: SEED, people: 3, sharedFraction: 0, now: Date.UTC(2026, 5, 1), lots: [] },
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
];

/** What the library itself says, looking for everything. */
function plainly(resource: unknown): unknown {
  try {
    validateResource(resource as Resource);
    return 'valid';
  } catch (failure) {
    return verdictOf(failure);
  }
}

const verdictOf = (failure: unknown) =>
  (failure as { outcome?: unknown }).outcome ?? (failure as Error).name;

const PARTS = [null, 5, -1, '', ' ', 'x', true, [], {}, [{}], [null], { x: 1 }, { id: 5 }] as const;
const NAMES = [
  ...['resourceType', 'contained', 'id', '_id', 'status', '_status', 'code', 'coding', 'system'],
  ...['valueString', 'valueQuantity', 'valueX', 'value', '_value', 'subject', 'reference', 'meta'],
  ...['extension', 'url', 'component', 'code\nsystem', 'text', '__proto__', 'onsetAge', 'period'],
];

interface Change {
  readonly at: number;
  readonly what: 'remove' | 'rename' | 'replace' | 'add';
  readonly name: string;
  readonly part: unknown;
}

const changes = fc.array(
  fc.record({
    at: fc.nat(60),
    what: fc.constantFrom('remove', 'rename', 'replace', 'add'),
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
  }
  return JSON.parse(JSON.stringify(resource));
}

describe('the validator', () => {
  test('says of any resource, whatever was done to it, what the library says', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), changes, (source, list) => {
        const resource = changed(source, list);
        const plain = plainly(resource);
        let verdict: unknown = 'valid';
        try {
          requireValid(resource);
        } catch (failure) {
          verdict = verdictOf((failure as Error).cause);
        }
        expect(verdict).toEqual(plain);
        verdicts.add(verdict === 'valid');
      }),
      { seed: SEED, numRuns: 300 },
    );
    expect(verdicts.size).toBe(2);
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
