import { readFile, writeFile } from 'node:fs/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { type OperatorAlgorithm, operatorKeyEntry } from '../../core/operator/key.js';
import { OPERATOR_ROLE_NAMES, type OperatorRole } from '../../core/operator/roles.js';

/** An operator's private key, as stored in its file. */
export interface OperatorSigner {
  readonly id: string;
  readonly algorithm: OperatorAlgorithm;
  /** The roles that it was made for; the node's settings decide. */
  readonly roles: readonly OperatorRole[];
  readonly privateKey: CryptoKey;
}

const text = z.string();
const KeyFile = z.strictObject({
  algorithm: z.enum(['EdDSA', 'ES256']),
  roles: z.array(z.enum(OPERATOR_ROLE_NAMES)).min(1),
  privateJwk: z.strictObject({ kty: text, crv: text, x: text, y: text.optional(), d: text }),
});

/**
 * Makes a key pair and writes the private key into a file that only this user can read.
 *
 * @returns its id, and its entry for the setting `operatorKeys`.
 * @throws DomainError BAD_INPUT {out} if the file already exists; STATE_UNWRITABLE
 */
export async function makeKeyFile(
  path: string,
  algorithm: OperatorAlgorithm,
  roles: readonly OperatorRole[],
): Promise<{ readonly id: string; readonly entry: string }> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const content = { algorithm, roles, privateJwk: await exportJWK(privateKey) };
  try {
    const options = { mode: 0o600, flag: 'wx', flush: true } as const;
    await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, options);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    if (exists) throw new DomainError('BAD_INPUT', { out: 'exists already' }, cause);
    throw new DomainError('STATE_UNWRITABLE', {}, cause);
  }
  const publicJwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(publicJwk, 'sha256');
  return { id, entry: operatorKeyEntry(algorithm, publicJwk, roles) };
}

/** @throws DomainError FILE_UNREADABLE; BAD_INPUT {key} for a file of another form */
export async function readKeyFile(path: string): Promise<OperatorSigner> {
  const { algorithm, roles, privateJwk } = parse(await read(path));
  try {
    const jwk = privateJwk as JWK;
    const privateKey = (await importJWK(jwk, algorithm)) as CryptoKey;
    return { id: await calculateJwkThumbprint(jwk, 'sha256'), algorithm, roles, privateKey };
  } catch {
    throw notAKey();
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}

function parse(content: string): z.output<typeof KeyFile> {
  try {
    return KeyFile.parse(JSON.parse(content));
  } catch {
    // Without the cause, which could quote the key.
    throw notAKey();
  }
}

function notAKey(): DomainError {
  return new DomainError('BAD_INPUT', { key: 'a file of `assent operator key`' });
}
