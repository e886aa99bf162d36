import { describe, expect, test } from 'vitest';
import {
  consentPackageToJson,
  openConsentPackage,
  parseConsentPackage,
  sealConsentPackage,
} from '../../../src/client/consent/consent-package.js';
import { newSealingKey, seal, unseal } from '../../../src/client/keys/sealing.js';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { plaintext, refusal, registeredConsent, seedOf } from '../../support/client/sample.js';

const consent = await registeredConsent();
const json = consentPackageToJson(consent);

type Json = Record<string, unknown>;

/** The package with one member, named by its path, changed. */
function changed(path: string, change: (value: string) => unknown): Json {
  const copy = structuredClone(json) as Json;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce((value, name) => value[name] as Json, copy);
  parent[last] = change(parent[last] as string);
  return copy;
}

const DECIMALS = [
  ...Object.keys(json.fields).flatMap((name) =>
    ['validity', 'dataWindow'].includes(name)
      ? [`fields.${name}.from`, `fields.${name}.until`]
      : [`fields.${name}`],
  ),
  'salt',
  'publicKey.ax',
  'publicKey.ay',
  'signature.r8x',
  'signature.r8y',
  'signature.s',
];

describe('a consent package', () => {
  test('comes back from its JSON as it was', () => {
    expect(parseConsentPackage(JSON.parse(JSON.stringify(json)))).toEqual(consent);
  });

  test('keeps the salt apart from the fields', () => {
    expect(json.fields).not.toHaveProperty('salt');
    expect(json.salt).toBe(consent.fields.salt.toString());
  });

  test.each(DECIMALS)('whose %s was changed by one is not the one that was signed', (path) => {
    const forged = changed(path, (value) => (BigInt(value) + 1n).toString());
    expect(() => parseConsentPackage(forged)).toThrow(refusal('SIGNATURE_INVALID'));
  });

  test.each(DECIMALS)('whose %s is not canonical is refused by its name', (path) => {
    for (const text of ['01', '-1', '0x1', ' 1', '', FIELD_ORDER.toString(), 1]) {
      const wrong = changed(path, () => text);
      expect(() => parseConsentPackage(wrong)).toThrow(
        expect.objectContaining({ code: 'PACKAGE_MALFORMED', facts: { member: path } }),
      );
    }
  });

  test.each([
    ['an unknown member', { ...json, note: 'x' }],
    ['an unknown field', changed('fields', (fields) => ({ ...Object(fields), note: '1' }))],
    ['a missing salt', { ...json, salt: undefined }],
    ['an index beyond the shard', { ...json, index: 2 ** 20 }],
    ['no subtree key', { ...json, subtreeKey: undefined }],
    ['a subtree key of another form', { ...json, subtreeKey: 'x\r\ny: z' }],
    ['an index between two', { ...json, index: 1.5 }],
    ['nothing', null],
    ['a text', 'package'],
  ])('with %s is refused', (_, wrong) => {
    expect(() => parseConsentPackage(wrong)).toThrow(refusal('PACKAGE_MALFORMED'));
  });

  test('signed by another participant for this pseudonym is refused', async () => {
    const stranger = await registeredConsent({ seed: 8 });
    const forged = { ...consentPackageToJson(stranger), fields: json.fields, salt: json.salt };
    expect(() => parseConsentPackage(forged)).toThrow(refusal('SIGNATURE_INVALID'));
  });

  test('names its institution by a lawful id', () => {
    const wrong = { ...json, institution: 'Riverside Hospital' };
    expect(() => parseConsentPackage(wrong)).toThrow(refusal('ID_MALFORMED'));
  });
});

describe('a sealed package', () => {
  const key = newSealingKey();

  test('opens with its key alone', async () => {
    const sealed = await sealConsentPackage(consent, key.publicKey);
    const wire: unknown = JSON.parse(JSON.stringify(sealed));
    expect(await openConsentPackage(wire, key)).toEqual(consent);
    await expect(openConsentPackage(wire, newSealingKey())).rejects.toThrow(
      refusal('SEALED_UNREADABLE'),
    );
  });

  test('shows nothing of what is in it, and differs each time', async () => {
    const [first, second] = [
      await sealConsentPackage(consent, key.publicKey),
      await sealConsentPackage(consent, key.publicKey),
    ];
    expect(first.ciphertext).not.toBe(second.ciphertext);
    const text = Buffer.from(first.ciphertext, 'base64url').toString('latin1');
    expect(text).not.toContain(plaintext.requester.toString());
  });

  test.each(['ephemeral', 'ciphertext'] as const)(
    'with one bit of its %s flipped is refused',
    async (member) => {
      const sealed = await sealConsentPackage(consent, key.publicKey);
      const bytes = Buffer.from(sealed[member], 'base64url');
      bytes[3] = (bytes[3] ?? 0) ^ 1;
      const wrong = { ...sealed, [member]: bytes.toString('base64url') };
      await expect(openConsentPackage(wrong, key)).rejects.toThrow(refusal('SEALED_UNREADABLE'));
    },
  );

  test('is refused under a one-time key of low order, which would seal with a secret known to all', async () => {
    const sealed = await sealConsentPackage(consent, key.publicKey);
    const zeros = Buffer.alloc(32).toString('base64url');
    await expect(openConsentPackage({ ...sealed, ephemeral: zeros }, key)).rejects.toThrow(
      refusal('SEALED_UNREADABLE'),
    );
    await expect(seal(seedOf(1), new Uint8Array(32))).rejects.toThrow(refusal('SEALED_UNREADABLE'));
  });

  test.each([
    ['another form', { form: 'assent/sealed/2' }],
    ['an unknown member', { note: 'x' }],
    ['no ciphertext', { ciphertext: '' }],
    ['a ciphertext beyond any package', { ciphertext: 'A'.repeat(70_000) }],
  ])('with %s is refused', async (_, change) => {
    const sealed = await sealConsentPackage(consent, key.publicKey);
    await expect(unseal({ ...sealed, ...change }, key)).rejects.toThrow(
      refusal('SEALED_UNREADABLE'),
    );
  });

  test('that holds no package is refused, whoever sealed it', async () => {
    for (const text of ['', '{', '{}', 'null']) {
      const sealed = await seal(new TextEncoder().encode(text), key.publicKey);
      await expect(openConsentPackage(sealed, key)).rejects.toThrow(refusal('PACKAGE_MALFORMED'));
    }
  });
});
