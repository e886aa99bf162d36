import type { GraphQLObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import { encodeCursor } from '../../../src/graph/page.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import { KIND_NAMES, KINDS, type KindName } from '../../../src/records/kinds/kinds.js';
import { publish } from '../../support/consent/gate-feed.js';
import { DAY, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';
import {
  type Asked,
  PATHS,
  type Path,
  ROW_NAMES,
  rowsIn,
} from '../../support/records/attack-paths.js';
import { ANA, admit, BEN, CLEO, NOBODY, type Whom } from '../../support/records/attack-people.js';
import {
  ATTACKS,
  OVERHEARD,
  PROVEN,
  PUBLISHED_SECRET,
  permitFor,
  type Seen,
  type Shown,
} from '../../support/records/attacks.js';
import {
  type GatedNetwork,
  showStored,
  startGatedNetwork,
  type Told,
} from '../../support/records/gated-network.js';
import { PSEUDONYM, showWideConsent } from '../../support/records/proven-consent.js';

/*
 * One rule on every path. Each cell of the table asks for the same rows twice: as the attacker, who
 * sees none of any kind, and as a caller who has a right to them and sees them.
 */

/** Superseded nine days ago by the root that the real proof was made under. */
const STALE_ROOT = 5n;
let network: GatedNetwork;
let root: bigint;
let seen: Seen;
const sessions = new Map<Shown, Session>();

beforeAll(async () => {
  const { prover, ...proven } = await showWideConsent();
  root = proven.root;
  const snapshot = snapshotOf(
    { root: STALE_ROOT, anchoredAt: now - 20 * DAY },
    { root, anchoredAt: now - 9 * DAY },
  );
  network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot });
  const { riverside, lakeshore } = network;
  await admit(riverside.db, 'ana', 'ben', 'cleo');
  await admit(lakeshore.db, 'ben');
  for (const { db } of [riverside, lakeshore]) await publish(db, [String(PUBLISHED_SECRET)]);
  expect(await present(proven.input)).toEqual([
    { institution: { id: LAKESHORE }, accepted: 1, refused: [] },
    { institution: { id: RIVERSIDE }, accepted: 1, refused: [] },
  ]);
  const thief = await newSession();
  const refused = [{ code: 'HOLDER_MISMATCH' }];
  expect(await present({ ...proven.input, holder: thief.holderJwk })).toEqual([
    { institution: { id: LAKESHORE }, accepted: 0, refused },
    { institution: { id: RIVERSIDE }, accepted: 0, refused },
  ]);
  sessions.set(PROVEN, prover).set(OVERHEARD, thief);
  seen = await overhear();
});
afterAll(() => network.stop());

async function present(input: object): Promise<unknown> {
  const query = `mutation ($input: PresentConsents!) { presentConsents(input: $input) {
    outcomes { institution { id } accepted refused { code } } } }`;
  const { json } = await network.send(JSON.stringify({ query, variables: { input } }));
  return json.data.presentConsents.outcomes;
}

/** Who has shown that; one session for all who have shown the same. */
async function sessionOf(shown: Shown | undefined): Promise<Session | undefined> {
  if (shown === undefined) return undefined;
  const known = sessions.get(shown);
  if (known !== undefined) return known;
  const nodes = [network.riverside, network.lakeshore].filter(({ institution }) =>
    shown.at.includes(institution),
  );
  const session = await showStored(
    nodes,
    shown.permits,
    shown.stale ? { root: STALE_ROOT, epoch: 1 } : { root, epoch: 2 },
  );
  sessions.set(shown, session);
  return session;
}

/** What a caller who may read Cleo, and Ben at Lakeshore, has seen of them. */
async function overhear(): Promise<Seen> {
  const cursorOf = new Map<KindName, string>();
  const idOf = new Map<KindName, string>();
  const fields = KIND_NAMES.map(
    (kind) => `${KINDS[kind].field}(first: 1) { nodes { id } pageInfo { endCursor } }`,
  );
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Participant { ${fields.join(' ')} } } }`;
  const reader = await sessionOf({
    permits: [permitFor(CLEO, { labels: ['PSY'] }), permitFor(BEN)],
    at: [RIVERSIDE, LAKESHORE],
  });
  const first = async (node: typeof network.riverside, { pseudonym }: typeof ANA) => {
    const representations = [{ __typename: 'Participant', pseudonym }];
    return (await node.ask(query, { representations }, reader)).json.data._entities[0];
  };
  const [cleo, ben] = [await first(network.riverside, CLEO), await first(network.lakeshore, BEN)];
  for (const kind of KIND_NAMES) {
    cursorOf.set(kind, cleo[KINDS[kind].field].pageInfo.endCursor);
    idOf.set(kind, ben[KINDS[kind].field].nodes[0].id);
  }
  return { cursorOf, idOf };
}

const answers = new Map<string, Promise<Told>>();

/** What the rightful reader is told; once for all attackers who ask the same. */
async function toldRightly(path: Path, asked: Asked, shown: Shown): Promise<Told> {
  const session = await sessionOf(shown);
  const pages = KIND_NAMES.map((kind) => asked.pageOf(kind));
  const question = JSON.stringify([path.name, asked, pages, session?.thumbprint]);
  const answer = answers.get(question) ?? path.ask(network, asked, session);
  answers.set(question, answer);
  return answer;
}

/** The outward ids of rows, which alone have 22 characters. */
function idsIn({ text }: Told): readonly string[] {
  return [...text.matchAll(/"id":"([A-Za-z0-9_-]{22})"/g)].map(([, id]) => id ?? '');
}

/** By `%s`, which writes names out: `$name` cuts them. */
const byName = <Row extends { readonly name: string }>(rows: readonly Row[]) =>
  rows.map((row) => [row.name, row] as const);

describe.each(byName(ATTACKS))(
  '%s opens nothing',
  (_attack, { whom, attempts, rightful, page }) => {
    test.each(byName(PATHS))('by %s', async (_path, path) => {
      for (const { shown, rows } of attempts) {
        const asked: Asked = { whom, rows, pageOf: (kind) => page?.(kind, seen) ?? {} };
        const rightly = await toldRightly(path, { ...asked, rows: ROW_NAMES }, rightful);
        expect(rightly.json.errors).toBeUndefined();
        expect([...rowsIn(rightly, whom).keys()].sort()).toEqual([...ROW_NAMES].sort());
        const told = await path.ask(network, asked, await sessionOf(shown));
        expect(told.json.errors).toBeUndefined();
        expect(rowsIn(told, whom)).toEqual(new Map());
        const released = new Set(idsIn(told));
        expect(idsIn(rightly).filter((id) => released.has(id))).toEqual([]);
      }
    });
  },
);

describe('the table', () => {
  test('is about every field of a participant that holds rows', () => {
    const schema = recordsSubgraph({} as never);
    const fields = Object.keys((schema.getType('Participant') as GraphQLObjectType).getFields());
    const tried = ROW_NAMES.map((name) => (name === 'demographics' ? name : KINDS[name].field));
    expect(fields.sort()).toEqual([...tried, 'id', 'pseudonym', 'study', 'withheld'].sort());
  });
});

describe('what is no path', () => {
  const rows = 'participants { nodes { pseudonym conditions { nodes { id } } } }';
  const prover = () => sessionOf(PROVEN);

  test('an array of requests is refused whole, at the gateway and at a node', async () => {
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Study { ${rows} } } }`;
    const one = {
      query,
      variables: { representations: [{ __typename: 'Study', registryId: ANA.study }] },
    };
    const body = JSON.stringify([one, one]);
    const atNode = await network.riverside.send(
      body,
      await network.riverside.sign(body, await prover()),
    );
    const root = { query: `{ study(id: "${ANA.study}") { ${rows} } }` };
    const atGateway = await network.send(JSON.stringify([root]), await prover());
    for (const { status, json } of [atNode, atGateway]) {
      expect([status, json.data]).toEqual([400, undefined]);
      expect(json.errors.map(codeOf)).toEqual(['BAD_INPUT']);
    }
  });

  test.each([
    ['_entities', `_entities(representations: []) { __typename }`],
    ['_service', '_service { sdl }'],
    ['a participant by pseudonym', `participant(pseudonym: "${PSEUDONYM}") { pseudonym }`],
  ])('the gateway has no root field for %s', async (_what, field) => {
    const { status, json } = await network.send(
      JSON.stringify({ query: `{ ${field} }` }),
      await prover(),
    );
    expect([status, json.data]).toEqual([400, undefined]);
    expect(json.errors.map(codeOf)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test.each([
    ['garbage', 'garbage'],
    ['no place', encodeCursor(['1'])],
    ['a moment that is none', encodeCursor(['x', RIVERSIDE, 'y'])],
    ['a control character', encodeCursor(['\u0000', '\u0000', '\u0000'])],
  ])(
    'a forged cursor is refused alike for a participant and for nobody: %s',
    async (_what, after) => {
      const ask = async ({ pseudonym }: Whom) => {
        const query = `query ($representations: [_Any!]!, $after: String) {
        _entities(representations: $representations) {
          ... on Participant { conditions(after: $after) { nodes { id } } } } }`;
        const representations = [{ __typename: 'Participant', pseudonym }];
        return network.riverside.ask(query, { representations, after }, await prover());
      };
      const [ana, nobody] = [await ask(ANA), await ask(NOBODY)];
      expect(ana.json.errors.map(codeOf)).toEqual(['BAD_INPUT']);
      expect(nobody.json).toEqual({ data: { _entities: [null] } });
    },
  );

  test.each([
    ['garbage', 'garbage'],
    ['of rows', encodeCursor(['1', RIVERSIDE, 'y'])],
    ['of no pseudonym', encodeCursor(['NCT'])],
    ['with a control character', encodeCursor(['\u0000'])],
  ])('a forged cursor over participants is refused: %s', async (_what, after) => {
    const variables = { id: ANA.study, after };
    const query = `query ($id: ID!, $after: String) {
      study(id: $id) { participants(after: $after) { nodes { pseudonym } } } }`;
    const { json } = await network.send(JSON.stringify({ query, variables }), await prover());
    expect([json.data, json.errors.map(codeOf)]).toEqual([
      { study: { participants: null } },
      ['BAD_INPUT'],
    ]);
    const atNode = await network.riverside.ask(
      `query ($representations: [_Any!]!, $after: String) {
        _entities(representations: $representations) {
          ... on Study { participants(after: $after) { nodes { pseudonym } } } } }`,
      { representations: [{ __typename: 'Study', registryId: ANA.study }], after },
      await prover(),
    );
    expect(atNode.json.errors.map(codeOf)).toEqual(['BAD_INPUT']);
  });
});

function codeOf({ extensions }: { readonly extensions: { readonly code: string } }): string {
  return extensions.code;
}
