import { base64url } from 'jose';
import { sha256 } from '../sha256.js';

/*
 * A proof that the sender of a request holds the key of its token (DPoP, RFC 9449): a JWS beside the
 * token, for one method, URL and body, to be taken once.
 */

/** The header of the proof. */
export const DPOP_HEADER = 'dpop';
/** The header in which a gateway says the nonce that proofs must carry (RFC 9449, section 8). */
export const DPOP_NONCE_HEADER = 'dpop-nonce';
/** The `typ` of a proof, so that nothing else signed with the same key passes for one. */
export const DPOP_TYPE = 'dpop+jwt';

/** The claims of a proof. */
export interface DpopClaims {
  /** Random; a gateway refuses one that it has seen. */
  readonly jti: string;
  readonly htm: string;
  /** The URL without query and fragment. */
  readonly htu: string;
  /** Unix seconds. */
  readonly iat: number;
  /** What the gateway said last; absent before it said any. */
  readonly nonce?: string;
  /** dpopHash of the token as it stands in the Authorization header, its secret included. */
  readonly ath: string;
  /**
   * dpopHash of the body's bytes. Our own claim: RFC 9449 covers method and URL alone, and every
   * GraphQL request of a network has the same of both.
   */
  readonly body: string;
}

/** SHA-256, base64url, of a text's UTF-8 or of bytes. */
export function dpopHash(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return base64url.encode(sha256(bytes));
}
