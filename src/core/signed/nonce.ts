import { randomBytes } from 'node:crypto';

/** What a nonce, and the name of a request, must look like: 96 random bits or more, base64url. */
export const NONCE_FORM = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * A nonce that names one run of a process: 128 random bits, base64url.
 *
 * What was seen once is remembered in memory alone, so what an earlier run has seen must not pass in
 * a later one. Whoever signs a request puts the nonce in; a server that begins again has another.
 */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}
