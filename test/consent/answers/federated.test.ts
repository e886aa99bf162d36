import { execute, type GraphQLSchema, parse, printSchema } from 'graphql';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NetworkConsents } from '../../../src/consent/answers/network-consents.js';
import type { PresentConsentsInput } from '../../../src/consent/base/model.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { codeOf } from '../../../src/core/errors.js';
import { createAskNodes } from '../../../src/network/ask-nodes.js';
import { type GatewayKey, importGatewayKey } from '../../../src/network/gateway-key.js';
import type { DatabaseServer } from '../../../src/store/database.js';
import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { withdrawSecretOf } from '../../../src/zk/leaf.js';
import {
  makeSession,
  type Session,
  type Shown,
  showConsent,
} from '../../support/consent/gate-fixture.js';
import {
  type ConsentNode,
  signToken,
  startConsentNode,
} from '../../support/consent/node-fixture.js';
import { HILLSIDE, LAKESHORE, OTHER_STUDY, RIVERSIDE, STUDY } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

/** Two hospitals' nodes over HTTP, one that is dead, and the network's subgraph that asks them. */
let server: DatabaseServer;
let nodes: readonly ConsentNode[];
let gatewayKey: GatewayKey;
let network: GraphQLSchema;
let shown: Shown<PresentConsentsInput>;
let stranger: Session;

beforeAll(async () => {
  server = await openFreshPglite();
  shown = await showConsent('every hospital');
  stranger = await makeSession();
  nodes = [
    await startConsentNode(await server.open(RIVERSIDE), RIVERSIDE, shown.root),
    await startConsentNode(await server.open(LAKESHORE), LAKESHORE, shown.root),
  ];
  gatewayKey = await importGatewayKey((await makeSession()).privateJwk);
  network = networkOf(nodes.map(({ asked }) => asked));
});
afterAll(async () => {
  await Promise.all(nodes.map(({ stop }) => stop()));
  await server.close();
});
beforeEach(async () => {
  for (const { db, verified } of nodes) {
    verified.splice(0);
    await db.transaction((tx) => tx.delete(presentation));
  }
});

function networkOf(institutions: readonly ConsentNode['asked'][]): GraphQLSchema {
  const logger = pino({ level: 'silent' });
  const ask = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  return consentSubgraph(new NetworkConsents(ask, () => institutions.map(({ id }) => id)));
}

async function run(
  query: string,
  given: {
    variables?: object;
    by?: Session | undefined;
    token?: string;
    schema?: GraphQLSchema;
    /** Of the errors; none unless given. */
    codes?: readonly string[];
  } = {},
): Promise<Record<string, unknown>> {
  const { variables = {}, by, schema = network, codes = [] } = given;
  const token = given.token ?? (by && (await signToken(by, gatewayKey.thumbprint)));
  const { data, errors } = await execute({
    schema,
    document: parse(query),
    // As they come over a wire: no Date, no bigint.
    variableValues: JSON.parse(JSON.stringify(variables)),
    contextValue: { opened: { token, requestId: 'test' }, requestId: 'test' },
  });
  expect((errors ?? []).map(({ originalError }) => codeOf(originalError))).toEqual(codes);
  return JSON.parse(JSON.stringify(data));
}

const PRESENT = `mutation ($input: PresentConsents!) { presentConsents(input: $input) {
  complete outcomes { institution { id } status accepted refused { index code retry } } } }`;
const present = (change: Partial<PresentConsentsInput> = {}, schema?: GraphQLSchema) =>
  run(PRESENT, {
    variables: { input: { ...shown.input, ...change } },
    ...(schema ? { schema } : {}),
  });
const ACCESS = `query ($id: ID!) { study(id: $id) { registryId access { presented purpose dataClasses labels } } }`;
const access = (by?: Session, id: string = STUDY) => run(ACCESS, { by, variables: { id } });

const taken = (institution: string) => ({
  institution: { id: institution },
  status: 'OK',
  accepted: 1,
  refused: [],
});

test('a node and the network answer the same schema', () => {
  expect(printSchema(network)).toBe(printSchema(nodes[0]?.schema as GraphQLSchema));
});

describe('presenting consents', () => {
  test('shows one proof to every custodian, each of which judges it itself', async () => {
    expect(await present()).toEqual({
      presentConsents: { complete: true, outcomes: [taken(LAKESHORE), taken(RIVERSIDE)] },
    });
  });

  test('without a purpose is refused by name', async () => {
    const { presentConsents } = await present({ purpose: null });
    const refused = [{ index: 0, code: 'PURPOSE_MISSING', retry: 'NEVER' }];
    const outcome = { status: 'OK', accepted: 0, refused };
    expect(presentConsents).toMatchObject({ complete: false, outcomes: [outcome, outcome] });
  });

  test('to a dead node costs that node, and names no host', async () => {
    const dead = { id: HILLSIDE, endpoint: 'http://127.0.0.1:9', roles: ['HOSPITAL'] } as const;
    const schema = networkOf([...nodes.map(({ asked }) => asked), { ...dead, status: 'ACTIVE' }]);
    const { presentConsents } = await present({}, schema);
    expect(presentConsents).toEqual({
      complete: false,
      outcomes: [
        { institution: { id: HILLSIDE }, status: 'UNAVAILABLE', accepted: 0, refused: [] },
        taken(LAKESHORE),
        taken(RIVERSIDE),
      ],
    });
  });
});

describe('whose turns a presentation takes', () => {
  const proven = () => [gatewayKey.thumbprint, 'token', shown.session.holder.thumbprint];
  const callers = () => nodes.map(({ verified }) => verified.map(({ caller }) => caller));

  test('are those of the token that came with it, at every node', async () => {
    await run(PRESENT, { variables: { input: shown.input }, by: shown.session });
    expect(callers()).toEqual([[proven()], [proven()]]);
    expect(nodes.flatMap(({ verified }) => verified.map(({ isProven }) => isProven))).toEqual([
      ...[true, true],
    ]);
  });

  test('are never those of a key that somebody only names, with a token or without one', async () => {
    await present();
    await run(PRESENT, { variables: { input: shown.input }, by: stranger });
    const named = [gatewayKey.thumbprint, 'shown', shown.session.holder.thumbprint];
    const asStranger = [gatewayKey.thumbprint, 'token', stranger.holder.thumbprint];
    expect(callers()).toEqual([
      [named, asStranger],
      [named, asStranger],
    ]);
    expect(nodes[0]?.verified.map(({ isProven }) => isProven)).toEqual([false, true]);
  });
});

describe('access', () => {
  test('is what my own presentations open', async () => {
    await present();
    expect(await access(shown.session)).toEqual({
      study: {
        registryId: STUDY,
        access: { presented: 1, purpose: 'CLINTRCH', dataClasses: ['OBSERVATION'], labels: [] },
      },
    });
  });

  test('is nothing for anybody else, alike for a study that nobody has', async () => {
    await present();
    const nothing = { study: null };
    expect(await access(undefined)).toEqual(nothing);
    expect(await access(stranger)).toEqual(nothing);
    expect(await access(shown.session, OTHER_STUDY)).toEqual(nothing);
    expect(await access(shown.session, 'NCT99999999')).toEqual(nothing);
    expect(await access(shown.session, 'no id at all')).toEqual(nothing);
  });

  test('is not opened by a guessed reference, an alias or a fragment', async () => {
    await present();
    const query = `query ($all: [_Any!]!) {
      _entities(representations: $all) { ...Opened }
      again: study(id: "${STUDY}") { ...Opened }
    }
    fragment Opened on Study { registryId access { presented } }`;
    const all = [STUDY, 'NCT99999999'].map((registryId) => ({ __typename: 'Study', registryId }));
    const asStranger = await run(query, { by: stranger, variables: { all } });
    expect(asStranger).toEqual({
      _entities: [
        { registryId: STUDY, access: null },
        { registryId: 'NCT99999999', access: null },
      ],
      again: null,
    });
  });

  test('is refused by each node for a token made for another gateway', async () => {
    await present();
    const token = await signToken(shown.session, stranger.holder.thumbprint);
    const refused = { token, variables: { id: STUDY }, codes: ['SOURCE_UNAVAILABLE'] };
    expect(await run(ACCESS, refused)).toEqual({ study: null });
  });
});

describe('withdrawing', () => {
  const WITHDRAW = `mutation ($secrets: [Field!]!, $institution: ID, $copies: Int) {
    withdrawConsents(secrets: $secrets, institution: $institution, copies: $copies) {
      complete outcomes { institution { id } status accepted refused { index code } } } }`;
  const w = withdrawSecretOf(fieldOf('a withdrawal key'), 1n).toString();
  const notAField = '9'.repeat(77);

  test('takes what is well formed, and ends access at once where it was published', async () => {
    await present();
    const variables = { secrets: [notAField, w], institution: RIVERSIDE };
    expect(await run(WITHDRAW, { variables })).toEqual({
      withdrawConsents: {
        complete: false,
        outcomes: [
          {
            institution: { id: RIVERSIDE },
            status: 'OK',
            accepted: 1,
            refused: [{ index: 0, code: 'SECRET_MALFORMED' }],
          },
        ],
      },
    });
    const alone = networkOf(nodes.slice(0, 1).map(({ asked }) => asked));
    const reading = { by: shown.session, variables: { id: STUDY } };
    expect(await run(ACCESS, { ...reading, schema: alone })).toEqual({ study: null });
    const { presentConsents } = await present();
    expect(presentConsents).toMatchObject({
      outcomes: [taken(LAKESHORE), { accepted: 0, refused: [{ code: 'CONSENT_WITHDRAWN' }] }],
    });
  });

  const dead = { id: HILLSIDE, endpoint: 'http://127.0.0.1:9', roles: ['HOSPITAL'] } as const;
  const withdrawAt = async (schema: GraphQLSchema, variables: object) => {
    const { withdrawConsents } = await run(WITHDRAW, { variables, schema });
    return withdrawConsents as { complete: boolean; outcomes: { accepted: number }[] };
  };

  test('without an institution goes on until two have taken it', async () => {
    const schema = networkOf([{ ...dead, status: 'ACTIVE' }, ...nodes.map(({ asked }) => asked)]);
    for (const secret of ['1', '2', '3', '4', '5', '6']) {
      const { complete, outcomes } = await withdrawAt(schema, { secrets: [secret] });
      expect(complete).toBe(true);
      expect(outcomes.slice(-2)).toEqual([taken(LAKESHORE), taken(RIVERSIDE)]);
    }
  });

  test('is not complete where one alone has taken it, unless one is enough or there is one alone', async () => {
    const [riverside] = nodes.map(({ asked }) => asked);
    const one = riverside ? [riverside] : [];
    const schema = networkOf([{ ...dead, status: 'ACTIVE' }, ...one]);
    const { complete, outcomes } = await withdrawAt(schema, { secrets: ['7'] });
    expect([complete, outcomes.map(({ accepted }) => accepted)]).toEqual([false, [0, 1]]);
    expect(await withdrawAt(schema, { secrets: ['7'], copies: 1 })).toMatchObject({
      complete: true,
    });
    expect(await withdrawAt(networkOf(one), { secrets: ['8'] })).toMatchObject({ complete: true });
  });

  test.each([
    ['a secret that is none', { secrets: [notAField] }],
    ['no institution that answers', { secrets: ['9'], institution: HILLSIDE }],
    ['fewer institutions than were asked for', { secrets: ['9'], copies: 3 }],
  ])('is not complete with %s', async (_why, variables) => {
    const schema = networkOf([{ ...dead, status: 'ACTIVE' }, ...nodes.map(({ asked }) => asked)]);
    expect(await withdrawAt(schema, variables)).toMatchObject({ complete: false });
  });
});
