import type { GraphQLSchema } from 'graphql';
import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { NetworkRecords } from '../../../src/records/answers/network-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import { KIND_NAMES, KINDS, type KindName, type KindOf } from '../../../src/records/kinds/kinds.js';
import { rowSelection } from '../../../src/records/model/wire-element.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';
import {
  ANA,
  BEN,
  type Clinic,
  coded,
  type Entity,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';
import { SECRET, sampleOf } from '../../support/records/kind-samples.js';
import { askNodesOf, type NodeUnderTest, schemaNode } from '../../support/trials/ask-schemas.js';

const PERMITS = [permit(), permit({ pseudonym: BEN })];
const OTHER_CODE = coded('http://snomed.info/sct', '73761001');

let riverside: Clinic;
let lakeshore: Clinic;

/** Ana has one row of each kind at Riverside and, of procedures, several at both; Ben has them too. */
beforeAll(async () => {
  riverside = await openClinic(RIVERSIDE);
  lakeshore = await openClinic(LAKESHORE);
  const every = (patientId: string) =>
    KIND_NAMES.map((kind) => sampleOf(kind, `${patientId}-1`, patientId));
  const together = (patientId: string) =>
    [1, 2, 3].map((n) =>
      sampleOf('Procedure', `${patientId}-same-${n}`, patientId, {
        code: OTHER_CODE,
        category: coded('http://snomed.info/sct', '103693007'),
        performedPeriod: undefined,
        performedDateTime: '2025-01-01T10:00:00Z',
      }),
    );
  await riverside.take(patient('r-ana'), ...every('r-ana'), ...together('r-ana'));
  await lakeshore.take(patient('l-ana'), ...together('l-ana'), patient('l-ben'), ...every('l-ben'));
  await riverside.link(ANA, 'r-ana');
  await lakeshore.link(ANA, 'l-ana');
  await lakeshore.link(BEN, 'l-ben');
});
afterAll(() => Promise.all([riverside.close(), lakeshore.close()]));

const node = (institution: string, clinic: Clinic): NodeUnderTest =>
  schemaNode(institution, clinic.schema, PermitSet.mint(PERMITS, []));
const network = (...nodes: readonly NodeUnderTest[]): GraphQLSchema =>
  recordsSubgraph(new NetworkRecords(askNodesOf(nodes, [])));

function pageOf<Name extends KindName>(name: Name, selection?: string): string {
  const { field, name: type, wire }: KindOf<Name> = KINDS[name];
  return `query ($representations: [_Any!]!, $where: ${type}Filter, $first: Int, $after: String) {
    _entities(representations: $representations) { ... on Participant {
      page: ${field}(where: $where, first: $first, after: $after) {
        nodes { ${selection ?? rowSelection(wire)} } pageInfo { hasNextPage endCursor }
        sources { institution { id } status } withheld { dataClass reason } } } } }`;
}

async function askNetwork(schema: GraphQLSchema, source: string, variables: object) {
  const contextValue = { opened: { token: 'a.b.c', requestId: 'test' }, requestId: 'test' };
  const args = { schema, source, variableValues: { ...variables }, contextValue };
  const { data, errors } = await graphql(args);
  expect(errors).toBeUndefined();
  return (data as Entity)._entities[0].page;
}

async function askRiverside(kind: KindName, variables: object, permits = PERMITS) {
  const all = { ...participantKeys(ANA), ...variables };
  const { data, errors } = await riverside.ask(permits, pageOf(kind), all);
  expect(errors).toBeUndefined();
  return data?._entities[0].page;
}

describe.each(KIND_NAMES)('rows of %s', (kind) => {
  test('are told by the network as their node tells them, word by word', async () => {
    const own = await askRiverside(kind, { first: 1 });
    const all = { ...participantKeys(ANA), first: 1 };
    const merged = await askNetwork(network(node(RIVERSIDE, riverside)), pageOf(kind), all);
    expect(own.nodes).toHaveLength(1);
    expect(own.nodes[0].recorded).toBe('2024-05-06');
    expect(merged.nodes).toEqual(own.nodes);
    expect(JSON.stringify(own)).not.toContain(SECRET);
  });

  test('need their class, and their pages say so', async () => {
    const { dataClass } = KINDS[kind];
    const others = PERMITS.map((one) => ({
      ...one,
      dataClasses: one.dataClasses.filter((other) => other !== dataClass),
    }));
    const page = await askRiverside(kind, {}, others);
    expect(page.nodes).toEqual([]);
    expect(page.withheld).toEqual([{ dataClass, reason: 'OUTSIDE_SCOPE' }]);
  });

  test('are found by a code and within a time, and by neither of another', async () => {
    const own = await askRiverside(kind, { first: 1 });
    const [code] = codingsIn(own.nodes[0]);
    const { range } = KINDS[kind].filter;
    const whole = { [range]: { from: '2024-05-06T00:00:00Z', until: '2024-05-07T00:00:00Z' } };
    const before = { [range]: { until: '2024-05-06T00:00:00Z' } };
    const ids = async (where: object) =>
      (await askRiverside(kind, { where })).nodes.map(({ id }: Entity) => id);
    expect(await ids({ codes: [code], ...whole })).toEqual([own.nodes[0].id]);
    expect(await ids({ codes: [{ ...code, system: 'http://other.example/codes' }] })).toEqual([]);
    expect(await ids({ codes: [code], ...before })).toEqual([]);
  });

  test('are one read for any number of participants', async () => {
    const reads = async (count: number) => {
      lakeshore.statements.length = 0;
      const keys = participantKeys(...[BEN, ANA, '77', '78'].slice(0, count));
      await lakeshore.ask(PERMITS, pageOf(kind, 'id'), keys);
      return lakeshore.statements.filter((text) => text.includes('clinical_record')).length;
    };
    expect(await reads(1)).toBe(1);
    expect(await reads(4)).toBe(1);
  });

  test('of a node that adds, drops or bends an element cost that node its rows', async () => {
    const honest = node(LAKESHORE, lakeshore);
    const liar = (change: (row: Entity) => void): NodeUnderTest => ({
      institution: LAKESHORE,
      answer: async (question) => {
        const answer = (await honest.answer(question)) as { data: { _entities: Entity[] } };
        for (const row of answer.data._entities[0]?.page?.nodes ?? []) change(row);
        return answer;
      },
    });
    const [element = ''] = Object.keys(KINDS[kind].wire).slice(-1);
    const changes: readonly ((row: Entity) => void)[] = [
      (row) => (row.note = SECRET),
      (row) => delete row[element],
      (row) => (row[element] = { bent: true }),
    ];
    for (const change of changes) {
      const page = await askNetwork(network(liar(change)), pageOf(kind), participantKeys(BEN));
      expect(page.nodes).toEqual([]);
      expect(page.sources).toMatchObject([{ status: 'UNAVAILABLE' }]);
    }
  });
});

/** The codes that its own filter names, of the row's own answer. */
function codingsIn(row: Entity): readonly { system: string; code: string }[] {
  const { code, vaccineCode, medication, type, reasonCode = [] } = row;
  const concepts = [code ?? vaccineCode ?? medication, type, ...reasonCode].flat();
  return concepts.flatMap((one) =>
    (one?.coding ?? []).map(({ system, code }: Entity) => ({ system, code })),
  );
}

describe('categories', () => {
  test.each([
    ['Encounter', 'IMP'],
    ['Condition', 'problem-list-item'],
    ['Observation', 'laboratory'],
    ['MedicationRequest', 'community'],
    ['MedicationDispense', 'outpatient'],
    ['MedicationAdministration', 'inpatient'],
    ['Procedure', '387713003'],
    ['AllergyIntolerance', 'food'],
    ['DiagnosticReport', 'SP'],
  ] as const)('of %s find it, others do not', async (kind, category) => {
    const found = await askRiverside(kind, { where: { categories: [category, 'nothing'] } });
    expect(found.nodes).toHaveLength(1);
    const others = await askRiverside(kind, { where: { categories: ['nothing'] } });
    expect(others.nodes).toEqual([]);
  });
});

test.each([1, 2, 4, 7])(
  'procedures of one moment at two hospitals come each once, %s at a time',
  async (first) => {
    const schema = network(node(RIVERSIDE, riverside), node(LAKESHORE, lakeshore));
    const source = pageOf('Procedure', 'id custodian { id } performed { from }');
    const rows: Entity[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 9; pages += 1) {
      const page: Entity = await askNetwork(schema, source, {
        ...participantKeys(ANA),
        where: { performed: { from: '2024-01-01T00:00:00Z' } },
        first,
        after,
      });
      rows.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(7);
    expect(rows).toHaveLength(7);
    const custodians = rows.slice(1).map(({ custodian }) => custodian.id);
    expect(custodians).toEqual([...Array(3).fill(LAKESHORE), ...Array(3).fill(RIVERSIDE)]);
  },
);

test('rows of three types share the class of medicines and nothing else', async () => {
  const before = (await riverside.disclosures()).length;
  const [one, two, three] = ['MedicationRequest', 'MedicationDispense', 'MedicationAdministration'];
  const ids: string[] = [];
  for (const kind of [one, two, three]) {
    const { nodes } = await askRiverside(kind as KindName, {});
    ids.push(...nodes.map(({ id }: Entity) => id));
  }
  // Their FHIR ids are the same: unique within a type alone.
  expect(new Set(ids).size).toBe(3);
  expect((await riverside.disclosures()).slice(before)).toEqual(
    [1, 2, 3].map(() => ({ pseudonym: ANA, data_class: 'MEDICATION', count: 1 })),
  );
});

test('a new version that was entered in error takes its row away, and no other of its id', async () => {
  await riverside.take(patient('cleo'), ...KIND_NAMES.map((kind) => sampleOf(kind, 'c', 'cleo')));
  await riverside.link('1003', 'cleo');
  const permits = [permit({ pseudonym: toPseudonym('1003') })];
  const rows = async (kind: KindName) => {
    const { data } = await riverside.ask(permits, pageOf(kind, 'id'), participantKeys('1003'));
    return data?._entities[0].page.nodes.length;
  };
  await riverside.take(sampleOf('Procedure', 'c', 'cleo', { status: 'entered-in-error' }));
  expect(await rows('Procedure')).toBe(0);
  for (const kind of KIND_NAMES.filter((one) => one !== 'Procedure')) {
    expect(await rows(kind)).toBe(1);
  }
});
