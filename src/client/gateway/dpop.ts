import { base64url, type CryptoKey, SignJWT } from 'jose';
import type { Clock } from '../../core/clock.js';
import { DPOP_TYPE, type DpopClaims, dpopHash } from '../../core/signed/dpop.js';
import type { PublicKeyJwk } from '../../core/signed/p256-key.js';

/** A request to be sent. */
export interface ProvenRequest {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  /** Exactly as it will be sent. */
  readonly body: string;
  /** The last nonce that the gateway asked for; undefined before the first. */
  readonly nonce: string | undefined;
}

/** The key and token that a proof is signed with. */
export interface DpopSigner {
  readonly jwk: PublicKeyJwk;
  readonly privateKey: CryptoKey;
  readonly clock: Clock;
}

/** Signs the DPoP proof (RFC 9449) of one request with a token: a compact JWS for the `DPoP` header. */
export function signDpopProof(
  { jwk, privateKey, clock }: DpopSigner,
  token: string,
  { method, url, body, nonce }: ProvenRequest,
): Promise<string> {
  const claims: DpopClaims = {
    jti: base64url.encode(globalThis.crypto.getRandomValues(new Uint8Array(16))),
    htm: method,
    htu: url,
    iat: Math.floor(clock.nowMs() / 1000),
    ...(nonce === undefined ? {} : { nonce }),
    ath: dpopHash(token),
    body: dpopHash(body),
  };
  return new SignJWT({ ...claims })
    .setProtectedHeader({ typ: DPOP_TYPE, alg: 'ES256', jwk: { ...jwk } })
    .sign(privateKey);
}
