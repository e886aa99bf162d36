import { decodeJwt, type JWTPayload } from 'jose';
import { type Clock, systemClock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';

/** Longest token that is passed on, characters; a requester's own has about 500. */
const MAX_TOKEN_LENGTH = 4_096;

const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/**
 * The token of a request to this gateway; undefined if it carries none.
 *
 * The nodes decide, and verify the signature. What every node would refuse is refused here, because
 * the requester is told why: a query's answer says no more than REFUSED, once for each node.
 *
 * @param audience - thumbprint of this gateway's key.
 * @throws DomainError TOKEN_MALFORMED, or TOKEN_INVALID for another gateway's or an expired one.
 */
export function readRequesterToken(
  authorization: string | undefined,
  audience: string,
  clock: Clock = systemClock,
): string | undefined {
  if (authorization === undefined) return undefined;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined || token.length > MAX_TOKEN_LENGTH) {
    throw new DomainError('TOKEN_MALFORMED');
  }
  const { aud, exp } = decode(token);
  if (aud !== audience) throw new DomainError('TOKEN_INVALID', { claim: 'aud' });
  if (typeof exp !== 'number' || exp * 1000 <= clock.nowMs()) {
    throw new DomainError('TOKEN_INVALID', { claim: 'exp' });
  }
  return token;
}

function decode(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw new DomainError('TOKEN_MALFORMED');
  }
}
