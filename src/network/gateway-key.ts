import { createPrivateKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { DomainError } from '../core/errors.js';

/** A gateway's P-256 key: it signs each request to a node, and names this gateway to requesters. */
export interface GatewayKey {
  /** RFC 7638 thumbprint of the public key, base64url: the audience of requesters' tokens. */
  readonly thumbprint: string;
  /** EC, P-256, with x and y only, because it is published. */
  readonly publicJwk: Readonly<{ kty: 'EC'; crv: 'P-256'; x: string; y: string }>;
  readonly privateKey: KeyObject;
}

/** Imports it once for the life of the process. @throws DomainError CONFIGURATION_INVALID. */
export async function importGatewayKey(jwk: JWK): Promise<GatewayKey> {
  const { kty, crv, x, y, d } = jwk;
  if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d) {
    throw new DomainError('CONFIGURATION_INVALID', { setting: 'gateway key' });
  }
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y } as const;
  try {
    const privateKey = createPrivateKey({ key: { ...publicJwk, d }, format: 'jwk' });
    return { thumbprint: await calculateJwkThumbprint(publicJwk), publicJwk, privateKey };
  } catch {
    throw new DomainError('CONFIGURATION_INVALID', { setting: 'gateway key' });
  }
}
