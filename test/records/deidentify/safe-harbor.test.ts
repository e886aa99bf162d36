import type { Patient, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toInstitutionId, toPseudonym } from '../../../src/core/ids.js';
import { SHARED_BY_PATIENTS } from '../../../src/records/labels/code-display.js';
import { RECORD_CLASSES } from '../../../src/records/model/model.js';
import { generateHospitals } from '../../../src/records/seed/hospitals.js';
import {
  type Clinic,
  condition,
  type Entity,
  NOW,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';
import { everythingOf } from '../../support/records/everything.js';
import { hidden, slugOf } from '../../support/records/hostile.js';

/*
 * The eighteen identifiers of 45 CFR 164.514(b)(2)(i), of whoever a record is about. Each is
 * hidden in every place of a resource that has room for it, all of it is read under the widest
 * permit there is, and the whole answer is searched.
 */

const HOSPITAL = 'riverside-hospital';
const LABELS = ['PSY', 'SUD', 'HIV', 'SDV', 'GDIS'] as const;
/** The widest, and the widest without exact dates. */
const ALL = { dataClasses: RECORD_CLASSES, labels: LABELS };
const COARSE = { ...ALL, dataClasses: RECORD_CLASSES.filter((one) => one !== 'EXACT_DATE') };

/** Letter, what it is, and values that a record could hide. Dates, (C), have tests of their own. */
const IDENTIFIERS: readonly (readonly [letter: string, what: string, values: readonly string[]])[] =
  [
    ['A', 'names', ['Wilhelmina Quackenbush', 'Quackenbush', 'Dr Thaddeus Plimpton']],
    [
      'B',
      'geographic subdivisions',
      ['12 Larkspur Crescent', 'Nether Wallop', '02139-4307', '42.36283'],
    ],
    ['D', 'telephone numbers', ['+1-555-013-4477', '5550134477']],
    ['E', 'fax numbers', ['+1-555-013-9988']],
    ['F', 'email addresses', ['wilhelmina@quackenbush.example']],
    ['G', 'social security numbers', ['999-58-3124', '999583124']],
    ['H', 'medical record numbers', ['MRN-00734829', '734829015']],
    ['I', 'health plan beneficiary numbers', ['1EG4-TE5-MK73']],
    ['J', 'account numbers', ['ACC-6610-22345', 'DE89370400440532013000']],
    ['K', 'certificate and license numbers', ['S99934417', 'X57217338X']],
    ['L', 'vehicle identifiers', ['1M8GDM9AXKP042788', 'KLM-4471']],
    [
      'M',
      'device identifiers and serial numbers',
      ['(01)51022222233336(21)SN7654321', 'SN7654321'],
    ],
    ['N', 'web addresses', ['https://quackenbush.example/wilhelmina']],
    ['O', 'IP addresses', ['203.0.113.77', '2001:db8:85a3::8a2e:370:7334']],
    ['P', 'biometric identifiers', ['fingerprint-template-77AF31C9']],
    ['Q', 'photographs', ['iVBORw0KGgoAAAANSUhEUgAAAAE']],
    [
      'R',
      'any other unique number',
      ['urn:epc:id:sgtin:9521234.000101.77123', 'STUDY-ARM-0077-19'],
    ],
  ];

let clinic: Clinic;
let people: readonly Patient[];
let answers: { readonly exact: string; readonly coarse: string };

beforeAll(async () => {
  clinic = await openClinic(HOSPITAL);
  const charts = [
    ...generateHospitals({
      seed: 11,
      people: 4,
      hospitals: [toInstitutionId(HOSPITAL)],
      sharedFraction: 0,
      now: NOW,
      lots: [],
    }),
  ];
  for (const { bundle } of charts) await clinic.import(bundle);
  people = charts.flatMap(({ bundle }) =>
    (bundle.entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'Patient' ? [resource] : [],
    ),
  );
  await clinic.take(
    victim(),
    ...IDENTIFIERS.flatMap(([letter, , values]) =>
      values.flatMap((value, i) => hidden(value, 'victim', `${letter}${i}`)),
    ),
  );
  const linked = ['victim', ...people.map(({ id }) => id ?? '')];
  for (const [i, id] of linked.entries()) await clinic.link(String(100 + i), id);
  answers = {
    exact: await readAll(ALL, linked.length),
    coarse: await readAll(COARSE, linked.length),
  };
});
afterAll(() => clinic.close());

async function readAll(change: object, count: number): Promise<string> {
  const pseudonyms = Array.from({ length: count }, (_, i) => toPseudonym(String(100 + i)));
  const permits = pseudonyms.map((pseudonym) => permit({ ...change, pseudonym }));
  const asked = participantKeys(...pseudonyms);
  const { data, errors } = await clinic.ask(permits, everythingOf(clinic.schema), asked);
  expect(errors).toBeUndefined();
  return JSON.stringify(data);
}

/** All of it in the Patient too, and in every form that FHIR has for it. */
function victim(): Resource {
  const [names, places] = [valuesOf('A'), valuesOf('B')];
  return {
    ...patient('victim', '1931-07-19'),
    identifier: IDENTIFIERS.flatMap(([, , values]) => values.map((value) => ({ value }))),
    name: names.map((text) => ({ text, family: text, given: [text] })),
    address: places.map((text) => ({ text, line: [text], city: text, postalCode: text })),
    telecom: ['D', 'E', 'F', 'N'].flatMap(valuesOf).map((value) => ({ system: 'other', value })),
    photo: [{ contentType: 'image/png', data: 'iVBORw0KGgoAAAANSUhEUgAAAAE=' }],
    contact: [{ name: { text: names[0] } }],
  } as Resource;
}

function valuesOf(letter: string): readonly string[] {
  return IDENTIFIERS.find(([one]) => one === letter)?.[2] ?? [];
}

describe('of the eighteen identifiers', () => {
  test('there is something to search: every kind of record of everyone has left', () => {
    const entities: Entity[] = JSON.parse(answers.exact)._entities;
    const [hiding] = entities;
    const rows = IDENTIFIERS.reduce((sum, [, , values]) => sum + values.length, 0);
    expect(hiding.conditions.nodes).toHaveLength(rows);
    expect(hiding.observations.nodes).toHaveLength(3 * rows);
    expect(hiding.dispenses.nodes).toHaveLength(rows);
    expect(entities.slice(1).every((one) => one.observations.nodes.length > 10)).toBe(true);
  });

  test.each(IDENTIFIERS)('(%s) %s leave nowhere', (_, __, values) => {
    for (const value of values) {
      for (const told of [answers.exact, answers.coarse]) {
        expect(told).not.toContain(value);
        expect(told.toLowerCase()).not.toContain(slugOf(value).toLowerCase());
      }
    }
  });

  test('(C) no date is more exact than its year, but where the consent says so', () => {
    // What is left of a day is the turn of a year, at which a coarse period begins and ends.
    const days = answers.coarse.match(/\d{4}-\d{2}-\d{2}[^"]*/g) ?? [];
    expect(days.filter((day) => !day.endsWith('-01-01T00:00:00.000Z'))).toEqual([]);
    expect(answers.exact).toContain('"2024-05-06"');
    for (const told of [answers.exact, answers.coarse]) expect(told).not.toContain('1931-07-19');
  });

  test('(C) no age and no year tells of more than ninety years', async () => {
    const birthYears = (answers.exact.match(/"birthYear":(\d+)/g) ?? []).map((text) =>
      Number(text.slice(12)),
    );
    expect(Math.min(...birthYears)).toBe(1_936);
    const years = (answers.coarse.match(/"recorded":"\d{4}/g) ?? []).map((text) =>
      Number(text.slice(12)),
    );
    expect(Math.min(...years)).toBeGreaterThanOrEqual(1_936);
    const age = (id: string, value: number, unit: string, code: string) =>
      observation(id, 'old', {
        code: { coding: [{ system: 'http://loinc.org', code: '30525-0' }] },
        valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code },
      });
    await clinic.take(
      patient('old', '1929-01-01'),
      age('age-1', 97, 'years', 'a'),
      age('age-2', 1_164, 'mo', 'mo'),
      observation('age-3', 'old', { valueQuantity: { value: 97, unit: 'years' } }),
      age('weight', 97, 'kg', 'kg'),
      condition('born', 'old', { onsetDateTime: '1929-01-01', recordedDate: '1930' }),
    );
    await clinic.link('900', 'old');
    const one = permit({ ...COARSE, pseudonym: toPseudonym('900') });
    const asked = participantKeys('900');
    const { data } = await clinic.ask([one], everythingOf(clinic.schema), asked);
    const [old] = data?._entities ?? [];
    expect(JSON.stringify(old)).not.toMatch(/1929|1930/);
    const values = old.observations.nodes.map(({ value }: Entity) => value.value).sort();
    expect(values).toEqual(['1080', '90', '90', '97']);
  });

  test('and nothing that names generated people, their charts or their hospitals does', () => {
    for (const person of people) {
      const [name] = person.name ?? [];
      const named = [
        name?.family,
        ...(name?.given ?? []),
        person.id,
        person.identifier?.[0]?.value,
      ];
      for (const value of [...named, person.address?.[0]?.city]) {
        expect(value).toBeTruthy();
        expect(answers.exact).not.toContain(value);
      }
      expect(answers.exact).not.toContain(person.birthDate);
    }
  });
});

describe('what a code is called', () => {
  const NAMED = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Participant { conditions { nodes { code { coding { code display } } } } } } }`;
  const told = async () => {
    const one = permit({ pseudonym: toPseudonym('800') });
    const { data } = await clinic.ask([one], NAMED, participantKeys('800'));
    return data?._entities[0].conditions.nodes[0].code.coding[0].display;
  };
  const named = (i: number, display: string) =>
    condition(`named-${i}-${display.length}`, `n-${i}`, {
      code: { coding: [{ system: 'http://snomed.info/sct', code: '37796009', display }] },
    });

  test('leaves in words that eleven patients share, and not in those of ten', async () => {
    const patients = Array.from({ length: SHARED_BY_PATIENTS }, (_, i) => i);
    await clinic.take(...patients.map((i) => patient(`n-${i}`)));
    await clinic.link('800', 'n-0');
    const own = 'Migraine of Mrs Quackenbush';
    await clinic.take(named(0, own), ...patients.slice(1).map((i) => named(i, 'Migraine')));
    expect(await told()).toBeNull();
    // The same patient a second time is no eleventh.
    await clinic.take(condition('again', 'n-1', { ...named(1, 'Migraine'), id: 'again' }));
    expect(await told()).toBeNull();
    await clinic.take(patient('n-last'), {
      ...named(99, 'Migraine'),
      subject: { reference: 'Patient/n-last' },
    } as Resource);
    expect(await told()).toBe('Migraine');
  });
});
