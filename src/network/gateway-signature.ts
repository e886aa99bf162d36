import { randomBytes, sign } from 'node:crypto';
import { sha256OfParts } from '../core/canonical.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { InstitutionId } from '../core/ids.js';
import {
  GATEWAY_SIGNATURE_SECONDS,
  type GatewayRequestClaims,
} from '../core/signed/gateway-request.js';
import type { GatewayKey } from './gateway-key.js';

/** What a gateway signs: this body, with this token, for this institution alone. */
export interface SignedRequest {
  readonly institution: InstitutionId;
  /** The exact bytes sent. */
  readonly body: string;
  /** The requester's token as it is passed on; undefined if it sent none. */
  readonly token: string | undefined;
  /** The latest nonce that the node sent; undefined before it sent one. */
  readonly nonce: string | undefined;
}

/**
 * Signs one request to one node: a compact JWS for the header of core/signed/gateway-request.ts.
 *
 * The attacker is a node that was asked: with the requester's token it could ask another node in
 * the requester's name, were the request not bound to the institution, the body and 30 seconds.
 */
export async function signGatewayRequest(
  key: GatewayKey,
  request: SignedRequest,
  clock: Clock = systemClock,
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const claims: GatewayRequestClaims = {
    aud: request.institution,
    body: sha256OfParts(request.body).toString('base64url'),
    token: request.token === undefined ? '' : sha256OfParts(request.token).toString('base64url'),
    jti: randomBytes(16).toString('base64url'),
    nonce: request.nonce ?? '',
    iat,
    exp: iat + GATEWAY_SIGNATURE_SECONDS,
  };
  return compactOf(key, claims);
}

/**
 * A compact JWS (RFC 7515, section 3.1), signed at once: WebCrypto signs on another thread, and
 * waiting for that takes several times as long as signing.
 */
function compactOf({ publicJwk, privateKey }: GatewayKey, claims: GatewayRequestClaims): string {
  const signed = `${base64url({ alg: 'ES256', jwk: publicJwk })}.${base64url(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

function base64url(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}
