import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import type { Permit } from '../../../src/consent/gate/permit.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { ERROR_CODES } from '../../../src/core/error-codes.js';
import { KIND_NAMES, KINDS } from '../../../src/records/kinds/kinds.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { publish } from '../../support/consent/gate-feed.js';
import { DAY, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';
import { PATHS, type Path, ROW_NAMES } from '../../support/records/attack-paths.js';
import {
  ANA,
  ANA_ELSEWHERE,
  admit,
  BEN,
  CLEO,
  DAY_OF_ROWS,
  DORA,
  NOBODY,
  type Whom,
} from '../../support/records/attack-people.js';
import { PUBLISHED_SECRET, permitFor } from '../../support/records/attacks.js';
import { showStored, startGatedNetwork, type Told } from '../../support/records/gated-network.js';
import { showWideConsent } from '../../support/records/proven-consent.js';
import { bodyOf, codeIn, present, type Stage, TEN } from '../../support/records/ten-refusals.js';

const STALE_ROOT = 5n;
let stage: Stage;
/** A ledger on which the proof's root is the newest. */
let usual: Stage['world']['snapshot'];

beforeAll(async () => {
  const { prover, ...proven } = await showWideConsent();
  const roots = [
    { root: STALE_ROOT, anchoredAt: now - 20 * DAY },
    { root: proven.root, anchoredAt: now - 9 * DAY },
  ];
  const snapshot = snapshotOf(...roots);
  usual = () => snapshot;
  const world = { atSeconds: now, snapshot: usual };
  stage = { network: await startGatedNetwork(world), world, proven, prover };
  const { riverside, lakeshore } = stage.network;
  await admit(riverside.db, 'ana', 'cleo', 'dora');
  await admit(lakeshore.db, 'ana');
  await publish(riverside.db, [String(PUBLISHED_SECRET)]);
});
afterAll(() => stage.network.stop());

afterEach(async () => {
  Object.assign(stage.world, { atSeconds: now, snapshot: usual });
  for (const { db } of [stage.network.riverside, stage.network.lakeshore]) {
    await db.transaction((tx) => tx.delete(presentation));
  }
});

describe('at presentation', () => {
  test('the consent is taken as it was proven', async () => {
    const told = await present(stage);
    expect(told.json.data.presentConsents.outcomes).toMatchObject([{ accepted: 1, refused: [] }]);
  });

  const ten = TEN.map(({ why, code, present: attempt }) => [why, code, attempt] as const);
  test.each(ten)('%s: %s', async (_why, code, attempt) => {
    expect(codeIn(await attempt(stage))).toBe(code);
  });

  test('the ten have ten codes, each in the list of all', () => {
    const codes = TEN.map(({ code }) => code);
    expect(new Set(codes).size).toBe(10);
    expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
  });

  test('a study that nobody knows has a code beside them', async () => {
    expect(codeIn(await present(stage, { study: 'NCT99999999' }))).toBe('STUDY_UNKNOWN');
  });

  test('a gateway passes the code on in its own words', async () => {
    const told = await stage.network.send(bodyOf(stage, { purpose: 'HRESCH' }), stage.prover);
    const refused = [{ code: 'PURPOSE_MISMATCH', message: ERROR_CODES.PURPOSE_MISMATCH }];
    expect(told.json.data.presentConsents.outcomes).toEqual([
      { institution: { id: LAKESHORE }, accepted: 0, refused },
      { institution: { id: RIVERSIDE }, accepted: 0, refused },
    ]);
  });
});

/** An answer but for what names the question, the request and the time that it took. */
function shapeOf({ status, text }: Told, { study, pseudonym }: Whom): string {
  return `${status} ${text
    .replaceAll(`"${pseudonym}"`, '"PSEUDONYM"')
    .replaceAll(`"${study}"`, '"STUDY"')
    .replaceAll(/"requestId":"[0-9a-f-]{36}"/g, '"requestId":""')
    .replaceAll(/"latencyMs":\d+/g, '"latencyMs":0')}`;
}

/** What is told, and which SQL that took, in order. */
async function observe(ask: () => Promise<Told>, whom: Whom) {
  const { statements } = stage.network;
  statements.length = 0;
  const shape = shapeOf(await ask(), whom);
  return { shape, statements: [...statements].sort() };
}

/** The second of the two epochs. */
const newest = () => ({ root: stage.proven.root, epoch: 2 });
const show = (permits: readonly Permit[], under = newest()) =>
  showStored([stage.network.riverside], permits, under);

/** Each state in which a requester may see nothing, and how to come into it. */
const STATES: readonly (readonly [string, () => Promise<Session | undefined>])[] = [
  ['without a token', async () => undefined],
  ['with nothing presented', () => newSession()],
  ['expired', () => show([permitFor(ANA, { expires: now })])],
  ['withdrawn', () => show([permitFor(ANA, { handle: String(handleOf(PUBLISHED_SECRET)) })])],
  ['under a stale root', () => show([permitFor(ANA)], { root: STALE_ROOT, epoch: 1 })],
  ['under a root that no register had', () => show([permitFor(ANA)], { root: 99n, epoch: 2 })],
  [
    'at another institution',
    () => showStored([stage.network.lakeshore], [permitFor(ANA)], newest()),
  ],
  ['for another participant', () => show([permitFor(BEN)])],
  ['for another study', () => show([permitFor(ANA_ELSEWHERE)])],
  ...TEN.filter(({ code }) => code !== 'REPLAYED').map(
    ({ why, present: attempt }) =>
      [
        `refused, ${why}`,
        async () => {
          await attempt(stage);
          Object.assign(stage.world, { atSeconds: now, snapshot: usual });
          return stage.prover;
        },
      ] as const,
  ),
];

/** One way to each place where a refusal could differ: attacks.test.ts goes all of them. */
const [BY_PARTICIPANT, BY_STUDY, BY_BATCH, BY_GATEWAY] = [
  'the node, _entities of a Participant',
  'the node, _entities of a Study, and fields below',
  'the node, a batch of fifty representations',
  'the gateway, study.participants, and fields below',
].map((wanted) => PATHS.find(({ name }) => name === wanted)) as [Path, Path, Path, Path];

/** What the session is told of the one as of the other, in words and in SQL. @returns what it is. */
async function expectAlike(path: Path, session: Session | undefined, pair: [Whom, Whom]) {
  const asked = { rows: ROW_NAMES, pageOf: () => ({}) };
  const observed = (whom: Whom) =>
    observe(() => path.ask(stage.network, { ...asked, whom }, session), whom);
  // Once before, so that both meet a node that knows this holder.
  await observed(pair[1]);
  const [real, made] = [await observed(pair[0]), await observed(pair[1])];
  expect(real).toEqual(made);
  expect(real.shape).toMatch(/^200 /);
  expect(real.shape).not.toContain('"errors"');
  return real.shape;
}

const UNKNOWN_STUDY = { ...ANA, study: 'NCT00000009' };

describe('at reading', () => {
  test.each(STATES)('%s: a participant is as one that nobody has', async (_state, enter) => {
    const session = await enter();
    expect(await expectAlike(BY_PARTICIPANT, session, [ANA, NOBODY])).toBe(
      '200 {"data":{"_entities":[null]}}\n',
    );
    await expectAlike(BY_BATCH, session, [ANA, NOBODY]);
  });

  // Who presented somebody of the study knows that it is there.
  const strangers = STATES.filter(([state]) => state !== 'for another participant');
  test.each(strangers)('%s: a study is as one that nobody knows', async (state, enter) => {
    const session = await enter();
    await expectAlike(BY_STUDY, session, [ANA, UNKNOWN_STUDY]);
    if (state === 'at another institution') return;
    expect(await expectAlike(BY_GATEWAY, session, [ANA, UNKNOWN_STUDY])).toBe(
      '200 {"data":{"study":null}}\n',
    );
  });

  test('the same consent, live, is told apart by each of these', async () => {
    const session = await show([permitFor(ANA)]);
    for (const path of [BY_PARTICIPANT, BY_BATCH]) {
      await expect(expectAlike(path, session, [ANA, NOBODY])).rejects.toThrow();
    }
    for (const path of [BY_STUDY, BY_GATEWAY]) {
      await expect(expectAlike(path, session, [ANA, UNKNOWN_STUDY])).rejects.toThrow();
    }
  });
});

describe('a request that is refused as a whole says the same of a participant and of nobody', () => {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Participant { conditions { nodes { id } } } } }`;
  const about = ({ pseudonym }: Whom) =>
    JSON.stringify({
      query,
      variables: { representations: [{ __typename: 'Participant', pseudonym }] },
    });
  test.each<[string, (whom: Whom) => Promise<Told>]>([
    [
      'REPLAYED',
      async (whom) => {
        const { riverside } = stage.network;
        const headers = await riverside.sign(about(whom), stage.prover);
        await riverside.send(about(whom), headers);
        return riverside.send(about(whom), headers);
      },
    ],
    [
      'FORWARDED',
      async (whom) => {
        const { riverside, lakeshore } = stage.network;
        return riverside.send(about(whom), await lakeshore.sign(about(whom), stage.prover));
      },
    ],
    [
      'BODY_CHANGED',
      async (whom) => {
        const { riverside } = stage.network;
        return riverside.send(about(whom), await riverside.sign(about(BEN), stage.prover));
      },
    ],
  ])('%s', async (code, ask) => {
    // With a permit for her, so that it is the refusal that keeps her rows.
    await present(stage);
    const [ana, nobody] = [await ask(ANA), await ask(NOBODY)];
    expect(shapeOf(ana, ANA)).toEqual(shapeOf(nobody, NOBODY));
    expect([ana.status, codeIn(ana), ana.json.data]).toEqual([401, code, undefined]);
  });
});

describe('with a permit, rows that it does not open', () => {
  const day = { from: `${DAY_OF_ROWS}T00:00:00Z`, until: '2024-05-07T00:00:00Z' };
  const only = (...dataClasses: Permit['dataClasses']) => ({ dataClasses });
  const coarse = only('OBSERVATION', 'CONDITION', 'ENCOUNTER');
  const pagesOn = (kind: (typeof KIND_NAMES)[number]) => ({
    where: { [KINDS[kind].filter.range]: day },
  });
  const cases = [
    ['of a class outside the scope', ANA, only('DEMOGRAPHICS'), () => ({})],
    ['dated outside the window', ANA, { dataWindow: { from: now - DAY, until: now } }, () => ({})],
    ['labelled', CLEO, {}, () => ({})],
    ['of a day that the permit may not know', ANA, coarse, pagesOn],
  ] as const;
  test.each(cases)('are as if they were not there: %s', async (_which, whom, change, pageOf) => {
    const people = [whom, DORA, NOBODY];
    const session = await show(people.map((one) => permitFor(one, change)));
    const asked = { rows: KIND_NAMES, pageOf };
    const observed = (one: Whom) =>
      observe(() => BY_PARTICIPANT.ask(stage.network, { ...asked, whom: one }, session), one);
    await observed(DORA);
    const [rows, none, nobody] = [
      await observed(whom),
      await observed(DORA),
      await observed(NOBODY),
    ];
    expect(rows).toEqual(none);
    expect(rows).toEqual(nobody);
  });
});
