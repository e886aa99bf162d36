import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  errors,
  type JWTClaimVerificationOptions,
  type JWTPayload,
  UnsecuredJWT,
} from 'jose';
import { DomainError } from '../errors.js';
import { type PublicKeyJwk, toPublicKeyJwk } from './p256-key.js';

/** What a JWS must meet whose key stands in its own header. Times in seconds. */
export interface SelfSignedRule {
  /** The one `aud`; a list is refused, because it would serve several. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** From `iat` to `exp` at most. */
  readonly maxSeconds: number;
  /** How far ahead `iat` may be. */
  readonly aheadSeconds: number;
  /** How long after `exp` it is still taken, for clocks that differ. */
  readonly graceSeconds: number;
}

/** A JWS that verified, and the key that signed it. */
export interface SelfSigned {
  /** RFC 7638 thumbprint of the key, SHA-256, base64url. */
  readonly signer: string;
  readonly payload: JWTPayload & { readonly iat: number; readonly exp: number };
}

/** A compact JWS that has the form asked, before its signature is checked. */
export interface SelfSignedForm {
  readonly compact: string;
  readonly jwk: PublicKeyJwk;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_CHARACTERS = 4_096;
const HEADER_MEMBERS: ReadonlySet<string> = new Set(['alg', 'jwk', 'typ']);

/**
 * Reads the form of a self-signed JWS: ES256 and nothing else, with a public P-256 key in its
 * protected header.
 *
 * The algorithm is not the token's to choose: `none` and an HMAC keyed with the public key are
 * the two old forgeries. A private key in a header is refused, as is any header we do not know.
 *
 * @throws DomainError BAD_INPUT
 */
export function toSelfSignedForm(compact: string): SelfSignedForm {
  if (compact.length > MAX_CHARACTERS || !COMPACT.test(compact)) throw notSelfSigned();
  const header = readHeader(compact);
  const unknown = Object.keys(header).some((member) => !HEADER_MEMBERS.has(member));
  if (unknown || header.alg !== 'ES256') throw notSelfSigned();
  return { compact, jwk: toPublicKeyJwk(header.jwk) };
}

/**
 * Verifies a signature, and what jose checks of claims where `options` say so.
 *
 * At once, and not through WebCrypto as jose would: to have another thread do it and to wait for that takes several
 * times what it takes (80 microseconds), and every request to a node has such a signature.
 *
 * @returns whose it is: RFC 7638 thumbprint of the key, and what it says.
 * @throws whatever jose throws.
 */
export async function verifySignature(
  { compact, jwk }: SelfSignedForm,
  options: JWTClaimVerificationOptions,
): Promise<{ readonly signer: string; readonly payload: JWTPayload }> {
  const { key, thumbprint } = await knownKey(jwk);
  const [header = '', payload = '', signature = ''] = compact.split('.');
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) throw new errors.JWSSignatureVerificationFailed();
  return { signer: thumbprint, payload: checkedClaims(compact, payload, options) };
}

/** Claims whose signature was verified: what is left to check of them is what there is to check without one. */
function checkedClaims(
  compact: string,
  payload: string,
  options: JWTClaimVerificationOptions,
): JWTPayload {
  const { typ } = decodeProtectedHeader(compact);
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ })).toString('base64url');
  return UnsecuredJWT.decode(`${header}.${payload}.`, options).payload;
}

/**
 * Verifies signature, audience and lifetime.
 *
 * @throws whatever jose throws, or DomainError BAD_INPUT: callers say what it means to them.
 */
export async function verifySelfSigned(
  form: SelfSignedForm,
  rule: SelfSignedRule,
): Promise<SelfSigned> {
  const { signer, payload } = await verifySignature(form, {
    audience: rule.audience,
    currentDate: new Date(rule.nowMs),
    clockTolerance: rule.graceSeconds,
    requiredClaims: ['aud', 'iat', 'exp'],
  });
  const { aud, iat, exp } = payload;
  if (typeof aud !== 'string' || iat === undefined || exp === undefined) throw notSelfSigned();
  const nowSeconds = Math.floor(rule.nowMs / 1000);
  if (exp <= iat || exp - iat > rule.maxSeconds || iat > nowSeconds + rule.aheadSeconds) {
    throw notSelfSigned();
  }
  return { signer, payload: { ...payload, iat, exp } };
}

/** Keys read last: a gateway and its requesters come with every request. */
const MAX_KEYS = 1_000;
const keys = new Map<string, Promise<KnownKey>>();

interface KnownKey {
  readonly key: KeyObject;
  readonly thumbprint: string;
}

/** Imports a key and names it, once for as long as it is in use. Nothing is decided by it. */
function knownKey(jwk: PublicKeyJwk): Promise<KnownKey> {
  const name = `${jwk.x}.${jwk.y}`;
  const known = keys.get(name) ?? readKey(jwk);
  keys.delete(name);
  keys.set(name, known);
  known.catch(() => keys.delete(name));
  for (const oldest of keys.keys()) {
    if (keys.size <= MAX_KEYS) break;
    keys.delete(oldest);
  }
  return known;
}

async function readKey(jwk: PublicKeyJwk): Promise<KnownKey> {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return { key, thumbprint: await calculateJwkThumbprint(jwk, 'sha256') };
}

function readHeader(compact: string): Readonly<Record<string, unknown>> {
  try {
    return decodeProtectedHeader(compact) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new DomainError('BAD_INPUT', { expected: 'JWS' }, cause);
  }
}

function notSelfSigned(): DomainError {
  return new DomainError('BAD_INPUT', { expected: 'JWS: ES256, jwk, aud, iat, exp' });
}
