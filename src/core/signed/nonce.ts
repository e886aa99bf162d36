import { randomBytes } from 'node:crypto';

/** What a nonce, and the name of a request, must look like: 96 random bits or more, base64url. */
export const NONCE_FORM = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * A nonce that names one run of a process: 128 random bits, base64url.
 *
 * Replays are remembered only in memory, so a request that an earlier run has seen must be refused
 * by a later one. The signer of a request includes the nonce; a restarted server has a new one.
 */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}
