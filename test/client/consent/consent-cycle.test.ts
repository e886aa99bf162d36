import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  amendConsent,
  type Desk,
  eraseConsents,
  linkWallet,
  registerConsent,
} from '../../../src/client/consent/consent-cycle.js';
import { openWallet } from '../../../src/client/consent/wallet.js';
import { withdrawConsents } from '../../../src/client/consent/withdraw.js';
import { connectGateway, type Gateway } from '../../../src/client/gateway/gateway.js';
import type { PatientProxy } from '../../../src/consent/base/proxy.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { issueLinkCode } from '../../../src/consent/registration/link.js';
import { confirmLink, pendingWords } from '../../../src/consent/registration/link-confirm.js';
import { subtreeKeyAt } from '../../../src/consent/shard/subtree-key.js';
import { consent } from '../../../src/consent/tables/table-register.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import { toStudyId } from '../../../src/core/ids.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { institutionField } from '../../../src/zk/arithmetic/field.js';
import { consentLeaf } from '../../../src/zk/leaf.js';
import type { SignedConsent } from '../../../src/zk/signed-consent.js';
import {
  plaintext,
  refusal,
  seedOf,
  signingWallet,
  studyName,
} from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { now } from '../../support/consent/gate-fixture.js';
import { linkable, PATH_KEY } from '../../support/consent/link-key.js';
import { HILLSIDE, LAKESHORE, RIVERSIDE } from '../../support/names.js';

const validity = { from: now - 60, until: now + 86_400 };
const clock = clockOf(() => unixMsFromSeconds(now));
const ana = await signingWallet(21, clock);
const mallory = await signingWallet(22, clock);
const text = { ...plaintext, validity };

let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let gateway: Gateway;
let desk: Desk;
beforeAll(async () => {
  network = await startSmallNetwork(1n, openWallet(seedOf(23)).forStudy(studyName).pseudonym);
  gateway = await connectGateway({ url: network.url, fetch });
  const { ledger } = network;
  desk = { gateway, institution: RIVERSIDE, study: studyName, ledger };
});
afterAll(() => network.stop());

const hospital = () =>
  linkable({
    db: network.nodes.riverside.db,
    institution: RIVERSIDE,
    clock: { ...systemClock, nowSeconds: () => now },
  });
const codeFor = (patientId: string, proxy: PatientProxy | null = null) =>
  issueLinkCode(hospital(), { patientId, study: toStudyId(studyName.id), ttlSeconds: 600, proxy });
/** What the session shows, before the patient has confirmed what the wallet shows. */
async function confirm(patientId: string, words: string, proxy: 'PRN' | null = null) {
  const session = { patientId, study: toStudyId(studyName.id), proxy };
  const shown = await pendingWords(hospital(), session);
  await confirmLink(hospital(), session, words);
  return shown;
}
const isEnded = async ({ fields }: SignedConsent, at: 'riverside' | 'lakeshore' = 'riverside') => {
  const { db } = network.nodes[at];
  const ended = await db.transaction((tx) => isWithdrawn(tx, [String(fields.handle)]), 'read');
  return ended.size === 1;
};
const keptSerials = async () => {
  const { db } = network.nodes.riverside;
  const rows = await db.transaction((tx) => tx.select().from(consent), 'read');
  return rows.map(({ serial }) => serial).sort();
};

/** In order: each step is what the one before it left. */
describe("a wallet's dealings with one institution", () => {
  let first: Awaited<ReturnType<typeof ana.signConsent>>;
  let second: Awaited<ReturnType<typeof ana.signConsent>>;

  test('begin with the code that was shown; without it nothing is registered', async () => {
    first = await ana.signConsent(text);
    await expect(registerConsent(desk, first.signed)).rejects.toThrow(
      refusal('PSEUDONYM_NOT_LINKED'),
    );
    const code = await codeFor('patient-ana');
    const { words, ...answer } = await linkWallet(desk, ana, code);
    expect(answer).toMatchObject({ proxyUntil: null, confirmed: false });
    await expect(registerConsent(desk, first.signed)).rejects.toThrow(
      refusal('LINK_NOT_CONFIRMED'),
    );
    expect(await confirm('patient-ana', words)).toEqual([words]);
    expect(await linkWallet(desk, ana, code)).toMatchObject({ confirmed: true });
    await expect(linkWallet(desk, mallory, code)).rejects.toThrow(refusal('LINK_CODE_INVALID'));
  });

  test('register what was signed, and give back what its requester needs', async () => {
    const { consent: registered, receipt } = await registerConsent(desk, first.signed);
    const subtreeKey = subtreeKeyAt(PATH_KEY, 1);
    expect(registered).toEqual({ ...first.signed, institution: RIVERSIDE, index: 1, subtreeKey });
    expect(receipt.body).toMatchObject({
      institution: RIVERSIDE,
      act: 'REGISTER',
      at: now,
      anchorBy: now + 150,
      request: { leaf: String(consentLeaf(first.signed.fields)) },
    });
  });

  test('amend it in one act', async () => {
    second = await ana.signConsent({ ...text, dataClasses: ['CONDITION'] });
    const stolen = { ...second.signed, publicKey: mallory.publicKey };
    await expect(amendConsent(desk, stolen, second.supersededSecrets)).rejects.toThrow(
      refusal('SIGNATURE_INVALID'),
    );
    expect(await isEnded(first.signed)).toBe(false);
    const amended = await amendConsent(desk, second.signed, second.supersededSecrets);
    expect(amended.consent.index).toBe(2);
    expect([await isEnded(first.signed), await isEnded(second.signed)]).toEqual([true, false]);
  });

  test('leave no drawer: a paper signed before and kept back is refused', async () => {
    const drawer = await ana.signConsent(text);
    const next = await ana.signConsent(text);
    const secrets = next.supersededSecrets;
    await amendConsent(desk, next.signed, secrets);
    await expect(registerConsent(desk, drawer.signed)).rejects.toThrow(refusal('SERIAL_NOT_NEWER'));
    await withdrawConsents(desk, secrets, { institutions: [LAKESHORE], copies: 1 });
    expect(await isEnded(drawer.signed, 'lakeshore')).toBe(true);
    second = next;
  });

  test('are refused for another custodian before anything is sent', async () => {
    const { fields } = second.signed;
    const institution = institutionField(LAKESHORE);
    const elsewhere = { ...second.signed, fields: { ...fields, institution } };
    await expect(registerConsent(desk, elsewhere)).rejects.toThrow(
      refusal('NOT_FOR_THIS_INSTITUTION'),
    );
  });

  test('at an institution that the network does not have are refused by name', async () => {
    const nowhere = { ...desk, institution: HILLSIDE };
    await expect(registerConsent(nowhere, second.signed)).rejects.toThrow(
      refusal('INSTITUTION_UNKNOWN'),
    );
  });

  test('end in erasure, by the wallet that signed and by no other', async () => {
    const { serial } = second.signed.fields;
    const secrets = [ana.withdrawSecret(serial), ana.withdrawSecret(first.signed.fields.serial)];
    expect((await eraseConsents(desk, mallory, secrets)).erased).toBe(0);
    expect(await keptSerials()).toContain(serial);
    expect((await eraseConsents(desk, ana, secrets)).erased).toBe(2);
    expect(await keptSerials()).not.toContain(serial);
    expect((await eraseConsents(desk, ana, secrets)).erased).toBe(0);
  });
});

describe("a proxy's wallet", () => {
  test('hears until when it may sign, and signs no longer', async () => {
    const child = await signingWallet(24, clock);
    const until = now + 3_600;
    const code = await codeFor('patient-child', { relationship: 'PRN', until });
    const { words, proxyUntil } = await linkWallet(desk, child, code);
    expect(proxyUntil).toBe(until);
    await confirm('patient-child', words, 'PRN');
    const sign = async (end: number) =>
      (await child.signConsent({ ...text, validity: { from: now - 60, until: end } })).signed;
    await expect(registerConsent(desk, await sign(until + 1))).rejects.toThrow(
      refusal('PAST_MAJORITY'),
    );
    await registerConsent(desk, await sign(until));
  });
});

describe('withdrawing', () => {
  const secret = (serial: bigint) => ana.withdrawSecret(serial);

  test('goes on to a second institution when the first does not take it', async () => {
    const options = { institutions: [HILLSIDE, LAKESHORE], copies: 1 };
    const { complete, outcomes } = await withdrawConsents(desk, [secret(71n)], options);
    expect(complete).toBe(true);
    expect(outcomes).toMatchObject([
      { institution: HILLSIDE, receipt: undefined, failure: 'INSTITUTION_UNKNOWN' },
      { institution: LAKESHORE, refused: [], failure: undefined },
    ]);
    expect(outcomes[1]?.receipt?.body).toMatchObject({ act: 'WITHDRAW', anchorBy: now + 150 });
  });

  test('publishes at two, against one that keeps it to itself', async () => {
    const { complete, outcomes } = await withdrawConsents(desk, [secret(72n)]);
    expect([complete, outcomes.map(({ institution }) => institution).sort()]).toEqual([
      true,
      [LAKESHORE, RIVERSIDE],
    ]);
  });

  test.each([
    [[HILLSIDE, HILLSIDE], 1],
    [[RIVERSIDE, RIVERSIDE], 2],
    [[RIVERSIDE, HILLSIDE], undefined],
  ])(
    'at %s says that it is not complete: one does not count as two',
    async (institutions, copies) => {
      const options = copies === undefined ? { institutions } : { institutions, copies };
      expect((await withdrawConsents(desk, [secret(73n)], options)).complete).toBe(false);
    },
  );
});
