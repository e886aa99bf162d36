import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { eraseConsents, eraseOwnConsents } from '../../../src/consent/registration/erasure.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { prepareAnchor } from '../../../src/consent/shard/shard.js';
import { readSubtree } from '../../../src/consent/shard/subtree.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { consent, erasedMark, registerLeaf } from '../../../src/consent/tables/table-register.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { type FeedNetwork, openFeedNetwork } from '../../support/consent/feed-network.js';
import { knowStudy, linkedWallet, studyWallet } from '../../support/consent/study-wallet.js';
import { STUDY } from '../../support/names.js';

let network: FeedNetwork;
beforeAll(async () => {
  network = await openFeedNetwork('riverside-hospital');
  await knowStudy(feed());
});
afterAll(() => network.close());

const feed = () => network.feedOf('riverside-hospital');
const linked = () => linkedWallet(feed(), randomUUID());
const refused = (code: string) => expect.objectContaining({ code });
type Wallet = Awaited<ReturnType<typeof linked>>;
type Signed = ReturnType<Wallet['consent']>;
const handleIn = ({ fields }: Signed) => String(fields.handle);

/** Every row of every table that speaks of consents, as text. */
async function everythingKept(): Promise<string> {
  const rows = await feed().db.transaction(
    async (tx) => [
      await tx.select().from(consent),
      await tx.select().from(presentation),
      await tx.select().from(erasedMark),
    ],
    'read',
  );
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

/** A row as the gate stores it for a proof that it verified. */
async function present(of: Signed, statement: 'consent' | 'accreditation' = 'consent') {
  const { pseudonym, handle } = of.fields;
  const id = randomUUID();
  const row = {
    id,
    statement,
    holder: 'h',
    study: STUDY,
    nym: String(pseudonym),
    handle: String(handle),
    purpose: null,
    dataClasses: [],
    labels: [],
    duties: [],
    windowFrom: 0,
    windowUntil: 1,
    ...{
      role: null,
      party: '',
      root: '1',
      epoch: 1,
      keyHash: '',
      asOf: 0,
      expires: 1,
      presentedAt: 0,
    },
  };
  type Row = typeof presentation.$inferInsert;
  await feed().db.transaction((tx) => tx.insert(presentation).values(row as unknown as Row));
  return id;
}

const presented = (id: string) =>
  feed().db.transaction((tx) => tx.$count(presentation, eq(presentation.id, id)), 'read');

describe('an erased consent', () => {
  test('leaves neither plaintext nor salt nor signature, and no leaf after the next anchor', async () => {
    const signed = (await linked()).consent(1n, { policy: 987654321987654321n });
    const { index, leaf } = await registerConsent(feed(), signed);
    await (await prepareAnchor(feed().db)).commit();
    expect((await readSubtree(feed().db, 0)).leaves[index]).toBe(leaf);

    expect(await eraseConsents(feed(), [handleIn(signed)])).toBe(1);
    const kept = await everythingKept();
    const { fields, publicKey, signature } = signed;
    const secrets = [fields.salt, fields.pseudonym, fields.policy, fields.handle, publicKey.ax];
    for (const secret of [...secrets, signature.s, leaf])
      expect(kept).not.toContain(String(secret));
    await (await prepareAnchor(feed().db)).commit();
    expect((await readSubtree(feed().db, 0)).leaves[index]).toBe(EMPTY_LEAF);
    const [row] = await feed().db.transaction(
      (tx) => tx.select().from(registerLeaf).where(eq(registerLeaf.index, index)),
      'read',
    );
    expect(Buffer.from(row?.leaf ?? []).toString('hex')).toBe(
      EMPTY_LEAF.toString(16).padStart(64, '0'),
    );
  });

  test('that was not anchored yet is never under a root', async () => {
    const signed = (await linked()).consent(1n);
    const { index } = await registerConsent(feed(), signed);
    await eraseConsents(feed(), [handleIn(signed)]);
    await (await prepareAnchor(feed().db)).commit();
    expect((await readSubtree(feed().db, 0)).leaves[index]).toBe(EMPTY_LEAF);
  });

  test('ends what it had opened here, and nothing of anybody else', async () => {
    const [mine, other] = [(await linked()).consent(1n), (await linked()).consent(1n)];
    for (const signed of [mine, other]) await registerConsent(feed(), signed);
    const ids = [await present(mine), await present(other), await present(mine, 'accreditation')];
    await eraseConsents(feed(), [handleIn(mine)]);
    expect(await Promise.all(ids.map(presented))).toEqual([0, 1, 1]);
  });

  test('that nobody registered here is no change', async () => {
    const before = await everythingKept();
    expect(await eraseConsents(feed(), ['12345', '0'])).toBe(0);
    expect(await eraseConsents(feed(), [])).toBe(0);
    expect(await everythingKept()).toBe(before);
  });
});

describe('after an erasure', () => {
  async function eraseSecond(wallet: Wallet): Promise<void> {
    for (const serial of [1n, 2n]) await registerConsent(feed(), wallet.consent(serial));
    await eraseConsents(feed(), [handleIn(wallet.consent(2n))]);
  }

  test.each([1n, 2n])('the old paper of serial %s does not come back', async (serial) => {
    const wallet = await linked();
    await eraseSecond(wallet);
    const again = registerConsent(feed(), wallet.consent(serial));
    await expect(again).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
  });

  test('its handle does not come back under another requester', async () => {
    const wallet = await linked();
    await eraseSecond(wallet);
    const again = registerConsent(feed(), wallet.consent(2n, { requester: 78n }));
    await expect(again).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
  });

  test('a newer consent is registered, and so is one for another requester', async () => {
    const wallet = await linked();
    await eraseSecond(wallet);
    await registerConsent(feed(), wallet.consent(3n));
    await registerConsent(feed(), wallet.consent(4n, { requester: 78n }));
  });

  test('the places spent still count: nobody fills the shard by erasing', async () => {
    const wallet = await linked();
    await eraseSecond(wallet);
    const spent = { leaves: 255 };
    await feed().db.transaction((tx) => tx.update(erasedMark).set(spent));
    const more = registerConsent(feed(), wallet.consent(5n));
    await expect(more).rejects.toThrow(refused('RATE_LIMITED'));
  });
});

describe('a participant', () => {
  const keptHandles = async () => {
    const rows = await feed().db.transaction((tx) => tx.select().from(consent), 'read');
    return rows.map(({ handle }) => handle);
  };
  const withdrawn = async (signed: Signed) =>
    (await feed().db.transaction((tx) => isWithdrawn(tx, [handleIn(signed)]), 'read')).size === 1;
  const erase = (by: Wallet, secrets: readonly (bigint | string)[], at = 'riverside-hospital') =>
    eraseOwnConsents(feed(), by.erasure(at, secrets));

  test('erases by publishing w: no other node takes the consent either', async () => {
    const wallet = await linked();
    const signed = wallet.consent(1n);
    await registerConsent(feed(), signed);
    expect(await erase(wallet, [wallet.secretOf(1n)])).toBe(1);
    expect(await withdrawn(signed)).toBe(true);
    expect(await keptHandles()).not.toContain(handleIn(signed));
    expect(await erase(wallet, [wallet.secretOf(1n)])).toBe(0);
  });

  test('erases what was withdrawn before', async () => {
    const wallet = await linked();
    await registerConsent(feed(), wallet.consent(1n));
    await publishWithdrawals(feed(), [String(wallet.secretOf(1n))]);
    expect(await erase(wallet, [wallet.secretOf(1n)])).toBe(1);
  });

  test("cannot erase another's consent by its handle, which requesters know", async () => {
    const [victim, thief] = [await linked(), await linked()];
    const signed = victim.consent(1n);
    await registerConsent(feed(), signed);
    const erased = erase(thief, [handleIn(signed)]);
    await expect(erased).rejects.toThrow(expect.objectContaining({ code: 'PUZZLE_MISSING' }));
    expect(await keptHandles()).toContain(handleIn(signed));
    expect(await withdrawn(signed)).toBe(false);
  });

  test("cannot erase another's consent by its secret, which a withdrawal has published", async () => {
    const [victim, thief] = [await linked(), await linked()];
    const signed = victim.consent(1n);
    await registerConsent(feed(), signed);
    await publishWithdrawals(feed(), [String(victim.secretOf(1n))]);
    expect(await erase(thief, [victim.secretOf(1n)])).toBe(0);
    expect(await keptHandles()).toContain(handleIn(signed));
  });

  test.each([
    [
      'signed for another institution',
      (it: Wallet) => it.erasure('lakeshore-hospital', [it.secretOf(1n)]),
    ],
    [
      'signed for other secrets',
      (it: Wallet) => ({
        ...it.erasure('riverside-hospital', ['5']),
        secrets: [String(it.secretOf(1n))],
      }),
    ],
    [
      "with another's signature",
      (it: Wallet) => ({
        ...studyWallet().erasure('riverside-hospital', [it.secretOf(1n)]),
        publicKey: it.publicKey,
      }),
    ],
  ])('is refused an erasure %s, and nothing is withdrawn', async (_why, make) => {
    const wallet = await linked();
    const signed = wallet.consent(1n);
    await registerConsent(feed(), signed);
    const erased = eraseOwnConsents(feed(), make(wallet));
    await expect(erased).rejects.toThrow(refused('SIGNATURE_INVALID'));
    expect(await withdrawn(signed)).toBe(false);
    expect(await keptHandles()).toContain(handleIn(signed));
  });

  test('is refused a secret that is none', async () => {
    const wallet = await linked();
    const request = { ...wallet.erasure('riverside-hospital', ['1']), secrets: ['01'] };
    const erased = eraseOwnConsents(feed(), request);
    await expect(erased).rejects.toThrow(refused('SECRET_MALFORMED'));
  });
});
