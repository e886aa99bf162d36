import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import { type Clock, systemClock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import {
  hashOfTokenSecret,
  joinToken,
  SECRET_BYTES,
  SECRET_HASH,
  type TokenConfirmation,
} from '../../core/signed/token-secret.js';
import { fieldOf } from '../../zk/arithmetic/field.js';
import { type ProvenRequest, signDpopProof } from './dpop.js';

/** Only a public P-256 key, as presentations and tokens show it. */
export interface HolderJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** The claims of a token. */
export interface TokenClaims {
  /** The thumbprint of the gateway's key; no other gateway can use the token. */
  readonly audience: string;
  /** Lifetime; networks allow 600, a pilot more. */
  readonly seconds: number;
}

/** What authenticates a request to a gateway. */
export interface Credential {
  /** `<JWT>~<secret>`. */
  readonly token: string;
  /** Signs a DPoP proof (RFC 9449); absent for a token that is not bound to its key. */
  readonly prove?: (request: ProvenRequest) => Promise<string>;
}

/** The key that statements are bound to, and that signs the tokens of later requests. */
export interface Session {
  readonly holderJwk: HolderJwk;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** The public signal `holder`: fieldOf the thumbprint. */
  readonly holder: bigint;
  /**
   * `<JWT>~<secret>`, only for the gateway. The JWT (ES256, the public key in its protected header)
   * commits to the secret, and nodes see the JWT without it. No server issues either. Use it only
   * for pasting by hand: anyone who sees a request with it can send another. Programs use
   * signCredential.
   */
  signToken(claims: TokenClaims): Promise<string>;
  /**
   * Like signToken, but bound to this session's key: a gateway accepts it only with the proof that
   * `prove` signs for each request.
   */
  signCredential(claims: TokenClaims): Promise<Credential>;
  /** @throws BAD_INPUT unless the session was made exportable. */
  exportPrivateJwk(): Promise<JWK>;
}

/**
 * @param options.exportable - only for a tool that must survive a restart; not needed in a browser.
 */
export async function newSession(
  options: { readonly exportable?: boolean; readonly clock?: Clock } = {},
): Promise<Session> {
  const { exportable = false, clock = systemClock } = options;
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: exportable });
  return sessionOf(await exportJWK(publicKey), privateKey, clock);
}

/**
 * The session of an exported key.
 *
 * @throws BAD_INPUT for anything but a private P-256 key.
 */
export async function importSession(
  jwk: JWK,
  options: { readonly clock?: Clock } = {},
): Promise<Session> {
  const { kty, crv, x, y, d } = jwk;
  if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d) throw notASession();
  try {
    const key = await importJWK({ kty, crv, x, y, d }, 'ES256', { extractable: true });
    return await sessionOf({ x, y }, key as CryptoKey, options.clock ?? systemClock);
  } catch {
    throw notASession();
  }
}

async function sessionOf(
  { x = '', y = '' }: JWK,
  privateKey: CryptoKey,
  clock: Clock,
): Promise<Session> {
  const holderJwk: HolderJwk = { kty: 'EC', crv: 'P-256', x, y };
  const thumbprint = await calculateJwkThumbprint(holderJwk, 'sha256');

  async function sign(
    { audience, seconds }: TokenClaims,
    binding: Pick<TokenConfirmation, 'jkt'>,
  ): Promise<string> {
    const issuedAt = Math.floor(clock.nowMs() / 1000);
    const secret = globalThis.crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
    const cnf: TokenConfirmation = { [SECRET_HASH]: hashOfTokenSecret(secret), ...binding };
    const jwt = await new SignJWT({ cnf })
      .setProtectedHeader({ alg: 'ES256', jwk: { ...holderJwk } })
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + seconds)
      .sign(privateKey);
    return joinToken(jwt, secret);
  }

  return {
    holderJwk,
    thumbprint,
    holder: fieldOf(thumbprint),
    signToken: (claims) => sign(claims, {}),
    async signCredential(claims) {
      const token = await sign(claims, { jkt: thumbprint });
      const signer = { jwk: holderJwk, privateKey, clock };
      return { token, prove: (request) => signDpopProof(signer, token, request) };
    },
    async exportPrivateJwk() {
      if (!privateKey.extractable) throw notASession();
      return exportJWK(privateKey);
    },
  };
}

function notASession(): DomainError {
  return new DomainError('BAD_INPUT', { expected: 'private P-256 JWK' });
}
