import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, systemClock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { createTokenCheck } from '../core/requester-token.js';
import { hashOfTokenSecret, SECRET_BYTES } from '../core/token-secret.js';

/** What a gateway checks its requesters by. */
export interface RequesterRule {
  /** Thumbprint of this gateway's key. */
  readonly audience: string;
  /** Longest life of a token, seconds. */
  readonly maxTokenSeconds: number;
  readonly clock?: Clock;
}

const BEARER = /^Bearer +([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2})(?:~([A-Za-z0-9_-]+))?$/i;

/**
 * Makes the check of requests to one gateway.
 *
 * The attacker holds a token that was passed on: every node that was asked does. Its secret was not
 * passed on, so a gateway that demands it serves only who signed the token. The nodes decide what the
 * token opens, and verify it themselves: no gateway is believed.
 *
 * @returns a function that gives the JWT to pass on, without its secret; undefined for a request
 * without a token. It throws DomainError TOKEN_MALFORMED; TOKEN_INCOMPLETE without the secret;
 * TOKEN_INVALID {claim} for another gateway's, an expired one or another secret.
 */
export function createRequesterCheck(
  rule: RequesterRule,
): (headers: IncomingHttpHeaders) => Promise<string | undefined> {
  const { audience, maxTokenSeconds: maxSeconds, clock = systemClock } = rule;
  const requireToken = createTokenCheck();
  return async ({ authorization }) => {
    if (authorization === undefined) return undefined;
    const [, jwt, secret] = BEARER.exec(authorization) ?? [];
    if (jwt === undefined) throw new DomainError('TOKEN_MALFORMED');
    if (secret === undefined) throw new DomainError('TOKEN_INCOMPLETE');
    const { secretHash } = await requireToken(jwt, { audience, nowMs: clock.nowMs(), maxSeconds });
    requireSecret(secret, secretHash);
    return jwt;
  };
}

function requireSecret(text: string, expected: string): void {
  const secret = Buffer.from(text, 'base64url');
  // Base64url has several texts for some bytes: one alone is taken.
  if (secret.length !== SECRET_BYTES || secret.toString('base64url') !== text) {
    throw new DomainError('TOKEN_MALFORMED');
  }
  const hash = Buffer.from(hashOfTokenSecret(secret));
  if (!timingSafeEqual(hash, Buffer.from(expected))) {
    throw new DomainError('TOKEN_INVALID', { claim: 'cnf' });
  }
}
