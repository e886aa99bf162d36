import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../src/client/gateway/session.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { MAX_IDS } from '../../../src/federation/identification/subgraph.js';
import { idOfParticipant, idOfStudy } from '../../../src/graph/node/id.js';
import { DAY, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, OTHER_STUDY, RIVERSIDE, STUDY } from '../../support/names.js';
import {
  ANA_ELSEWHERE,
  admit,
  BEN,
  CLEO,
  DORA,
  NOBODY,
  type Whom,
} from '../../support/records/attack-people.js';
import { permitFor } from '../../support/records/attacks.js';
import {
  type GatedNetwork,
  showStored,
  startGatedNetwork,
  type Told,
} from '../../support/records/gated-network.js';

/*
 * One participant, by pseudonym or by id, and what else is asked for by id. The portal was shown Ben and
 * Dora at both hospitals, and Ana in the other study. Ben is a patient of both hospitals, the others of
 * Riverside; of Cleo the portal was shown nothing.
 */
const root = 7n;
const snapshot = snapshotOf({ root, anchoredAt: now - DAY });
let network: GatedNetwork;
let portal: Session;
let stranger: Session;

beforeAll(async () => {
  network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot });
  const { riverside, lakeshore } = network;
  await admit(riverside.db, 'ana', 'ben', 'cleo', 'dora');
  await admit(lakeshore.db, 'ben');
  const permits = [permitFor(BEN), permitFor(DORA), permitFor(ANA_ELSEWHERE)];
  portal = await showStored([riverside, lakeshore], permits, { root, epoch: 1 });
  stranger = await showStored([], [], { root, epoch: 1 });
});
afterAll(() => network.stop());

const idOf = ({ study, pseudonym }: Whom) =>
  idOfParticipant({ study: study as typeof STUDY, pseudonym: toPseudonym(pseudonym) });

const send = (query: string, variables: object, session?: Session): Promise<Told> =>
  network.send(JSON.stringify({ query, variables }), session);

async function ask(query: string, variables: object = {}, session: Session | undefined = portal) {
  const { json } = await network.send(JSON.stringify({ query, variables }), session);
  return json;
}

const BY_NAME = `query ($study: ID!, $pseudonym: ID!) { study(id: $study) {
  participant(pseudonym: $pseudonym) { pseudonym conditions { nodes { custodian { id } } } } } }`;
const OF = `query ($study: ID!, $pseudonyms: [ID!], $first: Int, $after: String) { study(id: $study) {
  participants(where: { pseudonyms: $pseudonyms }, first: $first, after: $after) {
    edges { cursor node { pseudonym } } pageInfo { hasNextPage } complete } } }`;

const NODE = `query ($id: ID!) { node(id: $id) { __typename id
  ... on Participant { pseudonym study { registryId } withheld { dataClass }
    conditions { nodes { custodian { id } } } }
  ... on Study { registryId access { presented } participants { nodes { pseudonym } } }
  ... on Institution { name } ... on Trial { title } ... on Lot { holders { id } } } }`;

/** Releases at both hospitals since the last question, as their logs have them. */
async function released(): Promise<readonly object[]> {
  const rows: object[] = [];
  for (const { db } of [network.riverside, network.lakeshore]) {
    const found = await db.transaction((tx) =>
      tx.execute('DELETE FROM disclosure RETURNING pseudonym, data_class AS class, count'),
    );
    rows.push(...(found as unknown as { rows: object[] }).rows);
  }
  return rows;
}

/** A whole body, but for what differs from one request to the next whatever is asked. */
const body = ({ status, text }: Told) =>
  `${status} ${text.replace(/"requestId":"[^"]*"/g, '"requestId":""')}`;

describe('a participant by name', () => {
  test('is read from every custodian, and nobody else is released', async () => {
    await released();
    const { data, errors } = await ask(BY_NAME, BEN);
    expect(errors).toBeUndefined();
    const { pseudonym, conditions } = data.study.participant;
    expect(pseudonym).toBe(BEN.pseudonym);
    const custodians = conditions.nodes.map(
      (one: { custodian: { id: string } }) => one.custodian.id,
    );
    expect(custodians.sort()).toEqual([LAKESHORE, RIVERSIDE]);
    const once = { pseudonym: BEN.pseudonym, class: 'CONDITION', count: 1 };
    expect(await released()).toEqual([once, once]);
  });

  test.each<[string, Whom]>([
    ['is there and was not shown', CLEO],
    ['was shown in another study', { ...ANA_ELSEWHERE, study: STUDY }],
    ['was shown in this study, asked for in the other', { ...BEN, study: OTHER_STUDY }],
  ])('who %s looks like nobody, and nothing is released', async (_who, whom) => {
    await released();
    const told = await ask(BY_NAME, whom);
    expect(told).toEqual(await ask(BY_NAME, { ...NOBODY, study: whom.study }));
    expect(told).toEqual({ data: { study: { participant: null } } });
    expect(await released()).toEqual([]);
  });

  test('many by aliases are one question to each hospital', async () => {
    const aliases = [BEN, DORA, CLEO, NOBODY].map(
      ({ pseudonym }, n) => `p${n}: participant(pseudonym: "${pseudonym}") { pseudonym }`,
    );
    network.statements.length = 0;
    const { data } = await ask(`{ study(id: "${STUDY}") { ${aliases.join(' ')} } }`);
    expect(data.study).toEqual({
      p0: { pseudonym: BEN.pseudonym },
      p1: { pseudonym: DORA.pseudonym },
      p2: null,
      p3: null,
    });
    const reads = network.statements.filter((text) => text.includes('research_subject'));
    expect(reads).toHaveLength(2);
  });

  test('that no pseudonym can be is refused', async () => {
    const { data, errors } = await ask(BY_NAME, { ...BEN, pseudonym: '01' });
    expect([data.study.participant, errors[0].extensions.code]).toEqual([null, 'ID_MALFORMED']);
  });
});

describe('participants by name', () => {
  const all = [CLEO, NOBODY, DORA, BEN].map(({ pseudonym }) => pseudonym);
  const names = (json: { data: { study: { participants: { edges: { node: Whom }[] } } } }) =>
    json.data.study.participants.edges.map(({ node }) => node.pseudonym);

  test('are those of them that are open, in order', async () => {
    const told = await ask(OF, { study: STUDY, pseudonyms: [...all, ...all] });
    expect(names(told)).toEqual([BEN.pseudonym, DORA.pseudonym]);
    expect(told.data.study.participants.complete).toBe(true);
  });

  test('come in pages, each cursor continuing within them', async () => {
    const asked = { study: STUDY, pseudonyms: all };
    const first = await ask(OF, { ...asked, first: 1 });
    expect(first.data.study.participants.pageInfo.hasNextPage).toBe(true);
    const [{ cursor }] = first.data.study.participants.edges;
    expect(names(await ask(OF, { ...asked, after: cursor }))).toEqual([DORA.pseudonym]);
  });

  test('are none where none is named, and all where nothing is said', async () => {
    expect(names(await ask(OF, { study: STUDY, pseudonyms: [] }))).toEqual([]);
    expect(names(await ask(OF, { study: STUDY, pseudonyms: null }))).toHaveLength(2);
  });

  test.each([
    ['more than a page has', Array.from({ length: 1_001 }, (_, n) => String(n + 1)), 'BAD_INPUT'],
    ['what no pseudonym can be', ['x'], 'ID_MALFORMED'],
  ])('are refused: %s', async (_what, pseudonyms, code) => {
    const { errors } = await ask(OF, { study: STUDY, pseudonyms });
    expect(errors[0].extensions.code).toBe(code);
  });
});

describe('the studies that a token opens', () => {
  const STUDIES = `query ($first: Int, $after: String) { studies(first: $first, after: $after) {
    edges { cursor node { access { presented } } } pageInfo { hasNextPage }
    sources { institution { id } status } complete } }`;

  test('are those that its holder has shown proofs for, page by page', async () => {
    const { data } = await ask(STUDIES);
    const { edges, complete } = data.studies;
    expect(edges.map(({ node }: { node: object }) => node)).toEqual([
      { access: { presented: 2 } },
      { access: { presented: 1 } },
    ]);
    expect(complete).toBe(true);
    const first = (await ask(STUDIES, { first: 1 })).data.studies;
    expect([first.edges, first.pageInfo.hasNextPage]).toEqual([edges.slice(0, 1), true]);
    const next = (await ask(STUDIES, { first: 1, after: edges[0].cursor })).data.studies;
    expect([next.edges, next.pageInfo.hasNextPage]).toEqual([edges.slice(1), false]);
  });

  test('are none without a token, and for a holder who has shown nothing', async () => {
    const { json } = await network.send(JSON.stringify({ query: STUDIES }));
    expect(json.data.studies).toMatchObject({ edges: [], sources: [] });
    const stranger = await showStored([], [], { root, epoch: 1 });
    const told = (await ask(STUDIES, {}, stranger)).data.studies;
    expect(told.edges).toEqual([]);
    expect(told.sources.map(({ status }: { status: string }) => status)).toEqual([
      'NOT_PRESENTED',
      'NOT_PRESENTED',
    ]);
  });

  test('a forged cursor is refused', async () => {
    const { errors } = await ask(STUDIES, { after: 'garbage' });
    expect(errors[0].extensions.code).toBe('BAD_INPUT');
  });
});

test('an institution is found by its id, and one that the ledger does not list is null', async () => {
  const query = `{ found: institution(id: "${RIVERSIDE}") { id name }
    unknown: institution(id: "no-such-institution") { id } odd: institution(id: "\\u0000") { id } }`;
  const { data, errors } = await ask(query);
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    found: { id: RIVERSIDE, name: `The ${RIVERSIDE}` },
    unknown: null,
    odd: null,
  });
});

describe('node', () => {
  test('finds whom a proof was shown for, with rows of every custodian', async () => {
    await released();
    const { json } = await send(NODE, { id: idOf(BEN) }, portal);
    expect(json.errors).toBeUndefined();
    const { conditions, ...ben } = json.data.node;
    expect(ben).toEqual({
      __typename: 'Participant',
      id: idOf(BEN),
      pseudonym: BEN.pseudonym,
      study: { registryId: STUDY },
      withheld: [],
    });
    const custodians = conditions.nodes.map(
      (one: { custodian: { id: string } }) => one.custodian.id,
    );
    expect(custodians.sort()).toEqual([LAKESHORE, RIVERSIDE]);
    expect(await released()).toHaveLength(2);
  });

  test('gives back each id that an answer held, and no two objects have one', async () => {
    const query = `{ network { institutions { id __typename } }
      study(id: "${STUDY}") { id __typename participants { nodes { id __typename
        dispenses { nodes { id __typename lot { id __typename gtin lot } } } } } } }`;
    const { json } = await send(query, {}, portal);
    const typeOf = new Map<string, string>();
    JSON.stringify(json.data, (_key, value) => {
      if (value?.id === undefined) return value;
      expect(typeOf.get(value.id) ?? value.__typename).toBe(value.__typename);
      typeOf.set(value.id, value.__typename);
      return value;
    });
    const found = [...typeOf].filter(([, type]) => !['Dispense', 'Lot'].includes(type));
    expect(new Set(found.map(([, type]) => type))).toEqual(
      new Set(['Institution', 'Study', 'Participant']),
    );
    const ids = found.map(([id]) => id);
    const again = await send(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }',
      { ids },
      portal,
    );
    expect(again.json.data.nodes).toEqual(found.map(([id, __typename]) => ({ id, __typename })));
  });

  test.each<[string, () => string, Partial<Record<string, unknown>>]>([
    ['a study, by its own id', () => idOfStudy(STUDY), { __typename: 'Study', registryId: STUDY }],
    ['an institution', () => RIVERSIDE, { __typename: 'Institution', name: `The ${RIVERSIDE}` }],
  ])('finds %s', async (_what, id, expected) => {
    const { json } = await send(NODE, { id: id() }, portal);
    expect(json.errors).toBeUndefined();
    expect(json.data.node).toMatchObject({ ...expected, id: id() });
  });

  const closed: readonly [string, () => string, () => Session | undefined][] = [
    ['a participant of whom nothing was shown', () => idOf(CLEO), () => portal],
    ['one shown in another study', () => idOf({ ...ANA_ELSEWHERE, study: STUDY }), () => portal],
    ['one under the other study', () => idOf({ ...BEN, study: OTHER_STUDY }), () => portal],
    ['a participant, to a stranger', () => idOf(BEN), () => stranger],
    ['a study, to a stranger', () => idOfStudy(STUDY), () => stranger],
    ['a participant, without a token', () => idOf(BEN), () => undefined],
    ['a study, without a token', () => idOfStudy(STUDY), () => undefined],
    ['a row of a participant', () => 'AAAAAAAAAAAAAAAAAAAAAA', () => portal],
    ['a participant by the pseudonym alone', () => BEN.pseudonym, () => portal],
  ];

  test.each(closed)('says of %s what it says of nobody, byte by byte', async (_what, id, by) => {
    await released();
    const told = body(await send(NODE, { id: id() }, by()));
    expect(told).toBe(body(await send(NODE, { id: idOf(NOBODY) }, by())));
    expect(told).toBe('200 {"data":{"node":null}}\n');
    expect(await released()).toEqual([]);
  });

  test('that is asked for the id and the type alone tells no more', async () => {
    const query = 'query ($id: ID!) { node(id: $id) { __typename id } }';
    const [cleo, nobody] = [
      await send(query, { id: idOf(CLEO) }, portal),
      await send(query, { id: idOf(NOBODY) }, portal),
    ];
    expect(cleo.json).toEqual({ data: { node: null } });
    expect(body(cleo)).toBe(body(nobody));
  });
});

describe('nodes', () => {
  const NODES = `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Participant {
    conditions { nodes { custodian { id } } } } } }`;

  test('ask each hospital once for many, and open no more than one by one', async () => {
    const guesses = Array.from({ length: 40 }, (_, n) =>
      idOf({ ...NOBODY, pseudonym: `${5_000 + n}` }),
    );
    const ids = [...guesses, idOf(CLEO), idOf(BEN), 'no id', idOf(BEN)];
    network.statements.length = 0;
    const { json } = await send(NODES, { ids }, portal);
    expect(json.errors).toBeUndefined();
    const { nodes } = json.data;
    expect(nodes.slice(0, 41)).toEqual(Array.from({ length: 41 }, () => null));
    expect([nodes[41].id, nodes[42], nodes[43].id]).toEqual([idOf(BEN), null, idOf(BEN)]);
    const listed = network.statements.filter((text) =>
      /SELECT pseudonym FROM research_subject/.test(text),
    );
    expect(listed).toHaveLength(2);
  });

  test('are a hundred at most, and count as rows of what stands below', async () => {
    const ids = Array.from({ length: MAX_IDS + 1 }, (_, n) =>
      idOf({ ...NOBODY, pseudonym: `${n}` }),
    );
    const { json } = await send(NODES, { ids }, portal);
    expect(json.errors[0].extensions.code).toBe('BAD_INPUT');
    const rows =
      'a: conditions(first: 1000) { nodes { id } } b: observations(first: 1000) { nodes { id } }';
    const large = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Participant { ${rows} } } }`;
    const refused = await send(large, { ids: ids.slice(1) }, portal);
    expect(refused.json.errors[0].extensions.code).toBe('INPUT_TOO_LARGE');
    expect((await send(large, { ids: ids.slice(2) }, portal)).json.data.nodes).toHaveLength(99);
  });
});

test("an institution's own node has neither", async () => {
  for (const subgraph of ['records', 'consent']) {
    const query = JSON.stringify({ query: `{ node(id: "${idOf(BEN)}") { id } }` });
    const { json } = await network.riverside.send(
      query,
      await network.riverside.sign(query, portal),
      subgraph,
    );
    expect([json.data, json.errors[0].extensions.assentCode]).toEqual([undefined, 'BAD_INPUT']);
  }
});

test('a study is found by either of its ids', async () => {
  const query = 'query ($id: ID!) { study(id: $id) { id registryId } }';
  for (const id of [STUDY, idOfStudy(STUDY)]) {
    const { json } = await send(query, { id }, portal);
    expect(json.data.study).toEqual({ id: idOfStudy(STUDY), registryId: STUDY });
    expect((await send(query, { id }, stranger)).json).toEqual({ data: { study: null } });
  }
});

describe('while a hospital is silent', () => {
  beforeAll(() => network.lakeshore.stop());

  test('who another shows is shown, and of anybody else nothing is known', async () => {
    const shown = await ask(BY_NAME, BEN);
    expect(shown.data.study.participant.conditions.nodes).toHaveLength(1);
    const [cleo, nobody] = [await ask(BY_NAME, CLEO), await ask(BY_NAME, NOBODY)];
    for (const { data, errors } of [cleo, nobody]) {
      expect([data, errors[0].extensions.code]).toEqual([
        { study: { participant: null } },
        'SOURCE_UNAVAILABLE',
      ]);
    }
  });

  test('the list of studies says that it is not whole', async () => {
    const { data } = await ask('{ studies { nodes { access { presented } } complete } }');
    expect(data.studies).toMatchObject({ complete: false, nodes: [{}, {}] });
  });

  test('whom another shows is found by id, and of anybody else nothing is known', async () => {
    expect((await send(NODE, { id: idOf(BEN) }, portal)).json.data.node.pseudonym).toBe(
      BEN.pseudonym,
    );
    const [cleo, nobody] = [
      await send(NODE, { id: idOf(CLEO) }, portal),
      await send(NODE, { id: idOf(NOBODY) }, portal),
    ];
    expect(body(cleo)).toBe(body(nobody));
    expect([cleo.json.data.node, cleo.json.errors[0].extensions.code]).toEqual([
      null,
      'SOURCE_UNAVAILABLE',
    ]);
  });
});
