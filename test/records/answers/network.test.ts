import { type GraphQLSchema, graphql, printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Permit, PermitSet } from '../../../src/consent/gate/permit.js';
import { toPseudonym } from '../../../src/core/ids.js';
import type { Question } from '../../../src/graph/ask.js';
import { NetworkRecords } from '../../../src/records/answers/network-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import { LAKESHORE, RIVERSIDE, UNPROVEN_STUDY } from '../../support/names.js';
import {
  ANA,
  BEN,
  type Clinic,
  condition,
  type Entity,
  observation,
  openClinic,
  PARTICIPANTS,
  participantKeys,
  patient,
  permit,
  studyKey,
} from '../../support/records/clinic.js';
import {
  askNodesOf,
  deadNode,
  type NodeUnderTest,
  schemaNode,
} from '../../support/trials/ask-schemas.js';

const PERMITS = [permit(), permit({ pseudonym: BEN })];
const OBSERVED = `query ($representations: [_Any!]!, $first: Int, $after: String) {
  _entities(representations: $representations) { ... on Participant {
    pseudonym study { registryId }
    observations(first: $first, after: $after) {
      nodes { id recorded custodian { id } effective { from until }
        value { ... on Quantity { value } ... on StringValue { text } } component { code { coding { code } } } }
      sources { institution { id } status } complete pageInfo { hasNextPage endCursor }
      withheld { dataClass reason } } } } }`;

const EDGES = `query ($representations: [_Any!]!, $after: String) {
  _entities(representations: $representations) { ... on Participant {
    observations(after: $after) { edges { cursor node { id } } } } } }`;
const PARTICIPANT_EDGES = `query ($representations: [_Any!]!, $after: String) {
  _entities(representations: $representations) { ... on Study {
    participants(after: $after) { edges { cursor node { pseudonym } } } } } }`;

let riverside: Clinic;
let lakeshore: Clinic;

/** Ana is a patient of both hospitals, Ben of Lakeshore alone. */
beforeAll(async () => {
  riverside = await openClinic(RIVERSIDE);
  lakeshore = await openClinic(LAKESHORE);
  const at = (day: number) => ({ effectiveDateTime: `2024-03-${String(day).padStart(2, '0')}` });
  await riverside.take(
    patient('r-ana'),
    condition('r-c', 'r-ana'),
    ...[1, 3, 5, 7].map((day) => observation(`r-${day}`, 'r-ana', at(day))),
  );
  await lakeshore.take(
    patient('l-ana'),
    patient('l-ben'),
    ...[2, 3, 4, 9].map((day) => observation(`l-${day}`, 'l-ana', at(day))),
    observation('l-true', 'l-ana', { ...at(10), valueQuantity: undefined, valueBoolean: true }),
    observation('l-ben', 'l-ben', at(1)),
  );
  await riverside.link(ANA, 'r-ana');
  await lakeshore.link(ANA, 'l-ana');
  await lakeshore.link(BEN, 'l-ben');
});
afterAll(() => Promise.all([riverside.close(), lakeshore.close()]));

function node(institution: string, clinic: Clinic, permits: readonly Permit[]): NodeUnderTest {
  return schemaNode(institution, clinic.schema, PermitSet.mint(permits, []));
}

function bothNodes(permits: readonly Permit[] = PERMITS): readonly NodeUnderTest[] {
  return [node(RIVERSIDE, riverside, permits), node(LAKESHORE, lakeshore, permits)];
}

function network(nodes: readonly NodeUnderTest[], asked: Question<unknown>[] = []): GraphQLSchema {
  return recordsSubgraph(new NetworkRecords(askNodesOf(nodes, asked)));
}

async function ask(schema: GraphQLSchema, source: string, variableValues: object): Promise<Entity> {
  const contextValue = { opened: { token: 'a.b.c', requestId: 'test' }, requestId: 'test' };
  const args = { schema, source, variableValues: { ...variableValues }, contextValue };
  const { data, errors } = await graphql(args);
  expect(errors).toBeUndefined();
  return data?._entities;
}

test('node and network answer one schema', () => {
  expect(printSchema(network([]))).toBe(printSchema(riverside.schema));
});

describe('merging', () => {
  test('one participant at two hospitals is one, each row with its custodian', async () => {
    const [study] = await ask(network(bothNodes()), PARTICIPANTS, studyKey(UNPROVEN_STUDY));
    const { nodes, complete, sources } = study.participants;
    expect(nodes.map(({ pseudonym }: Entity) => pseudonym)).toEqual([ANA, BEN]);
    expect(complete).toBe(true);
    expect(sources.map(({ status }: Entity) => status)).toEqual(['OK', 'OK']);
    const custodians = nodes[0].demographics.nodes.map(({ custodian }: Entity) => custodian.id);
    expect(custodians).toEqual([LAKESHORE, RIVERSIDE]);
  });

  test.each([1, 2, 3, 4, 100])('pages of %s give every row once, in time order', async (first) => {
    const schema = network(bothNodes());
    const rows: Entity[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 12; pages += 1) {
      const variables = { ...participantKeys(ANA), first, after };
      const page: Entity = (await ask(schema, OBSERVED, variables))[0].observations;
      expect(page.complete).toBe(true);
      rows.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(rows.map(({ recorded }) => Number(recorded.slice(8)))).toEqual([
      1, 2, 3, 3, 4, 5, 7, 9, 10,
    ]);
    const third = rows.filter(({ recorded }) => recorded === '2024-03-03');
    expect(third.map(({ custodian }) => custodian.id)).toEqual([LAKESHORE, RIVERSIDE]);
    expect(rows.at(-1).value).toEqual({ text: 'true' });
  });

  test('the cursor of each row continues right behind it, at both hospitals', async () => {
    const schema = network(bothNodes());
    const edgesAfter = async (after: string | null): Promise<Entity[]> => {
      const variables = { ...participantKeys(ANA), after };
      return (await ask(schema, EDGES, variables))[0].observations.edges;
    };
    const all = await edgesAfter(null);
    expect(all).toHaveLength(9);
    for (const [place, { cursor }] of all.entries()) {
      expect(await edgesAfter(cursor)).toEqual(all.slice(place + 1));
    }
  });

  test('the cursor of each participant continues right behind it', async () => {
    const schema = network(bothNodes());
    const edgesAfter = async (after: string | null): Promise<Entity[]> => {
      const [study] = await ask(schema, PARTICIPANT_EDGES, { ...studyKey(UNPROVEN_STUDY), after });
      return study.participants.edges;
    };
    const all = await edgesAfter(null);
    expect(all.map(({ node }) => node.pseudonym)).toEqual([ANA, BEN]);
    expect(await edgesAfter(all[0].cursor)).toEqual([all[1]]);
    expect(await edgesAfter(all[1].cursor)).toEqual([]);
  });

  test('demographics are a page like any other, which nothing follows', async () => {
    const source = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Participant { demographics { edges { cursor node { custodian { id } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`;
    const [ana] = await ask(network(bothNodes()), source, participantKeys(ANA));
    const [first, last] = ana.demographics.edges;
    expect([first, last].map(({ node }) => node.custodian.id)).toEqual([LAKESHORE, RIVERSIDE]);
    expect(ana.demographics.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: first.cursor,
      endCursor: last.cursor,
    });
  });

  test('many participants are one question a class, and a class not selected is not asked', async () => {
    const asked: Question<unknown>[] = [];
    const aliased = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Participant { a: observations { nodes { id } } b: observations { nodes { id } } } } }`;
    const keys = participantKeys(ANA, BEN, '77', '78');
    await ask(network(bothNodes(), asked), aliased, keys);
    const documents = asked.map(({ document }) => document);
    expect(documents.filter((text) => text.includes('observations'))).toHaveLength(1);
    expect(documents.some((text) => /conditions|dispenses|demographics/.test(text))).toBe(false);
  });
});

describe('what is missing', () => {
  test('without a presentation a participant does not exist', async () => {
    const nobody = network(bothNodes([]));
    expect(await ask(nobody, OBSERVED, participantKeys(ANA))).toEqual([null]);
    const [study] = await ask(nobody, PARTICIPANTS, studyKey(UNPROVEN_STUDY));
    expect(study.participants).toMatchObject({ nodes: [], complete: false });
  });

  test('a node that was shown nothing is NOT_PRESENTED, and the other answers', async () => {
    const nodes = [node(RIVERSIDE, riverside, PERMITS), node(LAKESHORE, lakeshore, [])];
    const [study] = await ask(network(nodes), PARTICIPANTS, studyKey(UNPROVEN_STUDY));
    expect(study.participants.sources.map(({ status }: Entity) => status)).toEqual([
      'NOT_PRESENTED',
      'OK',
    ]);
    const [ana] = await ask(network(nodes), OBSERVED, participantKeys(ANA));
    expect(ana.observations.nodes).toHaveLength(4);
    expect(ana.observations).toMatchObject({
      complete: false,
      sources: [{ status: 'NOT_PRESENTED' }, { status: 'OK' }],
    });
  });

  test('a dead node costs its own rows', async () => {
    const nodes = [node(RIVERSIDE, riverside, PERMITS), deadNode(LAKESHORE)];
    const [ana] = await ask(network(nodes), OBSERVED, participantKeys(ANA));
    expect(ana.observations.nodes).toHaveLength(4);
    expect(ana.observations.complete).toBe(false);
    expect(ana.observations.sources[0]).toMatchObject({ status: 'UNAVAILABLE' });
  });

  test('what a consent does not open is told through the network too', async () => {
    const narrow = [permit({ dataClasses: ['CONDITION'] })];
    const [ana] = await ask(network(bothNodes(narrow)), OBSERVED, participantKeys(ANA));
    expect(ana.observations).toMatchObject({
      nodes: [],
      withheld: [{ dataClass: 'OBSERVATION', reason: 'OUTSIDE_SCOPE' }],
    });
  });
});

describe('a dishonest node', () => {
  type Change = (page: Entity, entities: Entity[]) => void;

  /** Lakeshore's true answer to the timeline question, changed on its way. */
  function liar(change: Change): NodeUnderTest {
    const honest = node(LAKESHORE, lakeshore, PERMITS);
    return {
      institution: LAKESHORE,
      answer: async (question) => {
        const answer = (await honest.answer(question)) as { data: { _entities: Entity[] } };
        const entities = answer.data._entities;
        if (entities[0]?.page) change(entities[0].page, entities);
        return answer;
      },
    };
  }

  const changes: readonly [string, Change][] = [
    ['a row of another custodian', ({ nodes }) => (nodes[0].custodian.id = RIVERSIDE)],
    ['a source that is not itself', ({ sources }) => (sources[0].institution.id = RIVERSIDE)],
    ['rows out of order', ({ nodes }) => nodes.reverse()],
    ['a row twice', ({ nodes }) => nodes.push(nodes.at(-1))],
    ['a field more', ({ nodes }) => (nodes[0].name = 'Ana')],
    ['a field less', ({ nodes }) => delete nodes[0].status],
    ['a number for a decimal', ({ nodes }) => (nodes[0].value.value = 6.5)],
    ['an endless text', ({ nodes }) => (nodes[0].code.coding[0].display = 'x'.repeat(1_000))],
    ['a status of its own making', ({ sources }) => (sources[0].status = 'GREAT')],
    [
      'a next page behind no row',
      (page) => {
        page.nodes = [];
        page.pageInfo.hasNextPage = true;
      },
    ],
    ['too many entities', (_, entities) => entities.push(null)],
    ['another participant in this place', (_, entities) => (entities[0].pseudonym = BEN)],
  ];

  test.each(changes)('that answers %s is UNAVAILABLE and costs its own rows', async (_, change) => {
    const nodes = [node(RIVERSIDE, riverside, PERMITS), liar(change)];
    const [ana] = await ask(network(nodes), OBSERVED, participantKeys(ANA));
    expect(ana.observations.nodes).toHaveLength(4);
    expect(ana.observations.sources[0]).toMatchObject({ status: 'UNAVAILABLE' });
  });

  test('more rows than asked for are refused', async () => {
    const greedy = liar((page) => {
      page.nodes = Array.from({ length: 3 }, (_, i) => ({
        ...page.nodes[0],
        id: `${'x'.repeat(20)}${i}`,
      }));
    });
    const variables = { ...participantKeys(ANA), first: 2 };
    const nodes = [node(RIVERSIDE, riverside, PERMITS), greedy];
    const [ana] = await ask(network(nodes), OBSERVED, variables);
    expect(ana.observations.nodes).toHaveLength(2);
    expect(ana.observations.sources[0]).toMatchObject({ status: 'UNAVAILABLE' });
  });
});

describe('a next page of participants', () => {
  const FIRST = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Study { participants(first: 1) { nodes { pseudonym } sources { status }
      pageInfo { hasNextPage endCursor } } } } }`;

  test('follows a row at an honest node, and several studies are one question', async () => {
    const asked: Question<unknown>[] = [];
    const { representations } = studyKey(UNPROVEN_STUDY);
    const keys = {
      representations: [...representations, ...studyKey('NCT90000099').representations],
    };
    const [own, other] = await ask(network(bothNodes(), asked), FIRST, keys);
    expect(own.participants.nodes).toEqual([{ pseudonym: ANA }]);
    expect(own.participants.pageInfo.hasNextPage).toBe(true);
    expect(other.participants).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false } });
    expect(asked).toHaveLength(1);
  });

  test.each<[string, (entities: Entity[]) => unknown]>([
    [
      'a next page behind no row',
      ([study]) => {
        study.participants.nodes = [];
        study.participants.pageInfo.hasNextPage = true;
      },
    ],
    ['another study in this place', ([study]) => (study.registryId = 'NCT90000099')],
    ['no study', (entities) => (entities[0] = null)],
  ])('of a node that answers %s is not told', async (_, change) => {
    const honest = node(LAKESHORE, lakeshore, PERMITS);
    const liar: NodeUnderTest = {
      institution: LAKESHORE,
      answer: async (question) => {
        const answer = (await honest.answer(question)) as { data: { _entities: Entity[] } };
        change(answer.data._entities);
        return answer;
      },
    };
    const schema = network([node(RIVERSIDE, riverside, [permit({ pseudonym: BEN })]), liar]);
    const [study] = await ask(schema, FIRST, studyKey(UNPROVEN_STUDY));
    expect(study.participants).toEqual({
      nodes: [],
      sources: [{ status: 'UNAVAILABLE' }, { status: 'OK' }],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });
});

test('ids differ between custodians and pseudonyms stay apart', async () => {
  const [ana, ben] = await ask(network(bothNodes()), OBSERVED, participantKeys(ANA, BEN));
  const ids = [...ana.observations.nodes, ...ben.observations.nodes].map(({ id }) => id);
  expect(new Set(ids).size).toBe(10);
  expect(ben.observations.nodes).toHaveLength(1);
  expect(await ask(network(bothNodes()), OBSERVED, participantKeys(toPseudonym('5')))).toEqual([
    null,
  ]);
});
