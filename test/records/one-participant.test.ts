import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/client/session.js';
import {
  DAY,
  LAKESHORE,
  now,
  OTHER_STUDY,
  RIVERSIDE,
  STUDY,
  snapshotOf,
} from '../consent/gate-fixture.js';
import { ANA_ELSEWHERE, admit, BEN, CLEO, DORA, NOBODY, type Whom } from './attack-people.js';
import { permitFor } from './attacks.js';
import { type GatedNetwork, showStored, startGatedNetwork } from './gated-network.js';

/*
 * One participant by name. The portal was shown Ben and Dora at both hospitals, and Ana in the other
 * study; Ben is a patient of both, Dora, Cleo and Ana of Riverside.
 */
const root = 7n;
const snapshot = snapshotOf({ root, anchoredAt: now - DAY });
let network: GatedNetwork;
let portal: Session;

beforeAll(async () => {
  network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot });
  const { riverside, lakeshore } = network;
  await admit(riverside.db, 'ana', 'ben', 'cleo', 'dora');
  await admit(lakeshore.db, 'ben');
  const permits = [permitFor(BEN), permitFor(DORA), permitFor(ANA_ELSEWHERE)];
  portal = await showStored([riverside, lakeshore], permits, { root, epoch: 1 });
});
afterAll(() => network.stop());

async function ask(query: string, variables: object = {}, session: Session | undefined = portal) {
  const { json } = await network.send(JSON.stringify({ query, variables }), session);
  return json;
}

const BY_NAME = `query ($study: ID!, $pseudonym: ID!) { study(id: $study) {
  participant(pseudonym: $pseudonym) { pseudonym conditions { nodes { custodian { id } } } } } }`;
const OF = `query ($study: ID!, $pseudonyms: [ID!], $first: Int, $after: String) { study(id: $study) {
  participants(where: { pseudonyms: $pseudonyms }, first: $first, after: $after) {
    edges { cursor node { pseudonym } } pageInfo { hasNextPage } complete } } }`;

/** Releases at Riverside since the last question, as its log has them. */
async function released(): Promise<
  readonly { readonly pseudonym: string; readonly count: number }[]
> {
  const found = await network.riverside.db.transaction((tx) =>
    tx.execute('DELETE FROM disclosure RETURNING pseudonym, data_class AS class, count'),
  );
  return (found as unknown as { rows: never[] }).rows;
}

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
    expect(await released()).toEqual([{ pseudonym: BEN.pseudonym, class: 'CONDITION', count: 1 }]);
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
      ...{ p0: { pseudonym: BEN.pseudonym }, p1: { pseudonym: DORA.pseudonym } },
      ...{ p2: null, p3: null },
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
    ...{ found: { id: RIVERSIDE, name: `The ${RIVERSIDE}` }, unknown: null, odd: null },
  });
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
});
