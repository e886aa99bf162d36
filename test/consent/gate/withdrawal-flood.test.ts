import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { holdWithdrawals } from '../../../src/consent/feed/held.js';
import { acceptOffer, offerHeld } from '../../../src/consent/feed/offer.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import type { ShownConsent } from '../../../src/consent/feed/shown.js';
import { SourceLimit } from '../../../src/consent/feed/source-limit.js';
import { isPublished, isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { takeWithdrawals, type WithdrawalRequest } from '../../../src/consent/feed/withdraw.js';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { withdrawalHeld } from '../../../src/consent/tables/table-held.js';
import { consent as consentTable } from '../../../src/consent/tables/table-register.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { solvePuzzle } from '../../../src/core/signed/puzzle.js';
import { randomField } from '../../../src/zk/arithmetic/field.js';
import { consentLeaf, handleOf } from '../../../src/zk/leaf.js';
import { networkRootOf, SHARD_LEVELS, TOP_LEVELS } from '../../../src/zk/tree.js';
import { FEED_TABLES, openFeedNetwork } from '../../support/consent/feed-network.js';
import { knowStudy, linkedWallet, studyWallet } from '../../support/consent/study-wallet.js';
import { at } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const NORTHWIND = toInstitutionId('northwind-trials');
const HELIX = toInstitutionId('helix-pharma');

/** A few hundred hashes, so that a test can pay for six hundred strangers. */
const BITS = 4;
const DAY = 86_400;
const STRANGERS = { puzzleBits: BITS, heldSeconds: 30 * DAY };
const roots = new Set<bigint>();
const terms = { strangers: STRANGERS, acceptsRoot: (root: bigint) => roots.has(root) };

const network = await openFeedNetwork(RIVERSIDE, LAKESHORE, NORTHWIND, HELIX);
const listed = structuredClone(network.institutions);
afterAll(() => network.close());
beforeEach(async () => {
  network.silent.clear();
  roots.clear();
  network.institutions.splice(0, listed.length, ...listed);
  for (const id of network.ids) {
    await feedOf(id).db.transaction(async (tx) => {
      for (const table of FEED_TABLES) await tx.delete(table);
    });
    await network.open(id, undefined, terms);
  }
});

const feedOf = (id: string) => network.feedOf(id);
const randomSecrets = (count: number) => Array.from({ length: count }, () => String(randomField()));
const take = async (id: string, request: WithdrawalRequest) =>
  (await takeWithdrawals(feedOf(id), request)).refused;
const sync = (id: string) => syncFeeds(feedOf(id), network.peers);
const offer = (id: string) => offerHeld(feedOf(id), network.peers);

async function paid(id: string, secrets: readonly string[], bits = BITS) {
  const at = feedOf(id).clock.nowSeconds();
  return { secrets, puzzle: await solvePuzzle({ institution: id, secrets, at }, bits) };
}

async function endedAt(id: string, w: string): Promise<boolean> {
  const handle = String(handleOf(BigInt(w)));
  return (await feedOf(id).db.transaction((tx) => isWithdrawn(tx, [handle]), 'read')).has(handle);
}

async function publishedAt(id: string, w: string): Promise<boolean> {
  const handle = String(handleOf(BigInt(w)));
  return (await feedOf(id).db.transaction((tx) => isPublished(tx, [handle]), 'read')).has(handle);
}

async function stored(id: string) {
  const held = await feedOf(id).db.transaction((tx) => tx.select().from(withdrawalHeld), 'read');
  return { held: held.length, feed: feedOf(id).known.get(id as typeof RIVERSIDE)?.seq ?? 0 };
}

/** A consent that stands in some shard, under a root of the ledger. */
function registeredElsewhere() {
  const wallet = studyWallet();
  const { fields } = wallet.consent(1n);
  const path = {
    shardSiblings: Array.from({ length: SHARD_LEVELS }, randomField),
    index: 77,
    issuerLeaf: randomField(),
    slot: 5,
    topSiblings: Array.from({ length: TOP_LEVELS }, randomField),
  };
  roots.add(networkRootOf(consentLeaf(fields), path));
  return { w: String(wallet.secretOf(1n)), shown: { fields, path } satisfies ShownConsent };
}

describe('withdrawal-flood: 600 random secrets a minute at each institution', () => {
  test('withdrawal-flood: are refused without work, and nothing of them is stored', async () => {
    for (const id of network.ids) {
      const refused = await take(id, { secrets: randomSecrets(600) });
      expect(refused).toHaveLength(600);
      expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['PUZZLE_MISSING']));
      expect(await stored(id)).toEqual({ held: 0, feed: 0 });
    }
  });

  test('withdrawal-flood: with work, hold up no patient who shows the consent', async () => {
    for (const id of network.ids) {
      expect(await take(id, await paid(id, randomSecrets(600)))).toEqual([]);
    }
    const { w, shown } = registeredElsewhere();
    expect(await take(LAKESHORE, { secrets: [w], shown: [shown] })).toEqual([]);
    expect(await stored(LAKESHORE)).toEqual({ held: 600, feed: 1 });
    for (const id of [RIVERSIDE, NORTHWIND, HELIX]) {
      await sync(id);
      expect(await publishedAt(id, w)).toBe(true);
    }
  });

  test('withdrawal-flood: nor one who shows nothing: a little more work, and it ends everywhere', async () => {
    for (const id of network.ids) await take(id, await paid(id, randomSecrets(600)));
    const w = String(randomField());
    const cheap = await take(LAKESHORE, await paid(LAKESHORE, [w], 0));
    expect(cheap).toEqual([{ index: 0, code: 'PUZZLE_TOO_EASY' }]);
    expect(await take(LAKESHORE, await paid(LAKESHORE, [w], BITS + 1))).toEqual([]);
    expect(await endedAt(LAKESHORE, w)).toBe(true);
    for (let turn = 0; turn < 2; turn += 1) await offer(LAKESHORE);
    for (const id of network.ids) expect(await endedAt(id, w)).toBe(true);
  });

  test('withdrawal-flood: do not stay for ever, and never reach a feed', async () => {
    for (const id of network.ids) await take(id, await paid(id, randomSecrets(600)));
    for (const id of network.ids) for (let turn = 0; turn < 2; turn += 1) await offer(id);
    for (const id of network.ids) expect(await stored(id)).toEqual({ held: 2_400, feed: 0 });
    network.advance(30 * DAY * 1_000);
    for (const id of network.ids) await offer(id);
    for (const id of network.ids) expect(await stored(id)).toEqual({ held: 0, feed: 0 });
  });

  test('withdrawal-flood: take the place of nobody else: each institution has room of its own', async () => {
    const { db, clock } = feedOf(LAKESHORE);
    const now = clock.nowSeconds();
    const hold = (origin: typeof RIVERSIDE, at: number, ...secrets: string[]) =>
      db.transaction((tx) =>
        holdWithdrawals(
          tx,
          secrets.map((w) => ({ w, handle: String(handleOf(BigInt(w))) })),
          { origin, at, until: now + DAY, atMost: 3 },
        ),
      );
    await hold(NORTHWIND, now - 9, '1');
    for (let i = 0; i < 5; i += 1) await hold(HELIX, now - 5 + i, String(10 + i));
    const left = await Promise.all(
      ['1', '10', '11', '12', '13', '14'].map((w) => endedAt(LAKESHORE, w)),
    );
    expect(left).toEqual([true, false, false, true, true, true]);
  });

  test('withdrawal-flood: a source over its limit waits, and no other does', async () => {
    const bring = async (source: string | undefined, secrets: readonly string[]) =>
      take(RIVERSIDE, { ...(await paid(RIVERSIDE, secrets, BITS + 2)), source });
    const [first, ...unpaid] = [randomSecrets(600), randomSecrets(600), randomSecrets(600)];
    for (const secrets of unpaid) await take(RIVERSIDE, { secrets, source: 'gateway-a' });
    expect(await bring('gateway-a', first)).toEqual([]);
    expect(await bring('gateway-a', randomSecrets(600))).toEqual([]);
    const late = randomSecrets(1);
    expect(await bring('gateway-a', late)).toEqual([{ index: 0, code: 'RATE_LIMITED' }]);
    expect(await endedAt(RIVERSIDE, at(late, 0))).toBe(false);
    expect(await bring('gateway-b', late)).toEqual([]);
    expect(await bring(undefined, randomSecrets(1))).toEqual([]);
    const { w, shown } = registeredElsewhere();
    const patient = { secrets: [w], shown: [shown], source: 'gateway-a' };
    expect(await take(RIVERSIDE, patient)).toEqual([]);
    network.advance(61_000);
    expect(await bring('gateway-a', randomSecrets(1))).toEqual([]);
  });

  test('withdrawal-flood: the source of a request is the gateway that signed it', () => {
    expect(PermitSet.mint([], [], undefined, 'gateway-a').source).toBe('gateway-a');
    expect(PermitSet.mint([], []).source).toBeUndefined();
  });

  test('withdrawal-flood: many sources take no more memory than there is, the first goes', () => {
    const limit = new SourceLimit(2, 2);
    for (const source of ['a', 'b']) expect(limit.take(source, 2, 0)).toBe(true);
    expect([limit.take('a', 1, 59), limit.take('c', 3, 59)]).toEqual([false, false]);
    expect(limit.take('c', 1, 59)).toBe(true);
    expect([limit.take('b', 1, 59), limit.take('a', 1, 59)]).toEqual([false, true]);
    expect(limit.take('b', 2, 60)).toBe(true);
  });

  test('withdrawal-flood: the more of them, the more work each of them takes', async () => {
    for (let call = 0; call < 2; call += 1) {
      expect(await take(HELIX, await paid(HELIX, randomSecrets(600), BITS + 4))).toEqual([]);
    }
    const secrets = randomSecrets(1_000);
    const puzzle = await solvePuzzle(
      { institution: HELIX, secrets, at: feedOf(HELIX).clock.nowSeconds() },
      BITS,
    );
    const refused = await take(HELIX, { secrets, puzzle, source: 'another' });
    // 2,200 a minute: four times as much work as 600 take. By chance a solution may be better.
    expect([0, 1_000]).toContain(refused.length);
    network.advance(61_000);
    expect(await take(HELIX, await paid(HELIX, randomSecrets(600)))).toEqual([]);
  });
});

describe('a withdrawal at an institution that does not know the consent', () => {
  async function registeredAt(id: typeof RIVERSIDE) {
    const feed = feedOf(id);
    await knowStudy(feed);
    const wallet = await linkedWallet(feed, `patient-${Math.random()}`);
    const signed = wallet.consent(1n);
    await registerConsent(feed, signed);
    return { wallet, w: String(wallet.secretOf(1n)) };
  }

  test('is published for ever by the one that registered it, as soon as it hears', async () => {
    const { w } = await registeredAt(RIVERSIDE);
    network.silent.add(RIVERSIDE);
    await take(LAKESHORE, await paid(LAKESHORE, [w]));
    await offer(LAKESHORE);
    // Everybody refuses it although the one that knows it is away.
    for (const id of [LAKESHORE, NORTHWIND, HELIX]) expect(await endedAt(id, w)).toBe(true);
    network.silent.clear();
    network.advance(16_000);
    await offer(LAKESHORE);
    expect(await stored(RIVERSIDE)).toEqual({ held: 0, feed: 1 });
    for (const id of [LAKESHORE, NORTHWIND, HELIX]) {
      await sync(id);
      expect(await publishedAt(id, w)).toBe(true);
      expect((await stored(id)).held).toBe(0);
    }
    const [row] = await feedOf(RIVERSIDE).db.transaction(
      (tx) => tx.select().from(consentTable).where(undefined),
      'read',
    );
    expect(row?.withdrawnAt).not.toBeNull();
  });

  test('keeps its paper from being registered later', async () => {
    const feed = feedOf(HELIX);
    await knowStudy(feed);
    const wallet = await linkedWallet(feed, 'patient-late');
    const w = String(wallet.secretOf(1n));
    await take(LAKESHORE, await paid(LAKESHORE, [w]));
    await offer(LAKESHORE);
    const late = registerConsent(feed, wallet.consent(1n));
    await expect(late).rejects.toThrow(expect.objectContaining({ code: 'CONSENT_WITHDRAWN' }));
  });

  test('is no change once it stands in any feed, and takes no work then', async () => {
    await publishWithdrawals(feedOf(NORTHWIND), ['4711']);
    await sync(LAKESHORE);
    expect(await take(LAKESHORE, { secrets: ['4711'] })).toEqual([]);
    expect(await stored(LAKESHORE)).toEqual({ held: 0, feed: 0 });
  });

  test('tells by their places what is malformed, known and strange', async () => {
    const { w } = await registeredAt(LAKESHORE);
    const refused = await take(LAKESHORE, { secrets: ['01', w, '5', w, 'x', '5'] });
    expect(refused).toEqual([
      { index: 0, code: 'SECRET_MALFORMED' },
      { index: 2, code: 'PUZZLE_MISSING' },
      { index: 4, code: 'SECRET_MALFORMED' },
      { index: 5, code: 'PUZZLE_MISSING' },
    ]);
    expect(await publishedAt(LAKESHORE, w)).toBe(true);
    const many = take(LAKESHORE, { secrets: randomSecrets(1_001) });
    await expect(many).rejects.toThrow(expect.objectContaining({ code: 'INPUT_TOO_LARGE' }));
  });
});

describe('a consent shown with its withdrawal', () => {
  test('counts for its own secret alone', async () => {
    const [one, other] = [registeredElsewhere(), registeredElsewhere()];
    const refused = await take(LAKESHORE, { secrets: [one.w, other.w], shown: [other.shown] });
    expect(refused).toEqual([{ index: 0, code: 'PUZZLE_MISSING' }]);
    expect(await publishedAt(LAKESHORE, other.w)).toBe(true);
  });

  test.each<[string, (shown: ShownConsent) => ShownConsent]>([
    ['with another handle', ({ fields, path }) => ({ path, fields: { ...fields, handle: 9n } })],
    ['with another salt', ({ fields, path }) => ({ path, fields: { ...fields, salt: 9n } })],
    ['at another place', ({ fields, path }) => ({ fields, path: { ...path, index: 78 } })],
    ['in another slot', ({ fields, path }) => ({ fields, path: { ...path, slot: 6 } })],
    ['that anybody signed', ({ path }) => ({ path, fields: studyWallet().consent(1n).fields })],
  ])('%s is not in the register: PATH_INVALID', async (_, change) => {
    const { w, shown } = registeredElsewhere();
    const taken = take(LAKESHORE, { secrets: [w], shown: [change(shown)] });
    await expect(taken).rejects.toThrow(expect.objectContaining({ code: 'PATH_INVALID' }));
    expect(await endedAt(LAKESHORE, w)).toBe(false);
  });

  test('is none if its root has ended, and many are too many', async () => {
    const { w, shown } = registeredElsewhere();
    roots.clear();
    const ended = take(LAKESHORE, { secrets: [w], shown: [shown] });
    await expect(ended).rejects.toThrow(expect.objectContaining({ code: 'PATH_INVALID' }));
    const many = take(LAKESHORE, { secrets: [w], shown: Array.from({ length: 33 }, () => shown) });
    await expect(many).rejects.toThrow(expect.objectContaining({ code: 'INPUT_TOO_LARGE' }));
  });
});

describe('what one institution holds, another takes', () => {
  async function genuine(to = LAKESHORE) {
    await take(NORTHWIND, await paid(NORTHWIND, [to === LAKESHORE ? '31' : '33']));
    const offers: unknown[] = [];
    const offerHere = async (id: string, one: unknown) => void (id === to && offers.push(one));
    await offerHeld(feedOf(NORTHWIND), { ...network.peers, offerHeld: offerHere });
    return at(offers, 0) as Record<string, unknown>;
  }

  test('from an active institution that signed for it, for this one, now', async () => {
    await acceptOffer(feedOf(LAKESHORE), await genuine());
    expect(await endedAt(LAKESHORE, '31')).toBe(true);
  });

  test.each<[string, (offer: Record<string, unknown>) => Promise<unknown>, string]>([
    ['with other secrets', async (one) => ({ ...one, secrets: ['32'] }), 'SIGNATURE_INVALID'],
    [
      'in the name of another',
      async (one) => ({ ...one, institution: HELIX }),
      'SIGNATURE_INVALID',
    ],
    ['made for another', () => genuine(HELIX), 'SIGNATURE_INVALID'],
    ['of nobody', async (one) => ({ ...one, institution: 'nobody' }), 'INSTITUTION_UNKNOWN'],
    ['of itself', async (one) => ({ ...one, institution: LAKESHORE }), 'INSTITUTION_UNKNOWN'],
    ['of no shape', async () => [], 'BAD_INPUT'],
    ['with nothing', async (one) => ({ ...one, secrets: [] }), 'BAD_INPUT'],
  ])('%s it does not', async (_, change, code) => {
    const changed = await change(await genuine());
    const taken = acceptOffer(feedOf(LAKESHORE), changed);
    await expect(taken).rejects.toThrow(expect.objectContaining({ code }));
    expect((await stored(LAKESHORE)).held).toBe(0);
  });

  test('nor two minutes later, nor of one that was suspended', async () => {
    const wire = await genuine();
    network.advance(61_000);
    const late = acceptOffer(feedOf(LAKESHORE), wire);
    await expect(late).rejects.toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    network.institutions[2] = { ...at(network.institutions, 2), status: 'SUSPENDED' };
    const suspended = acceptOffer(feedOf(LAKESHORE), wire);
    await expect(suspended).rejects.toThrow(
      expect.objectContaining({ code: 'INSTITUTION_UNKNOWN' }),
    );
  });
});
