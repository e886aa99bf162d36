import { calculateJwkThumbprint } from 'jose';
import { toPublicKeyJwk } from '../../core/signed/p256-key.js';
import { fieldOf } from '../../zk/arithmetic/field.js';

/** A requester's session key, in the forms that tokens and statements use. */
export interface Holder {
  /** RFC 7638, SHA-256, base64url: 43 characters. */
  readonly thumbprint: string;
  /** fieldOf the thumbprint: the public signal `holder`. */
  readonly field: bigint;
}

/** The holder of a key. @throws DomainError BAD_INPUT */
export async function holderOf(jwk: unknown): Promise<Holder> {
  return holderNamed(await calculateJwkThumbprint(toPublicKeyJwk(jwk), 'sha256'));
}

/** The holder whose key has that thumbprint. */
export function holderNamed(thumbprint: string): Holder {
  return { thumbprint, field: fieldOf(thumbprint) };
}
