import type { Bundle } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/core/random.js';
import { fhirValidator } from '../../../src/records/import/validate.js';
import { KIND_NAMES } from '../../../src/records/kinds/kinds.js';
import { parseRecord } from '../../../src/records/kinds/parse-record.js';
import { bundlesOf } from '../../../src/records/seed/bundles.js';
import { openChart } from '../../../src/records/seed/chart.js';
import { generateHospitals, type SeedOptions } from '../../../src/records/seed/hospitals.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const OPTIONS: SeedOptions = {
  seed: 20_260_601,
  people: 600,
  hospitals: [RIVERSIDE, LAKESHORE],
  sharedFraction: 0.15,
  now: Date.parse('2026-06-01T12:00:00Z'),
  lots: [{ gtin: '09521234001012', lot: 'HXA1', rxnorm: '314076' }],
};
const few = { ...OPTIONS, people: 40 };
const charts = [...generateHospitals(OPTIONS)];
const resourcesOf = ({ entry = [] }: Bundle) => entry.flatMap(({ resource }) => resource ?? []);

/** The share of people with a condition of that SNOMED CT code. */
function prevalence(code: string): number {
  const people = new Set<number>();
  for (const { bundle, person } of charts) {
    const has = resourcesOf(bundle).some(
      (one) => one.resourceType === 'Condition' && one.code?.coding?.[0]?.code === code,
    );
    if (has) people.add(person.index);
  }
  return people.size / OPTIONS.people;
}

describe('made-up people', () => {
  test('the same seed gives the same bytes, another seed others', () => {
    const text = (options: SeedOptions) => JSON.stringify([...generateHospitals(options)]);
    expect(text(few)).toBe(text(few));
    expect(text({ ...few, seed: 1 })).not.toBe(text(few));
  });

  test('a person does not depend on how many others there are', () => {
    const first = [...generateHospitals(few)].map(({ bundle }) => JSON.stringify(bundle));
    expect(charts.slice(0, first.length).map(({ bundle }) => JSON.stringify(bundle))).toEqual(
      first,
    );
  });

  test('each hospital has hundreds, and some people are patients of both under two ids', () => {
    for (const hospital of OPTIONS.hospitals) {
      const own = charts.filter(({ institution }) => institution === hospital);
      expect(own.length).toBeGreaterThan(250);
    }
    const shared = charts.filter(({ person }) => person.patientIds.size === 2);
    expect(shared.length / 2 / OPTIONS.people).toBeGreaterThan(0.1);
    for (const { person } of shared) {
      expect(person.patientIds.get(RIVERSIDE)).not.toBe(person.patientIds.get(LAKESHORE));
    }
  });

  test('every resource of a tenth of them conforms to FHIR R4', async () => {
    const requireValid: (resource: unknown) => void = await fhirValidator();
    for (const { bundle } of charts.filter((_, i) => i % 10 === 0)) {
      for (const resource of resourcesOf(bundle)) requireValid(resource);
    }
  });

  test.each([
    ['hypertension', '59621000', 0.25, 0.5],
    ['type 2 diabetes', '44054006', 0.07, 0.2],
    ['asthma', '195967001', 0.04, 0.13],
  ])('%s is as common as it is among adults', (_, code, least, most) => {
    expect(prevalence(code)).toBeGreaterThan(least);
    expect(prevalence(code)).toBeLessThan(most);
  });

  test('fill fewer bundles with the same resources, each at its own hospital', () => {
    const some = [...generateHospitals(few)];
    const bundles = [...bundlesOf(some)];
    expect(bundles).toHaveLength(8);
    expect(bundles.at(-1)?.people).toBe(few.people);
    const idsAt = (of: readonly { institution: string; bundle: Bundle }[], institution: string) =>
      of
        .filter((one) => one.institution === institution)
        .flatMap(({ bundle }) => resourcesOf(bundle).map(({ id }) => id));
    for (const at of [RIVERSIDE, LAKESHORE]) expect(idsAt(bundles, at)).toEqual(idsAt(some, at));
  });

  test('have rows of every kind', () => {
    const all = charts.flatMap(({ bundle }) => resourcesOf(bundle));
    const kinds = all.flatMap((one) => (parseRecord(one) ? [one.resourceType] : []));
    expect(new Set(kinds)).toEqual(new Set(KIND_NAMES));
    // A pilot starts by importing them all: a person is to be some thirty resources.
    expect(all.length / OPTIONS.people).toBeLessThan(40);
  });

  test('what is made up beside changes nothing of all else', () => {
    const openNew = () => openChart((concern) => seededRandom(1, 'chart', concern));
    const [plain, busy] = [openNew(), openNew()];
    busy.beside('stay').add({ resourceType: 'Basic', code: {} });
    expect(busy.random.uuid()).toBe(plain.random.uuid());
    expect(busy.beside('stay').random.uuid()).not.toBe(openNew().beside('stay').random.uuid());
    expect(busy.toBundle().entry).toHaveLength(1);
  });

  test('a dispense leads to its lot, blood pressure has components, depression its label', () => {
    const all = charts.flatMap(({ bundle }) => resourcesOf(bundle));
    const contents = all.flatMap((one) => parseRecord(one) ?? []);
    const lots = contents.flatMap(({ content }) => ('lot' in content && content.lot) || []);
    expect(lots.length).toBeGreaterThan(20);
    expect(new Set(lots.map((lot) => JSON.stringify(lot)))).toEqual(
      new Set(['{"gtin":"09521234001012","lot":"HXA1"}']),
    );
    const pressure = contents.find(
      ({ content }) =>
        'component' in content && (content.component as readonly unknown[]).length === 2,
    );
    expect(pressure).toBeDefined();
    const labels = all.flatMap(({ meta }) => meta?.security?.map(({ code }) => code) ?? []);
    expect(labels).toContain('PSY');
  });
});
