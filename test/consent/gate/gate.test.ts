import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PresentConsentsInput } from '../../../src/consent/base/model.js';
import type { GateOptions } from '../../../src/consent/gate/gate.js';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { clockOf } from '../../../src/core/clock.js';
import type { ErrorCode } from '../../../src/core/error-codes.js';
import { DomainError } from '../../../src/core/errors.js';
import { toStudyId } from '../../../src/core/ids.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { handleOf, withdrawSecretOf } from '../../../src/zk/leaf.js';
import { verifyStatements } from '../../../src/zk/verify/verify.js';
import { publish } from '../../support/consent/gate-feed.js';
import {
  asInput,
  DAY,
  gateAt,
  knowStudies,
  makeSession,
  now,
  type Session,
  type Shown,
  showConsent,
  snapshotOf,
} from '../../support/consent/gate-fixture.js';
import {
  GATE_REFUSALS,
  HANDLE,
  NYM,
  signal,
  unknownRoot,
} from '../../support/consent/gate-refusals.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

let server: DatabaseServer;
let db: Database;
let shown: Shown<PresentConsentsInput>;
let stranger: Session;
const statements: string[] = [];

beforeAll(async () => {
  server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
  db = await server.open('riverside-hospital');
  await knowStudies(db);
  shown = await showConsent();
  stranger = await makeSession();
});
afterAll(() => server.close());
beforeEach(() => db.transaction((tx) => tx.delete(presentation)));

describe('the gate', () => {
  test('takes a consent that holds, and opens exactly what it was proven for', async () => {
    const gate = gateAt(db, shown.root);
    const outcome = await gate.presentConsents(shown.input);
    expect(outcome).toEqual({
      institution: 'riverside-hospital',
      status: 'OK',
      held: [],
      signed: null,
      accepted: 1,
      refused: [],
    });
    const opened = await gate.open(shown.session);
    expect(opened.permits).toEqual([
      {
        study: 'NCT00000001',
        pseudonym: signal(shown, NYM).toString(),
        handle: signal(shown, HANDLE).toString(),
        purpose: 'CLINTRCH',
        dataClasses: ['OBSERVATION'],
        labels: [],
        dataWindow: { from: now - 1000 * DAY, until: now },
        expires: now + 2 * DAY,
      },
    ]);
  });

  test.each(GATE_REFUSALS)('refuses $why: $code', async ({ code, input, gate: given }) => {
    const gate = gateAt(db, shown.root, given?.({ shown, stranger }) ?? {});
    const outcome = await gate.presentConsents({ ...shown.input, ...input?.({ shown, stranger }) });
    expect(outcome.refused.map((refusal) => refusal.code)).toEqual([code]);
    expect(outcome.accepted).toBe(0);
    expect(await db.transaction((tx) => tx.select().from(presentation))).toEqual([]);
  });

  test.each([
    ['60 s ahead', { at: now - 60 }],
    ['a day old', { at: now + DAY }],
    [
      'under a root superseded seven days ago',
      {
        snapshot: () =>
          snapshotOf(
            { root: shown.root, anchoredAt: now - 9 * DAY },
            { root: unknownRoot, anchoredAt: now - 7 * DAY },
          ),
      },
    ],
  ])('takes a proof that is just within its limit: %s', async (_why, given) => {
    const gate = gateAt(db, shown.root, given);
    expect(await gate.presentConsents(shown.input)).toMatchObject({ accepted: 1, refused: [] });
  });

  test('pairs no curve points for what cheaper rules refuse', async () => {
    let verified = 0;
    const verify: GateOptions['verify'] = (statement, shown, limits) => {
      verified += shown.length;
      return verifyStatements(statement, shown, limits);
    };
    const gate = gateAt(db, shown.root, { verify });
    await gate.presentConsents({ ...shown.input, holder: stranger.publicJwk });
    expect(verified).toBe(0);
    await gate.presentConsents(shown.input);
    expect(verified).toBe(1);
  });

  test('judges each proof of a batch by itself, and a replay changes nothing', async () => {
    const gate = gateAt(db, shown.root);
    const good = asInput(shown.proven);
    const bad = { ...good, publicSignals: good.publicSignals.with(NYM, '7') };
    const malformed = { proof: {}, publicSignals: [] };
    const batch = { ...shown.input, proofs: [bad, good, malformed, good] };
    const outcome = await gate.presentConsents(batch);
    expect(outcome.accepted).toBe(2);
    expect(outcome.refused.map(({ index, code, retry }) => [index, code, retry])).toEqual([
      [0, 'PROOF_INVALID', 'NEVER'],
      [2, 'PROOF_MALFORMED', 'NEVER'],
    ]);
    const stored = await db.transaction((tx) => tx.select().from(presentation));
    await gateAt(db, shown.root, { at: now + 5 }).presentConsents(shown.input);
    expect(stored).toHaveLength(1);
    expect(await db.transaction((tx) => tx.select().from(presentation))).toEqual(stored);
  });

  test('takes what is good of a large batch, whose proofs are checked together', async () => {
    const good = asInput(shown.proven);
    const bad = { ...good, publicSignals: good.publicSignals.with(NYM, '7') };
    const wrongAt = [0, 17, 63, 64, 79];
    const proofs = Array.from({ length: 80 }, (_, i) => (wrongAt.includes(i) ? bad : good));
    const outcome = await gateAt(db, shown.root).presentConsents({ ...shown.input, proofs });
    expect(outcome.accepted).toBe(75);
    expect(outcome.refused.map(({ index, code }) => [index, code])).toEqual(
      wrongAt.map((index) => [index, 'PROOF_INVALID']),
    );
  });

  test('refuses by index what its time is too short for, and says to come later', async () => {
    const parameters = { verifyingSeconds: 0 };
    const proofs = [{ proof: {}, publicSignals: [] }, asInput(shown.proven)];
    const gate = gateAt(db, shown.root, { parameters });
    const { accepted, refused } = await gate.presentConsents({ ...shown.input, proofs });
    expect(accepted).toBe(0);
    expect(refused.map(({ index, code, retry }) => [index, code, retry])).toEqual([
      [0, 'PROOF_MALFORMED', 'NEVER'],
      [1, 'VERIFYING_TIMEOUT', 'LATER'],
    ]);
    expect(await db.transaction((tx) => tx.select().from(presentation))).toEqual([]);
  });

  test.each<[string, GateOptions['verify'], string]>([
    ['throws', () => Promise.reject(new TypeError('a fault')), 'INTERNAL'],
    ['answers nothing', async () => [], 'INTERNAL'],
    [
      'answers with what it did not verify',
      async (statement) => [{ statement, signals: {} } as never],
      'INTERNAL',
    ],
  ])('accepts nothing from a verifier that %s', async (_what, verify, code) => {
    const gate = gateAt(db, shown.root, { verify });
    const { accepted, refused } = await gate.presentConsents(shown.input);
    expect([accepted, refused.map((refusal) => refusal.code)]).toEqual([0, [code]]);
  });

  test.each([
    [0, 'BAD_INPUT'],
    [1_001, 'INPUT_TOO_LARGE'],
  ])('refuses a batch of %d proofs as a whole: %s', async (count, code) => {
    const proofs = Array.from({ length: count }, () => asInput(shown.proven));
    const presenting = gateAt(db, shown.root).presentConsents({ ...shown.input, proofs });
    await expect(presenting).rejects.toMatchObject({ code });
  });
});

describe('a withdrawal', () => {
  const w = withdrawSecretOf(fieldOf('a withdrawal key'), 1n);

  test('refuses the consent, and ends what was presented before', async () => {
    // A schema of its own: what is withdrawn stays withdrawn.
    const own = await server.open('hillside-hospital');
    await knowStudies(own);
    const gate = gateAt(own, shown.root);
    await gate.presentConsents(shown.input);
    await publish(own, [fieldOf('another secret').toString()]);
    expect((await gate.open(shown.session)).permits).toHaveLength(1);

    expect(handleOf(w)).toBe(signal(shown, HANDLE));
    await publish(own, [w.toString()]);
    expect((await gate.open(shown.session)).presented).toBe(false);
    const { refused } = await gate.presentConsents(shown.input);
    expect(refused.map(({ code }) => code)).toEqual(['CONSENT_WITHDRAWN']);
  });
});

const refuse = (code: ErrorCode) => (): never => {
  throw new DomainError(code);
};

describe('opening', () => {
  beforeEach(async () => {
    await gateAt(db, shown.root).presentConsents(shown.input);
    statements.splice(0);
  });

  test('takes two SQL statements at first, then one: whether anything changed', async () => {
    const gate = gateAt(db, shown.root);
    const asked = async () => {
      statements.splice(0);
      expect((await gate.open(shown.session)).presented).toBe(true);
      return statements.filter((text) => !text.toUpperCase().startsWith('SET ')).length;
    };
    expect([await asked(), await asked()]).toEqual([2, 1]);
  });

  test('asks nothing at all without a token', async () => {
    expect((await gateAt(db, shown.root).open({ holder: undefined })).presented).toBe(false);
    expect(statements).toEqual([]);
  });

  test("opens nothing for another holder's key", async () => {
    const { holder } = await makeSession();
    expect((await gateAt(db, shown.root).open({ holder })).presented).toBe(false);
  });

  const ended: readonly (readonly [string, Partial<GateOptions> & { readonly at?: number }])[] = [
    ['at its expiry', { at: now + 2 * DAY }],
    [
      'when its root ended with a suspension',
      { snapshot: () => snapshotOf({ root: 1n, anchoredAt: now }) },
    ],
    [
      'when its root was superseded too long ago',
      {
        snapshot: () =>
          snapshotOf(
            { root: shown.root, anchoredAt: now - 9 * DAY },
            { root: 1n, anchoredAt: now - 7 * DAY - 1 },
          ),
      },
    ],
  ];
  test.each(ended)('opens nothing %s, and does not say why', async (_when, given) => {
    const opened = await gateAt(db, shown.root, given).open(shown.session);
    expect(opened).toBeInstanceOf(PermitSet);
    expect([opened.presented, opened.permits, opened.partners]).toEqual([false, [], []]);
  });

  const undecided: readonly (readonly [ErrorCode, Partial<GateOptions>])[] = [
    ['FEED_GAP', { feed: { requireComplete: refuse('FEED_GAP') } }],
    ['FEED_FORKED', { feed: { requireComplete: refuse('FEED_FORKED') } }],
    ['LEDGER_UNAVAILABLE', { snapshot: refuse('LEDGER_UNAVAILABLE') }],
    ['LEDGER_MISMATCH', { snapshot: refuse('LEDGER_MISMATCH') }],
  ];
  test.each(undecided)(
    'never says nothing for what %s keeps it from deciding',
    async (code, given) => {
      const { holder } = shown.session;
      const opened = await gateAt(db, shown.root, given).open({ holder, gateway: 'gateway' });
      const refused = expect.objectContaining({ code, facts: {} });
      expect(() => opened.presented).toThrow(refused);
      expect(() => opened.permits).toThrow(refused);
      expect(() => opened.forStudy(toStudyId('NCT00000001'))).toThrow(refused);
      expect(() => opened.forPseudonyms([])).toThrow(refused);
      // Presenting and withdrawing go by these alone.
      expect([opened.holder, opened.gateway, opened.source]).toEqual([
        ...[holder, 'gateway', holder.thumbprint],
      ]);
      expect((await gateAt(db, shown.root, given).open({ holder: undefined })).presented).toBe(
        false,
      );
    },
  );

  test('a gap of a feed is nothing to who has shown nothing, or what has ended anyway', async () => {
    const feed = { requireComplete: refuse('FEED_GAP') };
    const { holder } = await makeSession();
    expect((await gateAt(db, shown.root, { feed }).open({ holder })).presented).toBe(false);
    const ended = gateAt(db, 1n, { feed });
    expect((await ended.open(shown.session)).presented).toBe(false);
  });

  test('opens until the second before its expiry', async () => {
    const opened = await gateAt(db, shown.root, { at: now + 2 * DAY - 1 }).open(shown.session);
    expect(opened.permits).toHaveLength(1);
  });

  test('remembers no decision: what ends between two questions is gone in the second', async () => {
    let nowSeconds = now;
    let snapshot = snapshotOf({ root: shown.root, anchoredAt: now });
    const gate = gateAt(db, shown.root, {
      clock: clockOf(() => unixMsFromSeconds(nowSeconds)),
      snapshot: () => snapshot,
    });
    const count = async () => (await gate.open(shown.session)).permits.length;
    expect([await count(), await count()]).toEqual([1, 1]);
    nowSeconds = now + 2 * DAY;
    expect(await count()).toBe(0);
    nowSeconds = now;
    expect(await count()).toBe(1);
    snapshot = snapshotOf({ root: 1n, anchoredAt: now });
    expect(await count()).toBe(0);
    snapshot = snapshotOf({ root: shown.root, anchoredAt: now });
    expect(await count()).toBe(1);
    await db.transaction((tx) => tx.execute('DELETE FROM presentation'));
    expect(await count()).toBe(0);
    await gate.presentConsents(shown.input);
    expect(await count()).toBe(1);
    statements.splice(0);
    expect(await count()).toBe(1);
    expect(statements.filter((text) => !text.toUpperCase().startsWith('SET '))).toHaveLength(1);
  });

  test('what changed is told by a few rows, however often something does', async () => {
    const count = () =>
      db.transaction(
        async (tx) =>
          rowsOf<{ n: number }>(await tx.execute('SELECT count(*)::int AS n FROM gate_change'))[0]
            ?.n ?? 0,
        'read',
      );
    for (let i = 0; i < 210; i++) {
      await db.transaction((tx) => tx.execute('DELETE FROM presentation WHERE false'));
    }
    expect(await count()).toBe(200);
    await db.transaction((tx) => tx.execute('DELETE FROM feed_entry WHERE false'));
    expect(await count()).toBe(200);
  });

  test('throws a fault of our own instead of taking it for a refusal', async () => {
    const snapshot = (): never => {
      throw new TypeError('a fault');
    };
    const opening = gateAt(db, shown.root, { snapshot }).open(shown.session);
    await expect(opening).rejects.toThrow(TypeError);
  });

  test('forgets presentations that ended once another is stored', async () => {
    const own = await server.open('lakeshore-hospital');
    const [row] = await db.transaction((tx) => tx.select().from(presentation));
    await knowStudies(own);
    await own.transaction((tx) =>
      tx
        .insert(presentation)
        .values({ ...(row as typeof presentation.$inferInsert), id: 'old', expires: now }),
    );
    await gateAt(own, shown.root).presentConsents(shown.input);
    const kept = await own.transaction((tx) =>
      tx.select({ id: presentation.id }).from(presentation),
    );
    expect(kept).toEqual([{ id: row?.id }]);
  });
});
