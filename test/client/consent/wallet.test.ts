import { hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newWalletSeed, openWallet } from '../../../src/client/consent/wallet.js';
import { memoryBooks } from '../../../src/client/keys/serial-book.js';
import { fieldOf, institutionField, studyField } from '../../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, requireEddsa } from '../../../src/zk/eddsa.js';
import { consentLeaf, handleOf, linkMessage, listMessage } from '../../../src/zk/leaf.js';
import { serialParts } from '../../../src/zk/serial.js';
import {
  clock,
  nowSeconds,
  plaintext,
  refusal,
  seedOf,
  signingWallet,
  studyName,
} from '../../support/client/sample.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const wallet = () => openWallet(seedOf(7), { clock });
const study = () => wallet().forStudy(studyName);
const signing = () => signingWallet(7);

describe('the keys of a study', () => {
  test('come from the seed by HKDF-SHA-256, here computed by Node', () => {
    const { network, sponsor, id } = studyName;
    const info = `eddsa|${studyField(network, sponsor, id)}`;
    const seed = new Uint8Array(hkdfSync('sha256', seedOf(7), 'assent/wallet', info, 32));
    expect(study().publicKey).toEqual(eddsaPublicKey(seed));
  });

  test('are the same tomorrow, and others for another study or another seed', () => {
    const other = wallet().forStudy({ ...studyName, id: 'NCT90000002' });
    const stranger = openWallet(seedOf(8)).forStudy(studyName);
    expect(study().pseudonym).toBe(study().pseudonym);
    expect(new Set([study().pseudonym, other.pseudonym, stranger.pseudonym]).size).toBe(3);
    expect(study().withdrawSecret(1n)).not.toBe(other.withdrawSecret(1n));
  });

  test('begin with a seed of 32 random bytes', () => {
    expect(newWalletSeed()).toHaveLength(32);
    expect(newWalletSeed()).not.toEqual(newWalletSeed());
  });
});

describe('signConsent', () => {
  test('signs what was shown', async () => {
    const { signed, supersededSecrets } = await (await signing()).signConsent(plaintext);
    const { fields, publicKey, signature } = signed;
    requireEddsa(publicKey, consentLeaf(fields), signature);
    expect(fields).toMatchObject({
      pseudonym: study().pseudonym,
      requester: plaintext.requester,
      study: study().study,
      institution: 0n,
      policy: fieldOf(plaintext.policyText),
      validity: { from: BigInt(plaintext.validity.from), until: BigInt(plaintext.validity.until) },
      handle: handleOf(study().withdrawSecret(fields.serial)),
    });
    expect(supersededSecrets).toEqual([]);
  });

  test('salts every consent: two alike have different leaves', async () => {
    const [first, second] = [
      await (await signing()).signConsent(plaintext),
      await (await signing()).signConsent(plaintext),
    ];
    expect(first.signed.fields.salt).not.toBe(second.signed.fields.salt);
  });

  test('names a custodian by its id', async () => {
    const { signed } = await (await signing()).signConsent({
      ...plaintext,
      institution: RIVERSIDE,
    });
    expect(signed.fields.institution).toBe(institutionField(RIVERSIDE));
  });

  test.each([
    ['no purpose', { purposes: [] }, 'PURPOSE_MISSING'],
    ['no data class', { dataClasses: [] }, 'DATA_CLASS_MISSING'],
    ['an empty validity', { validity: { from: 5, until: 5 } }, 'PERIOD_EMPTY'],
    ['a data window that ends first', { dataWindow: { from: 6, until: 5 } }, 'PERIOD_EMPTY'],
  ])('refuses %s', async (_, change, code) => {
    const keys = await signing();
    await expect(keys.signConsent({ ...plaintext, ...change })).rejects.toThrow(refusal(code));
  });

  test('gives no signature that it could not write down first', async () => {
    const store = memoryBooks();
    const books = { store, backups: () => 'NONE' as const };
    const keys = openWallet(seedOf(7), { books, clock }).forStudy(studyName);
    await keys.book.begin();
    store.update = () => Promise.reject(new Error('full'));
    await expect(keys.signConsent(plaintext)).rejects.toThrow('full');
  });
});

describe('serials', () => {
  test('grow, also when consents are signed at once', async () => {
    const keys = await signing();
    const all = await Promise.all([1, 2, 3].map(() => keys.signConsent(plaintext)));
    const parts = all.map(({ signed }) => serialParts(signed.fields.serial));
    const device = parts[0]?.device;
    expect(parts).toEqual([0, 1, 2].map((counter) => ({ seconds: nowSeconds, device, counter })));
  });

  test('a new consent for the same requester and purpose ends all those before it', async () => {
    const keys = await signing();
    const first = await keys.signConsent(plaintext);
    const second = await keys.signConsent(plaintext);
    const third = await keys.signConsent({ ...plaintext, purposes: ['CLINTRCH', 'HRESCH'] });
    expect(second.supersededSecrets.map(handleOf)).toEqual([first.signed.fields.handle]);
    expect(third.supersededSecrets.map(handleOf)).toEqual([
      first.signed.fields.handle,
      second.signed.fields.handle,
    ]);
  });

  test.each([
    ['another requester', { requester: 5n }],
    ['another purpose', { purposes: ['PUBHLTH'] as const }],
  ])('a new consent for %s ends none', async (_, change) => {
    const keys = await signing();
    await keys.signConsent(plaintext);
    const { supersededSecrets } = await keys.signConsent({ ...plaintext, ...change });
    expect(supersededSecrets).toEqual([]);
  });
});

describe('what else a study key signs', () => {
  test('a link, for one institution and one code', () => {
    const { publicKey, signLink } = study();
    const signature = signLink(RIVERSIDE, 'K7-44');
    const check = (institution: string, code: string) =>
      requireEddsa(publicKey, linkMessage(institutionField(institution), code), signature);
    check(RIVERSIDE, 'K7-44');
    expect(() => check(LAKESHORE, 'K7-44')).toThrow(refusal('SIGNATURE_INVALID'));
    expect(() => check(RIVERSIDE, 'K7-45')).toThrow(refusal('SIGNATURE_INVALID'));
  });

  test('a list, for one institution, one moment and one session', () => {
    const { publicKey, signList } = study();
    const { at, signature } = signList(RIVERSIDE, 7n);
    const check = (institution: string, when: number, holder: bigint) => {
      const message = listMessage(institutionField(institution), BigInt(when), holder);
      requireEddsa(publicKey, message, signature);
    };
    check(RIVERSIDE, at, 7n);
    expect(at).toBe(nowSeconds);
    expect(() => check(LAKESHORE, at, 7n)).toThrow(refusal('SIGNATURE_INVALID'));
    expect(() => check(RIVERSIDE, at + 1, 7n)).toThrow(refusal('SIGNATURE_INVALID'));
    expect(() => check(RIVERSIDE, at, 8n)).toThrow(refusal('SIGNATURE_INVALID'));
  });
});
