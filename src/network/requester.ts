import { timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { refuseOperatorToken } from '../core/operator/token.js';
import { DPOP_HEADER } from '../core/signed/dpop.js';
import { createTokenCheck } from '../core/signed/requester-token.js';
import { hashOfTokenSecret, SECRET_BYTES } from '../core/signed/token-secret.js';
import { createDpopCheck, type DpopRule, type ReceivedRequest } from './dpop.js';

/** What a gateway needs to check its requesters. */
export interface RequesterRule {
  /** Thumbprint of this gateway's key. */
  readonly audience: string;
  /** Longest life of a token, seconds. */
  readonly maxTokenSeconds: number;
  /**
   * What proofs of possession are checked by. Undefined behind a router that sends its own
   * requests: a proof is for the client's request, which does not arrive here.
   */
  readonly dpop: DpopRule | undefined;
  readonly clock?: Clock;
}

/** A token as it is in an Authorization header. */
interface SentToken {
  /** `DPoP` says that a proof comes along (RFC 9449, section 7.1). */
  readonly scheme: 'bearer' | 'dpop';
  readonly jwt: string;
  readonly secret: string;
}

/** A token that was sent by its holder. */
export interface CheckedToken {
  /** Without its secret: what nodes are given. */
  readonly jwt: string;
  /** RFC 7638 thumbprint of the key that signed it. */
  readonly holder: string;
}

const SENT = /^(Bearer|DPoP) +([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2})(?:~([A-Za-z0-9_-]+))?$/i;

/**
 * Makes the check of requests to one gateway. It keeps the names of proofs it has seen, so a gateway
 * has exactly one.
 *
 * The attacker holds a token that was passed on: every node that was asked does. Its secret was not
 * passed on, so a gateway that demands it serves only the signer of the token. The nodes decide
 * what the token opens, and verify it themselves: they trust no gateway.
 *
 * @returns a function that gives the JWT to pass on, without its secret, and its holder; undefined for a
 * request without a token. It throws DomainError TOKEN_MALFORMED; OPERATOR_TOKEN_MISPLACED for an operator's,
 * which is never passed on; TOKEN_INCOMPLETE without the secret;
 * TOKEN_INVALID {claim} for another gateway's, an expired one or another secret; and for a token that
 * is bound to its key what createDpopCheck throws, or DPOP_UNSUPPORTED where no proof can be checked.
 */
export function createRequesterCheck(
  rule: RequesterRule,
): (request: ReceivedRequest) => Promise<CheckedToken | undefined> {
  const { audience, maxTokenSeconds: maxSeconds, dpop, clock = systemClock } = rule;
  const requireToken = createTokenCheck();
  const requireProof = dpop === undefined ? refuseBound : createDpopCheck(dpop);
  return async (request) => {
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    const { scheme, jwt, secret } = readToken(authorization);
    const nowMs = clock.nowMs();
    const { signer, secretHash, isBound } = await requireToken(jwt, {
      audience,
      nowMs,
      maxSeconds,
    });
    requireSecret(secret, secretHash);
    if (isBound) {
      // A bound token accepted as a bearer token would be a bearer token (RFC 9449, section 7.2).
      if (scheme !== 'dpop' && dpop !== undefined) throw new DomainError('DPOP_REQUIRED');
      await requireProof(request, { token: `${jwt}~${secret}`, signer }, nowMs);
    } else if (scheme === 'dpop' || request.headers[DPOP_HEADER] !== undefined) {
      // Its sender believes that it is bound to a key, and it is not.
      throw new DomainError('TOKEN_INVALID', { claim: 'cnf' });
    }
    return { jwt, holder: signer };
  };
}

/**
 * A bound token accepted without its proof could be sent by anyone who saw it (RFC 9449, section
 * 7.2).
 */
async function refuseBound(): Promise<never> {
  throw new DomainError('DPOP_UNSUPPORTED');
}

function readToken(authorization: string): SentToken {
  // Refused with a code of its own, so that its owner learns that it was sent to the wrong place.
  refuseOperatorToken(authorization.replace(/^\S+ +/, ''));
  const [, scheme, jwt, secret] = SENT.exec(authorization) ?? [];
  if (scheme === undefined || jwt === undefined) throw new DomainError('TOKEN_MALFORMED');
  if (secret === undefined) throw new DomainError('TOKEN_INCOMPLETE');
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', jwt, secret };
}

function requireSecret(text: string, expected: string): void {
  const secret = Buffer.from(text, 'base64url');
  // Several base64url texts can decode to the same bytes: only the canonical one is accepted.
  if (secret.length !== SECRET_BYTES || secret.toString('base64url') !== text) {
    throw new DomainError('TOKEN_MALFORMED');
  }
  const hash = Buffer.from(hashOfTokenSecret(secret));
  if (!timingSafeEqual(hash, Buffer.from(expected))) {
    throw new DomainError('TOKEN_INVALID', { claim: 'cnf' });
  }
}
