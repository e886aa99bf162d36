import { base64url } from 'jose';
import { sha256 } from '../sha256.js';

/*
 * A requester's token has two parts: `<JWT>~<secret>`. The JWT says in its `cnf` claim (RFC 7800)
 * what the secret's hash is. The gateway is sent both, and sends nodes the JWT alone, so that what a
 * node holds is worth nothing at any gateway. `~` is a character of bearer tokens (RFC 6750).
 */

/** Member of `cnf`: the secret's hash. Named as RFC 8705 names a certificate's, `x5t#S256`. */
export const SECRET_HASH = 'secret#S256';

/** Bytes of a secret: 43 characters of base64url. */
export const SECRET_BYTES = 32;

const TAG = new TextEncoder().encode('assent/token-secret');

/** The `cnf` claim of a requester's token. */
export interface TokenConfirmation {
  readonly [SECRET_HASH]: string;
  /**
   * Thumbprint of the signer's own key (RFC 9449, section 6.1): the gateway takes the token with a
   * DPoP proof alone. Absent from one that is made to be pasted.
   */
  readonly jkt?: string;
}

/** What a JWT commits to: SHA-256 of the tag and the secret's 32 bytes, base64url. */
export function hashOfTokenSecret(secret: Uint8Array): string {
  const message = new Uint8Array(TAG.length + secret.length);
  message.set(TAG);
  message.set(secret, TAG.length);
  return base64url.encode(sha256(message));
}

/** Both parts as a requester sends them to its gateway. */
export function joinToken(jwt: string, secret: Uint8Array): string {
  return `${jwt}~${base64url.encode(secret)}`;
}

/** The JWT of a token: what a node may see of it. */
export function jwtOf(token: string): string {
  return token.split('~', 1)[0] ?? '';
}
