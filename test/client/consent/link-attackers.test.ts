import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Desk,
  linkWallet,
  registerConsent,
} from '../../../src/client/consent/consent-cycle.js';
import { openWallet, type StudyWallet } from '../../../src/client/consent/wallet.js';
import { connectGateway, type Gateway } from '../../../src/client/gateway/gateway.js';
import { issueLinkCode } from '../../../src/consent/registration/link.js';
import {
  confirmLink,
  type LinkSession,
  pendingWords,
  refuseLinks,
} from '../../../src/consent/registration/link-confirm.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import { toStudyId } from '../../../src/core/ids.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { dishonestGateway, inDecimals, textsIn } from '../../support/client/dishonest-gateway.js';
import {
  plaintext,
  refusal,
  seedOf,
  signingWallet,
  studyName,
} from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { now } from '../../support/consent/gate-fixture.js';
import { linkable } from '../../support/consent/link-key.js';
import { RIVERSIDE } from '../../support/names.js';

const clock = clockOf(() => unixMsFromSeconds(now));
const thief = await signingWallet(32, clock);
const study = toStudyId(studyName.id);
const text = { ...plaintext, validity: { from: now - 60, until: now + 86_400 } };

let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let gateway: Gateway;
let desk: Desk;
beforeAll(async () => {
  network = await startSmallNetwork(1n, openWallet(seedOf(33)).forStudy(studyName).pseudonym);
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
const sessionOf = (patientId: string): LinkSession => ({ patientId, study, proxy: null });
const codeFor = (patientId: string) =>
  issueLinkCode(hospital(), { patientId, study, ttlSeconds: 600 });
const patientOf = async ({ pseudonym }: StudyWallet) => {
  const { db } = network.nodes.riverside;
  const rows = await db.transaction((tx) => tx.select().from(researchSubject), 'read');
  return rows.find((row) => row.pseudonym === String(pseudonym))?.patientId;
};
const registering = async (wallet: StudyWallet) =>
  registerConsent(desk, (await wallet.signConsent(text)).signed);

/** Takes each text that it carries for the code, and answers it with its own key. */
async function answerWithOwnKey(link: object, real: Gateway): Promise<readonly unknown[]> {
  const codes: unknown[] = [];
  for (const guess of textsIn(link)) {
    const signature = inDecimals(thief.signLink(RIVERSIDE, guess));
    const forged = { ...link, publicKey: inDecimals(thief.publicKey), signature };
    const variables = { institution: RIVERSIDE, link: forged };
    const document = `mutation Link($institution: ID!, $link: LinkInput!) {
      result: linkParticipant(institution: $institution, link: $link) {
        __typename ... on Refusals { refused { code } } } }`;
    const { data } = await real.send({ document, variables });
    codes.push((data.result as { refused?: [{ code: string }] }).refused?.[0].code ?? 'LINKED');
  }
  return codes;
}

test('link-by-gateway: a gateway that puts its own key in the place of the patient, and says that all is well', async () => {
  const ana = await signingWallet(31, clock);
  const code = await codeFor('patient-a');
  let refused: readonly unknown[] = [];
  const carrier = dishonestGateway(gateway, async ({ variables }, real) => {
    const link = variables?.link as object;
    expect(textsIn(link)).not.toContain(code);
    refused = await answerWithOwnKey(link, real);
    const done = { __typename: 'LinkReceipt', institution: { id: RIVERSIDE }, confirmed: true };
    const pseudonym = String(ana.pseudonym);
    return { data: { result: { ...done, pseudonym, proxyUntil: null } }, errors: [] };
  });
  await expect(linkWallet({ ...desk, gateway: carrier }, ana, code)).rejects.toThrow(
    refusal('RECEIPT_MISSING'),
  );
  expect(new Set(refused)).toEqual(new Set(['SIGNATURE_INVALID']));
  expect(await pendingWords(hospital(), sessionOf('patient-a'))).toEqual([]);
  await expect(registering(thief)).rejects.toThrow(refusal('PSEUDONYM_NOT_LINKED'));

  // The patient's own answer is taken all the same.
  const { words } = await linkWallet(desk, ana, code);
  await confirmLink(hospital(), sessionOf('patient-a'), words);
  await registering(ana);
  expect(await patientOf(ana)).toBe('patient-a');
});

test('link-overheard: whoever sees the code on the screen and answers it first registers nothing', async () => {
  const ana = await signingWallet(34, clock);
  const code = await codeFor('patient-b');
  await linkWallet(desk, thief, code);
  await expect(registering(thief)).rejects.toThrow(refusal('LINK_NOT_CONFIRMED'));
  await expect(linkWallet(desk, ana, code)).rejects.toThrow(refusal('LINK_CODE_INVALID'));

  // In her own session the patient reads words that her wallet does not show, and refuses them.
  expect(await pendingWords(hospital(), sessionOf('patient-b'))).toHaveLength(1);
  expect(await refuseLinks(hospital(), sessionOf('patient-b'))).toBe(1);
  await expect(registering(thief)).rejects.toThrow(refusal('PSEUDONYM_NOT_LINKED'));

  const { words } = await linkWallet(desk, ana, await codeFor('patient-b'));
  expect(await pendingWords(hospital(), sessionOf('patient-b'))).toEqual([words]);
  await confirmLink(hospital(), sessionOf('patient-b'), words);
  await registering(ana);
  expect([await patientOf(ana), await patientOf(thief)]).toEqual(['patient-b', undefined]);
});
