import { hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { memoryBook, type SerialBook } from '../../src/client/signed-serials.js';
import { newWalletSeed, openWallet } from '../../src/client/wallet.js';
import { eddsaPublicKey, requireEddsa } from '../../src/zk/eddsa.js';
import { fieldOf, institutionField, studyField } from '../../src/zk/field.js';
import { consentLeaf, handleOf, linkMessage, listMessage } from '../../src/zk/leaf.js';
import {
  clock,
  lakeshore,
  nowSeconds,
  plaintext,
  refusal,
  riverside,
  seedOf,
  studyName,
} from './sample.js';

const wallet = () => openWallet(seedOf(7), { clock });
const study = () => wallet().forStudy(studyName);

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
    const { signed, supersededSecrets } = await study().signConsent(plaintext);
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
      await study().signConsent(plaintext),
      await study().signConsent(plaintext),
    ];
    expect(first.signed.fields.salt).not.toBe(second.signed.fields.salt);
  });

  test('names a custodian by its id', async () => {
    const { signed } = await study().signConsent({ ...plaintext, institution: riverside });
    expect(signed.fields.institution).toBe(institutionField(riverside));
  });

  test.each([
    ['no purpose', { purposes: [] }, 'PURPOSE_MISSING'],
    ['no data class', { dataClasses: [] }, 'DATA_CLASS_MISSING'],
    ['an empty validity', { validity: { from: 5, until: 5 } }, 'PERIOD_EMPTY'],
    ['a data window that ends first', { dataWindow: { from: 6, until: 5 } }, 'PERIOD_EMPTY'],
  ])('refuses %s', async (_, change, code) => {
    await expect(study().signConsent({ ...plaintext, ...change })).rejects.toThrow(refusal(code));
  });

  test('gives no signature that it could not write down first', async () => {
    const full: SerialBook = { ...memoryBook(), append: () => Promise.reject(new Error('full')) };
    const keys = openWallet(seedOf(7), { book: full, clock }).forStudy(studyName);
    await expect(keys.signConsent(plaintext)).rejects.toThrow('full');
  });
});

describe('serials', () => {
  test('grow, also when two consents are signed at once', async () => {
    const keys = study();
    const all = await Promise.all([1, 2, 3].map(() => keys.signConsent(plaintext)));
    const serials = all.map(({ signed }) => signed.fields.serial);
    const now = BigInt(nowSeconds);
    expect(serials).toEqual([now, now + 1n, now + 2n]);
  });

  test('grow although a wallet restored from its seed remembers nothing', async () => {
    const { signed: before } = await study().signConsent(plaintext);
    const later = { nowMs: () => clock.nowMs() + 1000, nowSeconds: () => nowSeconds + 1 };
    const restored = openWallet(seedOf(7), { clock: later }).forStudy(studyName);
    const { signed: after } = await restored.signConsent(plaintext);
    expect(after.fields.serial).toBeGreaterThan(before.fields.serial);
  });

  test('a new consent for the same requester and purpose ends all those before it', async () => {
    const keys = study();
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
    const keys = study();
    await keys.signConsent(plaintext);
    const { supersededSecrets } = await keys.signConsent({ ...plaintext, ...change });
    expect(supersededSecrets).toEqual([]);
  });
});

describe('what else a study key signs', () => {
  test('a link, for one institution and one code', () => {
    const { publicKey, signLink } = study();
    const signature = signLink(riverside, 'K7-44');
    const check = (institution: string, code: string) =>
      requireEddsa(publicKey, linkMessage(institutionField(institution), code), signature);
    check(riverside, 'K7-44');
    expect(() => check(lakeshore, 'K7-44')).toThrow(refusal('SIGNATURE_INVALID'));
    expect(() => check(riverside, 'K7-45')).toThrow(refusal('SIGNATURE_INVALID'));
  });

  test('a list, for one institution, one moment and one session', () => {
    const { publicKey, signList } = study();
    const { at, signature } = signList(riverside, 7n);
    const check = (institution: string, when: number, holder: bigint) => {
      const message = listMessage(institutionField(institution), BigInt(when), holder);
      requireEddsa(publicKey, message, signature);
    };
    check(riverside, at, 7n);
    expect(at).toBe(nowSeconds);
    expect(() => check(lakeshore, at, 7n)).toThrow(refusal('SIGNATURE_INVALID'));
    expect(() => check(riverside, at + 1, 7n)).toThrow(refusal('SIGNATURE_INVALID'));
    expect(() => check(riverside, at, 8n)).toThrow(refusal('SIGNATURE_INVALID'));
  });
});
