import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { secondsFromIso } from '../../../src/core/time.js';
import { encodeCursor } from '../../../src/graph/page.js';
import { NetworkRecords } from '../../../src/records/answers/network-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import type { DataClass } from '../../../src/zk/vocabulary.js';
import {
  ANA,
  type Clinic,
  coded,
  condition,
  type Entity,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';
import { askNodesOf, schemaNode } from '../../support/trials/ask-schemas.js';

/*
 * Someone with a permit without EXACT_DATE who wants to know on which day. Whatever can be varied
 * is varied here, and the answer may change at the turn of a year alone.
 */

const HOSPITAL = 'riverside-hospital';
const COARSE: readonly DataClass[] = ['CONDITION', 'OBSERVATION'];
const EXACT: readonly DataClass[] = [...COARSE, 'EXACT_DATE'];
const ROWS = `query ($representations: [_Any!]!, $observed: ObservationFilter,
    $recorded: ConditionFilter, $first: Int, $after: String) {
  _entities(representations: $representations) { ... on Participant {
    withheld { dataClass reason }
    observations(where: $observed, first: $first, after: $after) {
      nodes { id recorded effective { from until } } pageInfo { hasNextPage endCursor }
      withheld { reason } }
    conditions(where: $recorded, first: $first) {
      nodes { recorded onset abatement } withheld { reason } } } } }`;
const MONTHS = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic(HOSPITAL);
  const days = ['2024-12-30', '2024-01-02', '2024-07-04T05:06:07Z', '2024-03-03', '2024-09-09'];
  await clinic.take(
    patient('ana'),
    ...days.map((day, i) => observation(`o-${i}`, 'ana', { effectiveDateTime: day })),
    observation('o-eve', 'ana', { effectiveDateTime: '2022-12-31T23:30:00-05:00' }),
    observation('o-undated', 'ana', { effectiveDateTime: undefined }),
    condition('c-1', 'ana', {
      clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved'),
      onsetDateTime: '2020-02-29',
      abatementDateTime: '2021-04-05',
      recordedDate: '2020-03-01T10:00:00Z',
    }),
    condition('c-old', 'ana', { onsetDateTime: '1921-08-09', recordedDate: '1921-08-10' }),
  );
  await clinic.link(ANA, 'ana');
});
afterAll(() => clinic.close());

async function read(
  dataClasses: readonly DataClass[],
  variables: object = {},
  window: { from?: string; until?: string } = {},
): Promise<Entity> {
  const always = permit().dataWindow;
  const dataWindow = {
    from: window.from === undefined ? always.from : secondsFromIso(`${window.from}T00:00:00Z`),
    until: window.until === undefined ? always.until : secondsFromIso(`${window.until}T00:00:00Z`),
  };
  const all = { ...participantKeys(ANA), ...variables };
  const { data, errors } = await clinic.ask([permit({ dataClasses, dataWindow })], ROWS, all);
  expect(errors).toBeUndefined();
  return data?._entities[0];
}

describe('with EXACT_DATE', () => {
  test('dates leave as the source has them, in their order, and nothing of it is withheld', async () => {
    const { observations, conditions, withheld } = await read(EXACT);
    const dates = observations.nodes.map(({ recorded }: Entity) => recorded);
    expect(dates.slice(1)).toEqual([
      '2022-12-31',
      '2024-01-02',
      '2024-03-03',
      '2024-07-04',
      '2024-09-09',
      '2024-12-30',
    ]);
    expect(conditions.nodes[1]).toEqual({
      recorded: '2020-03-01',
      onset: '2020-02-29',
      abatement: '2021-04-05',
    });
    expect(withheld.map(({ dataClass }: Entity) => dataClass)).not.toContain('EXACT_DATE');
  });

  test('alone it opens nothing', async () => {
    const { observations, conditions } = await read(['EXACT_DATE']);
    expect([observations.nodes, conditions.nodes]).toEqual([[], []]);
    expect(observations.withheld).toEqual([{ reason: 'OUTSIDE_SCOPE' }]);
  });

  test('of one consent makes no row exact that only another consent opens', async () => {
    const permits = [
      permit({ dataClasses: ['OBSERVATION', 'EXACT_DATE'] }),
      permit({ dataClasses: ['OBSERVATION', 'CONDITION'], handle: '78' }),
    ];
    const { data } = await clinic.ask(permits, ROWS, participantKeys(ANA));
    const { observations, conditions } = data?._entities[0] ?? {};
    expect(conditions.nodes.map(({ recorded }: Entity) => recorded)).toEqual(['1936', '2020']);
    expect(observations.nodes[2].recorded).toBe('2024-01-02');
    // The filter too goes by the exact moment, not by that of the lesser permit.
    const observed = { effective: { from: '2024-01-01T00:00:00Z', until: '2024-01-02T00:00:00Z' } };
    const again = await clinic.ask(permits, ROWS, { ...participantKeys(ANA), observed });
    expect(again.data?._entities[0].observations.nodes).toEqual([]);
  });
});

describe('without EXACT_DATE', () => {
  test('every date is its year, and that is said', async () => {
    const { observations, conditions, withheld } = await read(COARSE);
    expect(JSON.stringify([observations.nodes, conditions.nodes])).not.toMatch(
      /\d{4}-(?!01-01T00:00:00)/,
    );
    expect(observations.nodes[6]).toMatchObject({
      recorded: '2024',
      effective: { from: '2024-01-01T00:00:00.000Z', until: '2025-01-01T00:00:00.000Z' },
    });
    expect(observations.nodes[1].effective.from).toBe('2022-01-01T00:00:00.000Z');
    expect(withheld).toContainEqual({ dataClass: 'EXACT_DATE', reason: 'OUTSIDE_SCOPE' });
  });

  test('the order within a year is that of the keyed ids, and so are its pages', async () => {
    const { nodes } = (await read(COARSE)).observations;
    const ids = nodes.slice(2).map(({ id }: Entity) => id);
    expect(ids).toEqual([...ids].sort());
    const paged: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < nodes.length; page += 1) {
      const { observations } = await read(COARSE, { first: 1, after });
      paged.push(observations.nodes[0].id);
      after = observations.pageInfo.endCursor;
      expect(Buffer.from(after ?? '', 'base64url').toString()).toMatch(/^\["\d+"/);
    }
    expect(paged).toEqual(nodes.map(({ id }: Entity) => id));
  });

  test('a filter that is narrowed month by month changes nothing but at the turn of a year', async () => {
    for (const month of MONTHS) {
      const from = `2024-${month}-01T00:00:00Z`;
      const after = await read(COARSE, { observed: { effective: { from } } });
      const before = await read(COARSE, { observed: { effective: { until: from } } });
      // A row lies at the beginning of its year: with it from January on, without it ever after.
      expect(after.observations.nodes).toHaveLength(month === '01' ? 5 : 0);
      expect(before.observations.nodes).toHaveLength(month === '01' ? 2 : 7);
    }
  });

  test('a window that is narrowed month by month opens whole years alone', async () => {
    for (const month of MONTHS) {
      const until = await read(COARSE, {}, { from: '2024-01-01', until: `2024-${month}-28` });
      const from = await read(COARSE, {}, { from: `2024-${month}-02`, until: '2025-01-01' });
      expect([until.observations.nodes, from.observations.nodes]).toEqual([[], []]);
      // Told by the permit: it holds no whole year.
      expect(until.observations.withheld).toEqual([{ reason: 'OUTSIDE_WINDOW' }]);
    }
    const whole = await read(COARSE, {}, { from: '2024-01-01', until: '2025-01-01' });
    expect(whole.observations.nodes).toHaveLength(5);
    const half = await read(COARSE, {}, { from: '2020-01-01', until: '2021-12-31' });
    expect(half.conditions.nodes).toEqual([]);
  });

  test('a cursor forged for any day of the year gives the same page', async () => {
    const pages = await Promise.all(
      MONTHS.map((month) => {
        const moment = String(secondsFromIso(`2024-${month}-15T00:00:00Z`));
        return read(COARSE, { after: encodeCursor([moment, HOSPITAL, 'A'.repeat(22)]) });
      }),
    );
    for (const page of pages) expect(page.observations).toEqual(pages[0]?.observations);
  });

  test('a year that tells of more than ninety years of life is shown as the ninetieth, in windows too', async () => {
    const opens = async (from: string) =>
      (await read(COARSE, {}, { from, until: '1940-01-01' })).conditions.nodes;
    const shown = [{ recorded: '1936', onset: '1936', abatement: null }];
    for (const year of [1_901, 1_921, 1_922, 1_930, 1_936]) {
      expect(await opens(`${year}-01-01`)).toEqual(shown);
    }
    expect(await opens('1937-01-01')).toEqual([]);
    const recorded = { recorded: { until: '1930-01-01T00:00:00Z' } };
    expect((await read(COARSE, { recorded })).conditions.nodes).toEqual([]);
  });

  test('node and network give one order', async () => {
    const permits = PermitSet.mint([permit({ dataClasses: COARSE })], []);
    const nodes = [schemaNode(HOSPITAL, clinic.schema, permits)];
    const merged = await graphql({
      schema: recordsSubgraph(new NetworkRecords(askNodesOf(nodes, []))),
      source: ROWS,
      variableValues: participantKeys(ANA),
      contextValue: { opened: { token: 'a.b.c', requestId: 'test' }, requestId: 'test' },
    });
    const [entity] = (merged.data?._entities ?? []) as Entity[];
    expect(entity.observations.nodes).toEqual((await read(COARSE)).observations.nodes);
  });
});
