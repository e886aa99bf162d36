import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import {
  amendConsent,
  registerConsent,
} from '../../../src/consent/registration/register-consent.js';
import { prepareAnchor } from '../../../src/consent/shard/shard.js';
import { readSubtree } from '../../../src/consent/shard/subtree.js';
import { consent } from '../../../src/consent/tables/table-register.js';
import { institutionField } from '../../../src/zk/arithmetic/field.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { type FeedNetwork, openFeedNetwork } from '../../support/consent/feed-network.js';
import {
  knowStudy,
  linkedWallet,
  linkWallet,
  type StudyWallet,
} from '../../support/consent/study-wallet.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

let network: FeedNetwork;
beforeAll(async () => {
  network = await openFeedNetwork(RIVERSIDE, LAKESHORE);
  await Promise.all([RIVERSIDE, LAKESHORE].map((id) => knowStudy(network.feedOf(id))));
});
afterAll(() => network.close());

const here = () => network.feedOf(RIVERSIDE);
const there = () => network.feedOf(LAKESHORE);
const refused = (code: string) => expect.objectContaining({ code });
const secretsOf = (wallet: StudyWallet, ...serials: bigint[]) =>
  serials.map((serial) => String(wallet.secretOf(serial)));
const linked = () => linkedWallet(here(), randomUUID());
const ended = async (wallet: StudyWallet, serial: bigint, feed = here()) => {
  const handle = String(wallet.consent(serial).fields.handle);
  return (await feed.db.transaction((tx) => isWithdrawn(tx, [handle]), 'read')).size === 1;
};
const serialsKept = async (wallet: StudyWallet) => {
  const rows = await here().db.transaction((tx) => tx.select().from(consent), 'read');
  const own = rows.filter(({ pseudonym }) => pseudonym === String(wallet.pseudonym));
  const told = own.map(({ serial, withdrawnAt }) => [serial, withdrawnAt !== null] as const);
  return told.sort(([one], [other]) => Number(one - other));
};

describe('amending', () => {
  test('registers the new consent and withdraws the old one, at once here', async () => {
    const wallet = await linked();
    const old = await registerConsent(here(), wallet.consent(1n));
    const heard: string[] = [];
    const feed = { ...here(), onWithdrawn: (all: readonly string[]) => void heard.push(...all) };
    const { index, leaf } = await amendConsent(feed, wallet.consent(2n), secretsOf(wallet, 1n));
    expect(await serialsKept(wallet)).toEqual([
      [1n, true],
      [2n, false],
    ]);
    expect(heard).toEqual([String(wallet.consent(1n).fields.handle)]);
    await (await prepareAnchor(here().db)).commit();
    const { leaves } = await readSubtree(here().db, 0);
    expect([leaves[old.index], leaves[index]]).toEqual([EMPTY_LEAF, leaf]);
  });

  test('ends the old one at the others too, as their copy of the feed comes', async () => {
    const wallet = await linkedWallet(there(), randomUUID());
    await registerConsent(there(), wallet.consent(1n));
    await linkWallet(here(), wallet, randomUUID());
    await amendConsent(here(), wallet.consent(2n), secretsOf(wallet, 1n));
    expect(await ended(wallet, 1n, there())).toBe(false);
    await network.anchor(RIVERSIDE);
    await syncFeeds(there(), network.peers);
    expect(await ended(wallet, 1n, there())).toBe(true);
  });

  test.each([
    ['an older serial', 'SERIAL_NOT_NEWER', (it: StudyWallet) => it.consent(4n)],
    ['the same serial', 'CONSENT_WITHDRAWN', (it: StudyWallet) => it.consent(5n)],
    [
      'a consent that is over',
      'CONSENT_EXPIRED',
      (it: StudyWallet) => it.consent(6n, { validity: { from: 1n, until: 2n } }),
    ],
    [
      'a consent for another institution',
      'NOT_FOR_THIS_INSTITUTION',
      (it: StudyWallet) => it.consent(6n, { institution: institutionField(LAKESHORE) }),
    ],
    [
      'another signature',
      'SIGNATURE_INVALID',
      (it: StudyWallet) => ({ ...it.consent(6n), signature: it.consent(7n).signature }),
    ],
  ])('by %s is refused, and withdraws nothing', async (_what, code, make) => {
    const wallet = await linked();
    await registerConsent(here(), wallet.consent(5n));
    const amended = amendConsent(here(), make(wallet), secretsOf(wallet, 5n));
    await expect(amended).rejects.toThrow(refused(code));
    expect(await ended(wallet, 5n)).toBe(false);
    expect(await serialsKept(wallet)).toEqual([[5n, false]]);
  });

  test.each([
    [
      'a secret that is none',
      'SECRET_MALFORMED',
      (it: StudyWallet) => [...secretsOf(it, 1n), '007'],
    ],
    [
      "the new consent's own secret",
      'CONSENT_WITHDRAWN',
      (it: StudyWallet) => secretsOf(it, 1n, 2n),
    ],
    [
      'more secrets than a call takes',
      'INPUT_TOO_LARGE',
      (it: StudyWallet) => [
        ...secretsOf(it, 1n),
        ...Array.from({ length: 1_000 }, (_, i) => String(i)),
      ],
    ],
  ])('with %s is refused, and registers nothing', async (_what, code, make) => {
    const wallet = await linked();
    await registerConsent(here(), wallet.consent(1n));
    const amended = amendConsent(here(), wallet.consent(2n), make(wallet));
    await expect(amended).rejects.toThrow(refused(code));
    expect(await serialsKept(wallet)).toEqual([[1n, false]]);
    expect(await ended(wallet, 1n)).toBe(false);
  });

  test('again with the same paper is refused, and the new consent stands', async () => {
    const wallet = await linked();
    await registerConsent(here(), wallet.consent(1n));
    await amendConsent(here(), wallet.consent(2n), secretsOf(wallet, 1n));
    const again = amendConsent(here(), wallet.consent(2n), secretsOf(wallet, 1n));
    await expect(again).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
    expect(await ended(wallet, 2n)).toBe(false);
  });

  test('twice at once with two papers leaves one chain: the newest, or a refusal', async () => {
    const wallet = await linked();
    await registerConsent(here(), wallet.consent(1n));
    const settled = await Promise.allSettled([
      amendConsent(here(), wallet.consent(2n), secretsOf(wallet, 1n)),
      amendConsent(here(), wallet.consent(3n), secretsOf(wallet, 1n, 2n)),
      registerConsent(here(), wallet.consent(4n)),
      publishWithdrawals(here(), secretsOf(wallet, 9n)),
    ]);
    for (const one of settled) {
      if (one.status === 'rejected') {
        expect(['SERIAL_NOT_NEWER', 'CONSENT_WITHDRAWN']).toContain(one.reason.code);
      }
    }
    expect(await ended(wallet, 1n)).toBe(true);
    expect(await serialsKept(wallet)).toContainEqual([4n, false]);
  });
});

describe('a paper from the drawer, signed and never registered', () => {
  test('is refused for its serial where the newer one stands', async () => {
    const wallet = await linked();
    const drawer = wallet.consent(1n);
    await amendConsent(here(), wallet.consent(2n), []);
    await expect(registerConsent(here(), drawer)).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
  });

  test('is refused as withdrawn anywhere, because its secret was published', async () => {
    const wallet = await linkedWallet(there(), randomUUID());
    await linkWallet(here(), wallet, randomUUID());
    const drawer = wallet.consent(1n);
    await amendConsent(here(), wallet.consent(2n), secretsOf(wallet, 1n));
    await network.anchor(RIVERSIDE);
    await syncFeeds(there(), network.peers);
    await expect(registerConsent(there(), drawer)).rejects.toThrow(refused('CONSENT_WITHDRAWN'));
  });

  test('for another requester is another matter: it was not replaced', async () => {
    const wallet = await linked();
    await amendConsent(here(), wallet.consent(2n), []);
    await registerConsent(here(), wallet.consent(1n, { requester: 78n }));
  });
});
