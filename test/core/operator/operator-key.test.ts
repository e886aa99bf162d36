import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { readOperatorKeys } from '../../../src/core/operator/key.js';
import { loadConfig } from '../../../src/core/settings/config.js';
import { makeOperator } from '../../support/core/operator-keys.js';

const edwards = await makeOperator('EdDSA', ['importer', 'officer']);
const p256 = await makeOperator('ES256', ['biller']);

describe('the setting operatorKeys', () => {
  test('has keys, each with its roles and named by its thumbprint', async () => {
    const keys = await readOperatorKeys(`${edwards.entry},${p256.entry}`);
    expect(
      [...keys.values()].map(({ id, algorithm, roles }) => ({ id, algorithm, roles })),
    ).toEqual([
      {
        id: await calculateJwkThumbprint(edwards.publicJwk, 'sha256'),
        algorithm: 'EdDSA',
        roles: ['importer', 'officer'],
      },
      {
        id: await calculateJwkThumbprint(p256.publicJwk, 'sha256'),
        algorithm: 'ES256',
        roles: ['biller'],
      },
    ]);
  });

  const { x = '', y = '' } = p256.publicJwk;
  const zeros = 'A'.repeat(43);
  test.each([
    ['a role that there is not', edwards.entry.replace('importer', 'admin')],
    ['a role that every object has', edwards.entry.replace('importer', 'constructor')],
    ['a role twice', edwards.entry.replace('officer', 'importer')],
    ['no role', edwards.entry.replace('importer+officer', '')],
    ['a key twice', `${edwards.entry},${edwards.entry}`],
    [
      'one key twice, with other roles',
      `${edwards.entry},${edwards.entry.replace('importer+', '')}`,
    ],
    ['a private key', `EdDSA:${edwards.publicJwk.x}.${edwards.privateJwk.d}:importer`],
    ['a point that is not on the curve', `ES256:${y}.${x}:biller`],
    ['zeros in the place of a key', `EdDSA:${zeros}:importer`],
    ['another text of the same key', `ES256:${x}.${y.slice(0, -1)}${otherLast(y)}:biller`],
    ['another algorithm', edwards.entry.replace('EdDSA', 'HS256')],
    ['nothing', ''],
  ])('is refused for %s, by its name and without its value', async (_what, setting) => {
    const refused = await readOperatorKeys(setting).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(JSON.stringify((refused as { facts: object }).facts)).not.toContain(x.slice(0, 20));
  });

  test.each([...ED25519_TORSION_SUBGROUP])(
    'is refused for the point of small order %s',
    async (hex) => {
      const point = Buffer.from(hex, 'hex').toString('base64url');
      await expect(readOperatorKeys(`EdDSA:${point}:importer`)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    },
  );

  test('of a wrong form stops the start of everything', () => {
    const env = (keys: string) => ({ ASSENT_OPERATOR_KEYS: keys });
    expect(loadConfig({ env: env(edwards.entry) }).operatorKeys).toBe(edwards.entry);
    expect(() => loadConfig({ env: env(`${edwards.entry};`) })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});

/** The last of 43 characters has two bits too many: another with the same four. */
function otherLast(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1] ?? '';
}
