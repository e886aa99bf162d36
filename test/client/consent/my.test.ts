import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listMine } from '../../../src/client/consent/my.js';
import { openWallet } from '../../../src/client/consent/wallet.js';
import { connectGateway, type Gateway } from '../../../src/client/gateway/gateway.js';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import { subtreeKeyAt } from '../../../src/consent/shard/subtree-key.js';
import { clockOf } from '../../../src/core/clock.js';
import { isoFromSeconds, unixMsFromSeconds } from '../../../src/core/time.js';
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
import { PATH_KEY } from '../../support/consent/link-key.js';
import { inDecimals } from '../../support/consent/my-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

/** A wallet that lists its own through a real gateway over two real nodes. */
const clock = clockOf(() => unixMsFromSeconds(now));
const wallet = await signingWallet(7, clock);
let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let gateway: Gateway;
let session: Session;
let signed: SignedConsent;

beforeAll(async () => {
  network = await startSmallNetwork(1n, wallet.pseudonym);
  gateway = await connectGateway({ url: network.url, fetch });
  session = await newSession();
  signed = (await wallet.signConsent(plaintext)).signed;
  await register(signed);
});
afterAll(() => network.stop());

async function register({ fields, publicKey, signature }: SignedConsent): Promise<void> {
  const { requester, policy, serial, handle, salt } = fields;
  const { purposes, dataClasses, labels, duties, validity, dataWindow } = plaintext;
  const inDates = ({ from, until }: { from: number; until: number }) => ({
    from: isoFromSeconds(from),
    until: isoFromSeconds(until),
  });
  const { data } = await gateway.send({
    document: `mutation ($institution: ID!, $consent: SignedConsentInput!) {
      registerConsent(institution: $institution, consent: $consent) { __typename } }`,
    variables: {
      institution: RIVERSIDE,
      consent: {
        study: studyName.id,
        purposes,
        dataClasses,
        labels,
        duties,
        ...inDecimals({ requester, policy, serial, handle, salt }),
        validity: inDates(validity),
        dataWindow: inDates(dataWindow),
        publicKey: inDecimals(publicKey),
        signature: inDecimals(signature),
      },
    },
  });
  expect(data).toEqual({ registerConsent: { __typename: 'ConsentReceipt' } });
}

const asked = { study: studyName, institutions: [RIVERSIDE, LAKESHORE] };

describe('listMine', () => {
  test('gives back what the wallet signed, where it stands, and what it lets through', async () => {
    const mine = await listMine(gateway, { wallet, session }, asked);
    expect(mine).toMatchObject({ complete: true, refused: [], disclosures: { nodes: [] } });
    const { fields } = signed;
    expect(mine.consents).toMatchObject([
      {
        institution: RIVERSIDE,
        serial: fields.serial,
        state: 'ACTIVE',
        custodian: null,
        ...inDecimals({ handle: fields.handle, requester: fields.requester }),
        subtreeKey: subtreeKeyAt(PATH_KEY, 1),
        purposes: plaintext.purposes,
        dataClasses: plaintext.dataClasses,
        validity: plaintext.validity,
        dataWindow: plaintext.dataWindow,
        duties: ['IRB'],
      },
    ]);
    expect(mine.consents[0]?.explanation.length).toBeGreaterThan(5);
  });

  test('with a wallet whose clock is wrong says which institution refused, and why', async () => {
    const late = openWallet(seedOf(7), { clock: clockOf(() => unixMsFromSeconds(now - 3_600)) });
    const by = { wallet: late.forStudy(studyName), session };
    const mine = await listMine(gateway, by, asked);
    expect(mine).toMatchObject({
      complete: false,
      consents: [],
      refused: [
        { index: 1, code: 'SIGNATURE_TOO_OLD' },
        { index: 0, code: 'SIGNATURE_TOO_OLD' },
      ],
    });
  });

  test("is refused with another session's token than it was signed for", async () => {
    const other = await newSession();
    // Mallory has the signatures of a request, and a session of her own.
    const stolen: Session = {
      ...session,
      signCredential: (claims) => other.signCredential(claims),
    };
    const mine = await listMine(gateway, { wallet, session: stolen }, asked);
    expect(mine.consents).toEqual([]);
    expect(mine.refused.map(({ code }) => code)).toEqual([
      'SIGNATURE_INVALID',
      'SIGNATURE_INVALID',
    ]);
  });

  test('is refused whole with more than a thousand rows a page', async () => {
    const many = listMine(gateway, { wallet, session }, { ...asked, first: 1_001 });
    await expect(many).rejects.toEqual(refusal('BAD_INPUT'));
  });

  test('does not take an answer about another', async () => {
    const mallory = openWallet(seedOf(8), { clock }).forStudy(studyName);
    const about = await listMine(gateway, { wallet: mallory, session }, asked);
    expect(about.consents).toEqual([]);
    // A gateway that asked in Mallory's name and answers Ana.
    const lying: Gateway = {
      ...gateway,
      send: async (request) => {
        const { data, errors } = await gateway.send(request);
        const my = { ...(data.my as object), pseudonym: String(mallory.pseudonym) };
        return { data: { my }, errors };
      },
    };
    await expect(listMine(lying, { wallet, session }, asked)).rejects.toEqual(
      refusal('SOURCE_FAILED'),
    );
  });
});
