import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainConsent } from '../../../src/consent/disclosures/explain.js';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { NO_END_SECONDS, type Period, secondsFromIso } from '../../../src/core/time.js';
import { NetworkRecords } from '../../../src/records/answers/network-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import type { DataClass } from '../../../src/zk/vocabulary.js';
import { scopeOf } from '../../../src/zk/vocabulary.js';
import {
  ANA,
  type Clinic,
  coded,
  type Entity,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';
import { askNodesOf, schemaNode } from '../../support/trials/ask-schemas.js';

/*
 * Rows without a date, or with a beginning or an end alone, and rows of the last day there is. Their
 * windows are those that people can write: what only a number of the circuits opens, nobody reads.
 */

const HOSPITAL = 'riverside-hospital';
const COARSE: readonly DataClass[] = ['OBSERVATION', 'ALLERGY'];
const EXACT: readonly DataClass[] = [...COARSE, 'EXACT_DATE'];
const ROWS = `query ($representations: [_Any!]!, $observed: ObservationFilter) {
  _entities(representations: $representations) { ... on Participant {
    allergies { nodes { recorded criticality } withheld { reason } }
    observations(where: $observed) {
      nodes { effective { from until } recorded value { ... on Quantity { value } } }
      withheld { reason } } } } }`;

/** Each row by the value that it bears. */
const DATES: Readonly<Record<number, object>> = {
  1: { effectiveDateTime: '2020-05-06' },
  2: { effectiveDateTime: undefined },
  3: { effectiveDateTime: undefined, effectivePeriod: { start: '2016-03-18' } },
  4: { effectiveDateTime: undefined, effectivePeriod: { end: '2016-03-18' } },
  5: { effectiveDateTime: '9999-12-31' },
  6: { effectiveDateTime: '9999-12-31T23:59:59Z' },
  7: { effectiveDateTime: undefined, effectivePeriod: { start: '2016-03-18', end: '9999-12-31' } },
  8: { effectiveDateTime: '9999' },
};

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic(HOSPITAL);
  await clinic.take(
    patient('ana'),
    ...Object.entries(DATES).map(([value, dates]) =>
      observation(`o-${value}`, 'ana', {
        ...dates,
        valueQuantity: { value: Number(value), system: 'http://unitsofmeasure.org', code: '%' },
      }),
    ),
    {
      resourceType: 'AllergyIntolerance',
      id: 'a',
      criticality: 'high',
      clinicalStatus: coded(
        'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
        'active',
      ),
      code: coded('http://www.nlm.nih.gov/research/umls/rxnorm', '7980'),
      patient: { reference: 'Patient/ana' },
    },
  );
  await clinic.link(ANA, 'ana');
});
afterAll(() => clinic.close());

const windowOf = (from: string, until: string): Period => ({
  from: secondsFromIso(from),
  until: secondsFromIso(until),
});

async function read(dataClasses: readonly DataClass[], dataWindow: Period): Promise<Entity> {
  const permits = [permit({ dataClasses, dataWindow })];
  const { data, errors } = await clinic.ask(permits, ROWS, participantKeys(ANA));
  expect(errors).toBeUndefined();
  return data?._entities[0];
}

const valuesIn = (entity: Entity): readonly number[] =>
  entity.observations.nodes.map((row: Entity) => Number(row.value.value)).sort();

/** What each window opens with exact dates, and by years; and whether it opens the undated allergy. */
const OPENED: readonly (readonly [
  string,
  string,
  readonly number[],
  readonly number[],
  boolean,
])[] = [
  ['1900-01-01', '9999-12-31', [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8], true],
  ['1900-01-01', '9999-12-31T23:59:59Z', [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8], true],
  // A second after the beginning of time, or before its end, is a limit.
  ['1900-01-01T00:00:01Z', '9999-12-31', [1, 3, 5, 6, 7, 8], [1, 3, 5, 6, 7, 8], false],
  ['1900-01-01', '9999-12-30T23:59:59Z', [1, 4], [1, 4], false],
  ['2016-03-18', '9999-12-31', [1, 3, 5, 6, 7, 8], [1, 5, 6, 8], false],
  ['2016-01-01', '9999-12-31', [1, 3, 5, 6, 7, 8], [1, 3, 5, 6, 7, 8], false],
  ['2016-03-19', '9999-12-31', [1, 5, 6, 8], [1, 5, 6, 8], false],
  ['1900-01-01', '2016-03-19', [4], [], false],
  ['1900-01-01', '2016-03-18', [], [], false],
  ['2010-01-01', '2030-01-01', [1], [1], false],
  ['2021-01-01', '2022-01-01', [], [], false],
];

describe('a window of data', () => {
  test.each(OPENED)(
    'from %s until %s opens %j, by years %j',
    async (from, until, exact, years, allergy) => {
      const window = windowOf(from, until);
      const exactly = await read(EXACT, window);
      const byYears = await read(COARSE, window);
      expect([valuesIn(exactly), valuesIn(byYears)]).toEqual([exact, years]);
      for (const { allergies } of [exactly, byYears]) {
        expect(allergies.nodes).toEqual(allergy ? [{ recorded: null, criticality: 'HIGH' }] : []);
      }
    },
  );

  test('says so in the words that its participant reads', () => {
    for (const [from, until, exact] of OPENED) {
      const { from: start, until: end } = windowOf(from, until);
      const period = { from: BigInt(start), until: BigInt(end) };
      const words = explainConsent(
        {
          requester: 1n,
          institution: 0n,
          duties: 0n,
          withdrawnAt: null,
          scope: scopeOf({ purposes: ['HRESCH'], dataClasses: COARSE, labels: [] }),
          validity: period,
          dataWindow: period,
        },
        0,
      ).sentences.join(' ');
      expect(words.includes('It also covers records without a date')).toBe(exact.includes(2));
      expect(words.includes('without end')).toBe(exact.includes(5));
      expect(words).not.toMatch(/\+0|10000/);
    }
  });

  test('that two consents share in part opens nothing that neither covers', async () => {
    const permits = [
      permit({ dataClasses: EXACT, dataWindow: windowOf('1900-01-01', '2016-03-18') }),
      permit({ dataClasses: EXACT, dataWindow: windowOf('2016-03-18', '9999-12-31') }),
    ];
    const { data } = await clinic.ask(permits, ROWS, participantKeys(ANA));
    expect(valuesIn(data?._entities[0])).toEqual([1, 3, 5, 6, 7, 8]);
    expect(data?._entities[0].allergies.nodes).toEqual([]);
  });

  test('with no limits withholds nothing from a question without an end', async () => {
    const window = windowOf('1900-01-01', '9999-12-31');
    for (const until of ['9999-12-31T00:00:00Z', '9999-12-31T23:59:59Z']) {
      const observed = { effective: { from: '2016-01-01T00:00:00Z', until } };
      for (const dataClasses of [EXACT, COARSE]) {
        const permits = [permit({ dataClasses, dataWindow: window })];
        const { data } = await clinic.ask(permits, ROWS, { ...participantKeys(ANA), observed });
        const { observations } = data?._entities[0] ?? {};
        expect(observations.withheld).toEqual([]);
        expect(observations.nodes.length).toBeGreaterThan(0);
      }
    }
  });
});

describe('the last day there is', () => {
  test.each([
    ['exactly', EXACT],
    ['by years', COARSE],
  ] as const)(
    'told %s prints with four digits of year, and crosses the network',
    async (_how, dataClasses) => {
      const whole = { from: 0, until: NO_END_SECONDS };
      const permits = PermitSet.mint([permit({ dataClasses, dataWindow: whole })], []);
      const merged = await graphql({
        schema: recordsSubgraph(
          new NetworkRecords(askNodesOf([schemaNode(HOSPITAL, clinic.schema, permits)], [])),
        ),
        source: ROWS,
        variableValues: participantKeys(ANA),
        contextValue: { opened: { token: 'a.b.c', requestId: 'test' }, requestId: 'test' },
      });
      expect(merged.errors).toBeUndefined();
      const [entity] = (merged.data?._entities ?? []) as Entity[];
      expect(valuesIn(entity)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(JSON.stringify(entity)).not.toMatch(/\+0|10000/);
      expect(entity).toEqual(await read(dataClasses, whole));
    },
  );

  test('is told exactly where dates are exact', async () => {
    const { observations } = await read(EXACT, { from: 0, until: NO_END_SECONDS });
    const told = new Map(observations.nodes.map((row: Entity) => [Number(row.value.value), row]));
    expect(told.get(5)).toMatchObject({
      recorded: '9999-12-31',
      effective: { from: '9999-12-31T00:00:00.000Z', until: '9999-12-31T23:59:59.999Z' },
    });
    expect(told.get(6)).toMatchObject({ effective: { from: '9999-12-31T23:59:59.000Z' } });
    const { rows } = (await clinic.db.transaction((tx) =>
      tx.execute('SELECT content::text FROM clinical_record'),
    )) as unknown as { rows: readonly { content: string }[] };
    for (const { content } of rows) expect(content).not.toMatch(/\+0|10000-/);
  });
});
