import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../../src/core/errors.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { UNPROVEN_STUDY } from '../../support/names.js';
import {
  ANA,
  type Clinic,
  coded,
  type Entity,
  observation,
  openClinic,
  PARTICIPANTS,
  participantKeys,
  patient,
  permit,
  studyKey,
} from '../../support/records/clinic.js';

const PAGE = `query ($representations: [_Any!]!, $where: ObservationFilter, $first: Int, $after: String) {
  _entities(representations: $representations) { ... on Participant {
    observations(where: $where, first: $first, after: $after) {
      nodes { id recorded effective { from until } category { coding { code } }
        value { __typename ... on Quantity { value unit code } ... on CodeableConcept { coding { code } }
          ... on StringValue { text } }
        component { code { coding { code } } value { ... on Quantity { value } } } }
      pageInfo { hasNextPage endCursor } } } } }`;
const SAME_MOMENT = 7;

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic('riverside-hospital');
  const days = [1, 2, 3, 4, 5].map((day) =>
    observation(`day-${day}`, 'ana', { effectiveDateTime: `2024-01-0${day}` }),
  );
  const together = Array.from({ length: SAME_MOMENT }, (_, i) =>
    observation(`same-${i}`, 'ana', { effectiveDateTime: '2024-01-03T00:00:00Z' }),
  );
  const undated = observation('undated', 'ana', { effectiveDateTime: undefined });
  await clinic.take(patient('ana'), ...days, ...together, undated);
  await clinic.link(ANA, 'ana');
});
afterAll(() => clinic.close());

async function observations(variables: object): Promise<Entity> {
  const all = { ...participantKeys(ANA), ...variables };
  const { data, errors } = await clinic.ask([permit()], PAGE, all);
  expect(errors).toBeUndefined();
  return data?._entities[0].observations;
}

describe('paging', () => {
  test.each([1, 2, 3, 5, 100])('gives each row once and in order, %s at a time', async (first) => {
    const whole = (await observations({ first: 100 })).nodes;
    const rows: Entity[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 20; pages += 1) {
      const page: Entity = await observations({ first, after });
      rows.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(whole).toHaveLength(5 + SAME_MOMENT + 1);
    expect(rows).toEqual(whole);
  });

  test('a cursor of another kind, and a size beyond the limit, are refused', async () => {
    const refused = async (variables: object) => {
      const all = { ...participantKeys(ANA), ...variables };
      const { errors } = await clinic.ask([permit()], PAGE, all);
      return codeOf(errors?.[0]?.originalError);
    };
    const forged = Buffer.from('["1 OR 1=1","a","b"]').toString('base64url');
    expect(await refused({ after: 'bm9wZQ' })).toBe('BAD_INPUT');
    expect(await refused({ after: forged })).toBe('BAD_INPUT');
    expect(await refused({ first: 0 })).toBe('BAD_INPUT');
    expect(await refused({ first: 1_001 })).toBe('BAD_INPUT');
    const nul = { system: 'http://loinc.org', code: 'a\u0000b' };
    expect(await refused({ where: { codes: [nul] } })).toBe('BAD_INPUT');
    const backwards = { from: '2024-01-02T00:00:00Z', until: '2024-01-01T00:00:00Z' };
    expect(await refused({ where: { effective: backwards } })).toBe('PERIOD_EMPTY');
  });

  test('participants come in order of pseudonym, page by page', async () => {
    const pseudonyms = ['3', '20', '100', '1001'];
    for (const one of pseudonyms.slice(0, 3)) {
      await clinic.take(patient(`p-${one}`));
      await clinic.link(one, `p-${one}`);
    }
    const permits = pseudonyms.map((one) => permit({ pseudonym: toPseudonym(one) }));
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 4; pages += 1) {
      const all = { ...studyKey(UNPROVEN_STUDY), first: 1, after };
      const { data } = await clinic.ask(permits, PARTICIPANTS, all);
      const page: Entity = data?._entities[0].participants;
      seen.push(...page.nodes.map(({ pseudonym }: Entity) => pseudonym));
      expect(page.pageInfo.hasNextPage).toBe(pages < 3);
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(['100', '1001', '20', '3']);
  });
});

describe('filters', () => {
  beforeAll(() =>
    clinic.take(
      observation('bp', 'ana', {
        category: [
          coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs'),
        ],
        code: coded('http://loinc.org', '85354-9'),
        effectiveDateTime: '2025-03-04',
        valueQuantity: undefined,
        component: [
          {
            code: coded('http://loinc.org', '8480-6'),
            valueQuantity: { value: 120, unit: 'mm[Hg]' },
          },
        ],
      }),
      observation('smoker', 'ana', {
        code: coded('http://loinc.org', '72166-2'),
        effectiveDateTime: '2025-03-05',
        valueQuantity: undefined,
        valueCodeableConcept: coded('http://snomed.info/sct', '8517006'),
      }),
    ),
  );

  test('a code finds an observation by its own code and by that of a component', async () => {
    const loinc = (code: string) => ({ codes: [{ system: 'http://loinc.org', code }] });
    for (const code of ['85354-9', '8480-6']) {
      const { nodes } = await observations({ where: loinc(code) });
      expect(nodes).toHaveLength(1);
      expect(nodes[0].component[0].value.value).toBe('120');
    }
    const [smoker] = (await observations({ where: loinc('72166-2') })).nodes;
    expect(smoker.value).toEqual({ __typename: 'CodeableConcept', coding: [{ code: '8517006' }] });
    expect((await observations({ where: loinc('0-0') })).nodes).toEqual([]);
    expect((await observations({ where: { codes: [] } })).nodes).toEqual([]);
  });

  test('the same code of another system is another code', async () => {
    const codes = [{ system: 'http://snomed.info/sct', code: '85354-9' }];
    expect((await observations({ where: { codes } })).nodes).toEqual([]);
  });

  test('a category and a time range narrow, the range half-open', async () => {
    const vital = await observations({ where: { categories: ['vital-signs'] } });
    expect(vital.nodes).toHaveLength(1);
    const effective = { from: '2024-01-02T00:00:00Z', until: '2024-01-03T00:00:00Z' };
    const { nodes } = await observations({ where: { effective } });
    expect(nodes.map(({ recorded }: Entity) => recorded)).toEqual(['2024-01-02']);
    expect(nodes[0].effective).toEqual({
      from: '2024-01-02T00:00:00.000Z',
      until: '2024-01-03T00:00:00.000Z',
    });
  });
});

test('the number of statements does not grow with the number of participants', async () => {
  const many = Array.from({ length: 40 }, (_, i) => toPseudonym(String(5_000 + i)));
  await clinic.take(
    ...many.flatMap((one) => [patient(`m-${one}`), observation(`mo-${one}`, `m-${one}`)]),
  );
  for (const one of many) await clinic.link(one, `m-${one}`);
  const permits = many.map((pseudonym) => permit({ pseudonym }));
  const count = async (asked: typeof permits) => {
    clinic.statements.length = 0;
    const { data } = await clinic.ask(asked, PARTICIPANTS, studyKey(UNPROVEN_STUDY));
    expect(data?._entities[0].participants.nodes).toHaveLength(asked.length);
    return clinic.statements.length;
  };
  const one = await count(permits.slice(0, 1));
  expect(await count(permits)).toBe(one);
});
