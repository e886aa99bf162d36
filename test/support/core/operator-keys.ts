import { createHmac, sign as signBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import {
  type OperatorAlgorithm,
  type OperatorKey,
  operatorKeyEntry,
  readOperatorKeys,
} from '../../../src/core/operator/key.js';
import type { OperatorRole } from '../../../src/core/operator/roles.js';

/** The other is an attacker's: no setting takes such a key. */
type Curve = OperatorAlgorithm | 'ES384';

/** A key pair, and its entry in a node's settings. */
export interface TestOperator {
  readonly algorithm: OperatorAlgorithm;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly privateKey: CryptoKey;
  readonly entry: string;
  readonly id: string;
}

export async function makeOperator(
  algorithm: OperatorAlgorithm,
  roles: readonly OperatorRole[],
): Promise<TestOperator> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const [publicJwk, privateJwk] = [await exportJWK(publicKey), await exportJWK(privateKey)];
  const entry = operatorKeyEntry(algorithm, publicJwk, roles);
  const [id = ''] = [...(await readOperatorKeys(entry)).keys()];
  return { algorithm, publicJwk, privateJwk, privateKey, entry, id };
}

export function keysOf(
  ...operators: readonly TestOperator[]
): Promise<ReadonlyMap<string, OperatorKey>> {
  return readOperatorKeys(operators.map(({ entry }) => entry).join(','));
}

const encode = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');

/** A compact JWS of any header and claims. Not by our own signer: it is the oracle. */
export function forge(
  header: object,
  claims: unknown,
  by: { readonly privateJwk: JWK } | { readonly secret: string } | undefined,
): string {
  const content = `${encode(header)}.${encode(claims)}`;
  if (by === undefined) return `${content}.`;
  if ('secret' in by) {
    return `${content}.${createHmac('sha256', by.secret).update(content).digest('base64url')}`;
  }
  const { kty, crv } = by.privateJwk;
  const key = { key: by.privateJwk as never, format: 'jwk', dsaEncoding: 'ieee-p1363' } as const;
  const hash = { 'P-384': 'sha384' }[crv ?? ''] ?? (kty === 'OKP' ? null : 'sha256');
  return `${content}.${signBytes(hash, Buffer.from(content), key).toString('base64url')}`;
}

/** A private key of any curve, as an attacker has one. */
export async function anyKey(algorithm: Curve): Promise<{ privateJwk: JWK }> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { privateJwk: await exportJWK(privateKey) };
}
