import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toPseudonym } from '../../../src/core/ids.js';
import { secondsFromIso } from '../../../src/core/time.js';
import { RECORD_CLASSES } from '../../../src/records/model/model.js';
import { OTHER_UNPROVEN_STUDY, UNPROVEN_STUDY } from '../../support/names.js';
import {
  ANA,
  BEN,
  BY_PSEUDONYM,
  type Clinic,
  condition,
  labelled,
  observation,
  openClinic,
  PARTICIPANTS,
  participantKeys,
  patient,
  permit,
  studyKey,
} from '../../support/records/clinic.js';

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic('riverside-hospital');
  await clinic.take(
    patient('ana'),
    patient('ben'),
    condition('ana-1', 'ana'),
    observation('ana-2', 'ana'),
    observation('ana-3', 'ana', { effectiveDateTime: '2019-01-01T00:00:00Z' }),
    observation('ana-psy', 'ana', labelled('PSY')),
    observation('ana-odd', 'ana', labelled('TABOO')),
    condition('ana-hiv', 'ana', labelled('HIV')),
    condition('ben-1', 'ben'),
    observation('ben-2', 'ben'),
  );
  await clinic.link(ANA, 'ana');
  await clinic.link(BEN, 'ben');
  await clinic.link('2001', 'ana', OTHER_UNPROVEN_STUDY);
});
afterAll(() => clinic.close());

async function participants(...permits: Parameters<Clinic['ask']>[0]) {
  const { data, errors } = await clinic.ask(permits, PARTICIPANTS, studyKey(UNPROVEN_STUDY));
  expect(errors).toBeUndefined();
  return data?._entities[0].participants;
}

describe('without a permit', () => {
  test('a study has no participants, and an unknown study has the same answer', async () => {
    const known = await participants();
    const { data } = await clinic.ask([], PARTICIPANTS, studyKey('NCT99999999'));
    expect(known.nodes).toEqual([]);
    expect(known.sources[0].status).toBe('NOT_PRESENTED');
    expect(known.complete).toBe(false);
    expect(data?._entities[0].participants).toEqual(known);
  });

  test('a guessed pseudonym resolves to null, as one that nobody has, and no row is read', async () => {
    clinic.statements.length = 0;
    const { data } = await clinic.ask([], BY_PSEUDONYM, participantKeys(ANA, '999'));
    expect(data?._entities).toEqual([null, null]);
    expect(clinic.statements).toEqual([]);
  });

  test('a permit for one participant opens no other, by list, reference, alias or fragment', async () => {
    const { data } = await clinic.ask([permit()], BY_PSEUDONYM, participantKeys(ANA, BEN));
    expect(data?._entities[1]).toBeNull();
    expect(data?._entities[0].again).toEqual(data?._entities[0].observations);
    const { nodes } = await participants(permit());
    expect(nodes.map(({ pseudonym }: { pseudonym: string }) => pseudonym)).toEqual([ANA]);
  });

  test('a permit of another study opens nothing in this one', async () => {
    const other = permit({ study: OTHER_UNPROVEN_STUDY, pseudonym: toPseudonym('2001') });
    expect((await participants(other)).nodes).toEqual([]);
    // Presenting this study's pseudonym under the other study meets no link.
    const mixed = permit({ study: OTHER_UNPROVEN_STUDY, pseudonym: ANA });
    const { data } = await clinic.ask([mixed], BY_PSEUDONYM, participantKeys(ANA));
    expect(data?._entities[0].observations.nodes).toEqual([]);
    expect(data?._entities[0].demographics.nodes).toEqual([]);
  });
});

describe('the scope', () => {
  test('a class outside it is withheld, said so, and not asked of the database', async () => {
    clinic.statements.length = 0;
    const page = await participants(permit({ dataClasses: ['OBSERVATION'] }));
    const [ana] = page.nodes;
    expect(ana.withheld.map(({ dataClass }: { dataClass: string }) => dataClass)).toEqual(
      RECORD_CLASSES.filter((dataClass) => dataClass !== 'OBSERVATION'),
    );
    expect(ana.demographics.nodes).toEqual([]);
    expect(ana.conditions).toEqual({
      nodes: [],
      withheld: [{ dataClass: 'CONDITION', reason: 'OUTSIDE_SCOPE' }],
    });
    expect(ana.observations.nodes).toHaveLength(2);
    expect(ana.observations.withheld).toEqual([]);
    const reads = clinic.statements.filter((text) => text.includes('clinical_record'));
    expect(reads).toHaveLength(1);
  });

  test('labelled rows need their label, an unknown label is never granted, neither is told', async () => {
    const [plain] = (await participants(permit())).nodes;
    expect(plain.observations.nodes).toHaveLength(2);
    expect(plain.conditions.nodes).toHaveLength(1);
    expect(plain.withheld).toEqual([]);
    const [psy] = (await participants(permit({ labels: ['PSY'] }))).nodes;
    expect(psy.observations.nodes).toHaveLength(3);
    expect(psy.conditions.nodes).toHaveLength(1);
    const [all] = (await participants(permit({ labels: ['PSY', 'SUD', 'HIV', 'SDV', 'GDIS'] })))
      .nodes;
    expect(all.observations.nodes).toHaveLength(3);
    expect(all.conditions.nodes).toHaveLength(2);
  });

  test('two permits of one participant open what either does, each row once', async () => {
    const narrow = permit({ dataClasses: ['OBSERVATION'], labels: ['PSY'], handle: '78' });
    const [ana] = (await participants(permit(), narrow)).nodes;
    expect(ana.observations.nodes).toHaveLength(3);
    expect(ana.conditions.nodes).toHaveLength(1);
  });
});

describe('the window', () => {
  const from2020 = permit({
    dataWindow: {
      from: secondsFromIso('2020-01-01T00:00:00Z'),
      until: secondsFromIso('2026-01-01T00:00:00Z'),
    },
  });
  const OBSERVED = `query ($representations: [_Any!]!, $where: ObservationFilter) {
    _entities(representations: $representations) { ... on Participant {
      observations(where: $where) { nodes { recorded } withheld { dataClass reason } } } } }`;

  async function observed(where: object) {
    const variables = { ...participantKeys(ANA), where };
    const { data, errors } = await clinic.ask([from2020], OBSERVED, variables);
    expect(errors).toBeUndefined();
    return data?._entities[0].observations;
  }

  test('rows outside it do not exist, whatever is asked', async () => {
    expect((await observed({})).nodes).toEqual([{ recorded: '2024-05-06' }]);
    expect((await observed({ effective: { until: '2019-06-01T00:00:00Z' } })).nodes).toEqual([]);
  });

  test('a question that reaches outside it is told so, the same if there are rows or none', async () => {
    const told = [{ dataClass: 'OBSERVATION', reason: 'OUTSIDE_WINDOW' }];
    const before = { from: '2018-01-01T00:00:00Z', until: '2019-06-01T00:00:00Z' };
    const empty = { from: '1950-01-01T00:00:00Z', until: '1951-01-01T00:00:00Z' };
    expect((await observed({ effective: before })).withheld).toEqual(told);
    expect((await observed({ effective: empty })).withheld).toEqual(told);
    expect((await observed({ effective: { from: '2021-01-01T00:00:00Z' } })).withheld).toEqual([]);
    expect((await observed({})).withheld).toEqual([]);
  });

  test('a condition whose onset lies before it stays withheld though it was recorded within', async () => {
    await clinic.take(condition('ana-old', 'ana', { onsetDateTime: '1999-09-09' }));
    const within = permit({ dataWindow: from2020.dataWindow });
    const [ana] = (await participants(within)).nodes;
    expect(ana.conditions.nodes).toHaveLength(1);
    const [whole] = (await participants(permit())).nodes;
    expect(whole.conditions.nodes).toHaveLength(2);
  });

  test('an undated row is covered by a window over all time alone', async () => {
    await clinic.take(condition('ana-undated', 'ana', { recordedDate: undefined }));
    const [within] = (await participants(from2020)).nodes;
    const [always] = (await participants(permit())).nodes;
    expect(always.conditions.nodes.length - within.conditions.nodes.length).toBe(2);
  });
});

describe('what leaves', () => {
  test('no name, no address, no FHIR id and no free text is in any answer', async () => {
    const everything = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Participant { pseudonym demographics { nodes { sex birthYear } } conditions { nodes { id recorded code { coding {
      system code display } } onset abatement } } observations { nodes { id category { coding { display } } value {
      ... on Quantity { value unit code } ... on StringValue { text } } } } } } }`;
    await clinic.take(
      observation('free', 'ana', {
        valueQuantity: undefined,
        valueString: 'Secretname lives alone',
      }),
    );
    const { data } = await clinic.ask([permit()], everything, participantKeys(ANA));
    const answer = JSON.stringify(data);
    expect(data?._entities[0].observations.nodes.length).toBeGreaterThan(0);
    for (const secret of ['Secretname', 'Hidden', 'Riverside', 'ana-', '"ana"']) {
      expect(answer).not.toContain(secret);
    }
  });

  test('ids of one row differ between studies, so that two studies cannot be joined by them', async () => {
    const both = [
      permit(),
      permit({ study: OTHER_UNPROVEN_STUDY, pseudonym: toPseudonym('2001') }),
    ];
    const { data } = await clinic.ask(both, BY_PSEUDONYM, participantKeys(ANA, '2001'));
    const ids = data?._entities.map((one) =>
      one.observations.nodes.map(({ id }: { id: string }) => id),
    );
    expect(ids?.[0]).toHaveLength(ids?.[1].length);
    expect(new Set(ids?.flat()).size).toBe(ids?.flat().length);
  });

  test('a person over 90 has the birth year of a 90-year-old', async () => {
    await clinic.take(patient('cleo', '1929-05-05'), patient('dan', '1936-12-31'));
    await clinic.link('1003', 'cleo');
    await clinic.link('1004', 'dan');
    const permits = ['1003', '1004'].map((id) => permit({ pseudonym: toPseudonym(id) }));
    const { data } = await clinic.ask(permits, BY_PSEUDONYM, participantKeys('1003', '1004'));
    expect(data?._entities.map(({ demographics }) => demographics.nodes[0].birthYear)).toEqual([
      1936, 1936,
    ]);
  });

  test('every release is in the disclosure log, and what was not released is not', async () => {
    const before = (await clinic.disclosures()).length;
    await participants(permit({ pseudonym: BEN, dataClasses: ['OBSERVATION', 'MEDICATION'] }));
    expect((await clinic.disclosures()).slice(before)).toEqual([
      { pseudonym: BEN, data_class: 'OBSERVATION', count: 1 },
    ]);
  });
});

test('an object that only looks like a permit set opens nothing', async () => {
  const { PermitSet } = await import('../../../src/consent/gate/permit.js');
  const forged = Object.create(PermitSet.prototype, {
    permits: { value: [permit()] },
    presented: { value: true },
  });
  await expect(clinic.records.lookup(forged, [ANA])).rejects.toThrow();
});
