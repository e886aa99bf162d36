import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { DomainError } from '../errors.js';
import { NONCE_FORM, newNonce } from '../signed/nonce.js';
import type { OperatorKey } from './key.js';
import { OPERATOR_ROLE_NAMES, type OperatorRole } from './roles.js';

/** `typ` of an operator token: it is taken for no other JWT, nor another for it (RFC 8725, section 3.11). */
export const OPERATOR_TOKEN_TYPE = 'assent-operator+jwt';

/** From iat to exp at most. */
export const OPERATOR_TOKEN_SECONDS = 600;
/** How far the clocks of an operator and its node may differ, seconds. */
const SKEW_SECONDS = 5;
const MAX_CHARACTERS = 4_096;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** An operator token that verified. Whether it was revoked is not asked here. */
export interface OperatorToken {
  readonly key: OperatorKey;
  readonly jti: string;
  /** What it asks for; see roleBeyondKey. */
  readonly roles: readonly OperatorRole[];
  /** Its end, Unix seconds. */
  readonly expSeconds: number;
}

export interface OperatorTokenRule {
  readonly keys: ReadonlyMap<string, OperatorKey>;
  /** operatorAudience of the node. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** A member that is not known would bind the token to something that nobody checks. */
const Header = z.strictObject({
  alg: z.string(),
  kid: z.string(),
  typ: z.literal(OPERATOR_TOKEN_TYPE),
});
const Claims = z.strictObject({
  aud: z.string(),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
  jti: z.string().regex(NONCE_FORM),
  roles: z.array(z.enum(OPERATOR_ROLE_NAMES)).min(1).max(OPERATOR_ROLE_NAMES.length),
});

/**
 * Whether a text calls itself an operator token, with a secret behind it or not. Nothing of it is verified:
 * it says by which name to refuse one where none is taken.
 */
export function isOperatorToken(text: string): boolean {
  try {
    const { typ } = decodeProtectedHeader(text.split('~', 1)[0] ?? '');
    return typeof typ === 'string' && typ.toLowerCase().endsWith(OPERATOR_TOKEN_TYPE);
  } catch {
    return false;
  }
}

/** Refuses an operator token where requesters' are read. @throws DomainError OPERATOR_TOKEN_MISPLACED */
export function refuseOperatorToken(text: string): void {
  if (isOperatorToken(text)) throw new DomainError('OPERATOR_TOKEN_MISPLACED');
}

/**
 * Signs an operator token that is valid from now on.
 *
 * @param seconds - its life, 1 to OPERATOR_TOKEN_SECONDS.
 */
export async function signOperatorToken(
  signer: Pick<OperatorKey, 'id' | 'algorithm'> & { readonly privateKey: CryptoKey },
  claims: {
    readonly audience: string;
    readonly roles: readonly OperatorRole[];
    readonly nowMs: number;
    readonly seconds: number;
  },
): Promise<{ readonly jwt: string; readonly jti: string; readonly expSeconds: number }> {
  const iat = Math.floor(claims.nowMs / 1000);
  const jti = newNonce();
  const exp = iat + claims.seconds;
  const payload = { aud: claims.audience, iat, nbf: iat, exp, jti, roles: claims.roles };
  const jwt = await new SignJWT(payload)
    .setProtectedHeader({ alg: signer.algorithm, kid: signer.id, typ: OPERATOR_TOKEN_TYPE })
    .sign(signer.privateKey);
  return { jwt, jti, expSeconds: exp };
}

/**
 * Requires a token that a key of this node signed, for this node, a short time ago.
 *
 * The attackers: somebody who chooses the algorithm (`none`, or an HMAC keyed with the public key), somebody
 * who names another's key, and a token of another institution, of another node, or of a requester.
 *
 * @throws DomainError OPERATOR_REFUSED {key} for a key that this node does not know; OPERATOR_TOKEN_INVALID,
 * with the claim that does not hold.
 */
export async function verifyOperatorToken(
  jwt: string,
  { keys, audience, nowMs }: OperatorTokenRule,
): Promise<OperatorToken> {
  const key = keyNamed(jwt, keys);
  const payload = await verified(jwt, key, { audience, nowMs });
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw invalid(String(claims.error.issues[0]?.path[0] ?? 'unknown'));
  const { iat, nbf, exp, jti, roles } = claims.data;
  if (exp <= iat || exp - iat > OPERATOR_TOKEN_SECONDS) throw invalid('exp');
  if (iat > Math.floor(nowMs / 1000) + SKEW_SECONDS) throw invalid('iat');
  if (nbf < iat || nbf >= exp) throw invalid('nbf');
  return { key, jti, roles: [...new Set(roles)], expSeconds: exp };
}

/** The first role that a token asks for and its key does not have; undefined if it has all. */
export function roleBeyondKey({ key, roles }: OperatorToken): OperatorRole | undefined {
  return roles.find((role) => !key.roles.includes(role));
}

function keyNamed(jwt: string, keys: ReadonlyMap<string, OperatorKey>): OperatorKey {
  if (jwt.length > MAX_CHARACTERS || !COMPACT.test(jwt)) throw invalid('form');
  const header = Header.safeParse(headerOf(jwt));
  if (!header.success) throw invalid(String(header.error.issues[0]?.path[0] ?? 'header'));
  const key = keys.get(header.data.kid);
  if (key === undefined) throw new DomainError('OPERATOR_REFUSED', { key: 'unknown' });
  return key;
}

function headerOf(jwt: string): unknown {
  try {
    return decodeProtectedHeader(jwt);
  } catch (cause) {
    throw invalid('form', cause);
  }
}

async function verified(
  jwt: string,
  key: OperatorKey,
  { audience, nowMs }: Pick<OperatorTokenRule, 'audience' | 'nowMs'>,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(jwt, key.publicKey, {
      algorithms: [key.algorithm],
      typ: OPERATOR_TOKEN_TYPE,
      audience,
      currentDate: new Date(nowMs),
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['aud', 'iat', 'nbf', 'exp', 'jti', 'roles'],
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEAlgNotAllowed) throw invalid('alg', cause);
    const { claim } = cause as { readonly claim?: unknown };
    throw invalid(typeof claim === 'string' ? claim : 'signature', cause);
  }
}

function invalid(claim: string, cause?: unknown): DomainError {
  return new DomainError('OPERATOR_TOKEN_INVALID', { claim }, cause);
}
