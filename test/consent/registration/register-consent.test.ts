import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elementFromBytes } from '../../../src/consent/base/element.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { consent, registerLeaf } from '../../../src/consent/tables/table-register.js';
import { institutionField, studyField } from '../../../src/zk/arithmetic/field.js';
import { consentLeaf } from '../../../src/zk/leaf.js';
import { serialOf } from '../../../src/zk/serial.js';
import { openHospital } from '../../support/consent/hospital.js';
import {
  knowStudy,
  linkedWallet,
  NETWORK,
  SPONSOR,
  studyWallet,
} from '../../support/consent/study-wallet.js';
import { STUDY } from '../../support/names.js';

const hospital = await openHospital();
const { context } = hospital;
const refused = (code: string) => expect.objectContaining({ code });
const linked = () => linkedWallet(context, randomUUID());
const leaves = () => context.db.transaction((tx) => tx.select().from(registerLeaf), 'read');

beforeAll(() => knowStudy(context));
afterAll(() => hospital.close());

describe('a signed consent', () => {
  test('is registered at the next free leaf, with its plaintext', async () => {
    const wallet = await linked();
    const signed = wallet.consent(1n, { institution: institutionField(context.institution) });
    const receipt = await registerConsent(context, signed);
    expect(receipt).toMatchObject({ study: STUDY, leaf: consentLeaf(signed.fields) });
    const rows = await context.db.transaction((tx) => tx.select().from(consent), 'read');
    expect(rows.find(({ index }) => index === receipt.index)).toMatchObject({
      pseudonym: String(wallet.pseudonym),
      requester: '77',
      serial: 1n,
      salt: String(signed.fields.salt),
      withdrawnAt: null,
    });
  });

  test('of a later serial, or for another requester, is registered beside it', async () => {
    const wallet = await linked();
    await registerConsent(context, wallet.consent(5n));
    await registerConsent(context, wallet.consent(6n));
    await registerConsent(context, wallet.consent(3n, { requester: 78n }));
    const indexes = (await leaves()).map(({ index }) => index);
    expect(new Set(indexes).size).toBe(indexes.length);
  });

  test('registered by many at once each get a leaf of their own', async () => {
    const wallets = await Promise.all([linked(), linked(), linked()]);
    const receipts = await Promise.all(
      wallets.map((wallet) => registerConsent(context, wallet.consent(1n))),
    );
    expect(new Set(receipts.map(({ index }) => index)).size).toBe(3);
  });
});

describe('many consents at once', () => {
  test('are each judged alone: those refused take no other with them', async () => {
    const wallets = await Promise.all([linked(), linked(), linked()]);
    const [first, second, third] = wallets.map((wallet) => wallet.consent(1n));
    const settled = await Promise.allSettled(
      [first, studyWallet().consent(1n), second, first, third].flatMap((signed) =>
        signed === undefined ? [] : [registerConsent(context, signed)],
      ),
    );
    expect(settled).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'PSEUDONYM_NOT_LINKED' } },
      { status: 'fulfilled' },
      { reason: { code: 'SERIAL_NOT_NEWER' } },
      { status: 'fulfilled' },
    ]);
    const rows = await context.db.transaction((tx) => tx.select().from(consent), 'read');
    const pseudonyms = wallets.map(({ pseudonym }) => String(pseudonym));
    const own = rows.filter((row) => pseudonyms.includes(row.pseudonym));
    const held = new Map(
      (await leaves()).map(({ index, leaf }) => [index, elementFromBytes(leaf)]),
    );
    expect(own.map(({ index }) => String(held.get(index)))).toEqual(own.map(({ leaf }) => leaf));
    expect(own).toHaveLength(3);
  });

  test('of one participant are at most 256, also when they come together', async () => {
    const wallet = await linked();
    const signed = Array.from({ length: 258 }, (_, i) => wallet.consent(BigInt(i + 1)));
    const settled = await Promise.allSettled(signed.map((one) => registerConsent(context, one)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(256);
    expect(settled.slice(256)).toMatchObject([
      { reason: { code: 'RATE_LIMITED' } },
      { reason: { code: 'RATE_LIMITED' } },
    ]);
  });
});

describe('a consent is refused', () => {
  const unlinked = studyWallet();

  test('with the signature of another consent', async () => {
    const wallet = await linked();
    const { signature } = wallet.consent(1n);
    const forged = { ...wallet.consent(2n), signature };
    await expect(registerConsent(context, forged)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test("when another key signs for someone else's pseudonym", async () => {
    const victim = await linked();
    const forged = unlinked.consent(1n, { pseudonym: victim.pseudonym });
    await expect(registerConsent(context, forged)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test('whose scope a registering institution has widened', async () => {
    const signed = (await linked()).consent(1n);
    const widened = { ...signed, fields: { ...signed.fields, scope: signed.fields.scope | 2n } };
    await expect(registerConsent(context, widened)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test('of an older or the same serial, and takes no leaf', async () => {
    const wallet = await linked();
    await registerConsent(context, wallet.consent(5n));
    const before = (await leaves()).length;
    for (const serial of [4n, 5n]) {
      const old = registerConsent(context, wallet.consent(serial));
      await expect(old).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
    }
    expect(await leaves()).toHaveLength(before);
  });

  test('that uses the handle of another consent again', async () => {
    const wallet = await linked();
    const first = wallet.consent(1n);
    await registerConsent(context, first);
    const reused = wallet.consent(2n, { handle: first.fields.handle });
    await expect(registerConsent(context, reused)).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
  });

  test('of a pseudonym that no patient here is linked with', async () => {
    const stranger = registerConsent(context, unlinked.consent(1n));
    await expect(stranger).rejects.toThrow(refused('PSEUDONYM_NOT_LINKED'));
  });

  test.each([
    ['STUDY_UNKNOWN', { study: studyField(NETWORK, SPONSOR, 'NCT99999999') }],
    ['NOT_FOR_THIS_INSTITUTION', { institution: institutionField('lakeshore-hospital') }],
    ['CONSENT_EXPIRED', { validity: { from: 1n, until: 2n } }],
    ['PURPOSE_MISSING', { scope: 1n << 18n }],
    ['DATA_CLASS_MISSING', { scope: 1n << 3n }],
    ['CODE_UNKNOWN', { scope: (1n << 3n) | (1n << 18n) | (1n << 95n) }],
    ['CODE_UNKNOWN', { duties: 1n << 31n }],
    ['TIME_OUT_OF_RANGE', { dataWindow: { from: 0n, until: 1n << 63n } }],
    ['FIELD_OUT_OF_RANGE', { serial: 1n << 63n }],
  ] as const)('as %s for %o', async (code, changed) => {
    const signed = (await linked()).consent(1n, changed);
    await expect(registerConsent(context, signed)).rejects.toThrow(refused(code));
  });

  test('of a serial that is more than a day ahead: none signed before then would be newer', async () => {
    const wallet = await linked();
    const at = (ahead: number) =>
      serialOf({ seconds: context.clock.nowSeconds() + ahead, device: 1, counter: 0 });
    const ahead = registerConsent(context, wallet.consent(at(86_401)));
    await expect(ahead).rejects.toThrow(refused('SERIAL_FROM_FUTURE'));
    const last = registerConsent(context, wallet.consent((1n << 63n) - 1n));
    await expect(last).rejects.toThrow(refused('SERIAL_FROM_FUTURE'));
    await registerConsent(context, wallet.consent(at(0)));
    await registerConsent(context, wallet.consent(at(86_400)));
  });
});
