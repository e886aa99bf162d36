import { DomainError } from '../errors.js';

/** A public P-256 key and nothing else. */
export interface PublicKeyJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

const MEMBERS = ['crv', 'kty', 'x', 'y'];
const COORDINATE_BYTES = 32;

/**
 * Reads a public EC P-256 key: exactly kty, crv, x and y. A private key is refused although its
 * public half would do, so that nobody learns to send one; so is a coordinate with another text.
 *
 * @throws DomainError BAD_INPUT
 */
export function toPublicKeyJwk(jwk: unknown): PublicKeyJwk {
  if (typeof jwk !== 'object' || jwk === null) throw notAKey();
  const { kty, crv, x, y } = jwk as Record<string, unknown>;
  const members = Object.keys(jwk).sort();
  if (members.length !== MEMBERS.length || members.some((name, i) => name !== MEMBERS[i])) {
    throw notAKey();
  }
  if (kty !== 'EC' || crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y)) throw notAKey();
  return { kty, crv, x, y };
}

function isCoordinate(text: unknown): text is string {
  if (typeof text !== 'string' || text.length !== 43) return false;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === COORDINATE_BYTES && bytes.toString('base64url') === text;
}

function notAKey(): DomainError {
  return new DomainError('BAD_INPUT', { expected: 'public EC P-256 JWK: kty, crv, x, y' });
}
