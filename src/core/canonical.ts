import { createHash, createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import { invariant } from './errors.js';

/** The one byte form of a JSON value (RFC 8785), for hashing and comparing. */
export function canonicalJson(value: unknown): string {
  const text = (canonicalize as unknown as (value: unknown) => string | undefined)(value);
  invariant(text !== undefined, 'only JSON values are canonicalised');
  return text;
}

export function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function sha256Hex(...parts: readonly (string | Uint8Array)[]): string {
  return sha256(...parts).toString('hex');
}

/** HMAC-SHA-256 over parts joined by a byte that no id contains, so that no two lists collide. */
export function keyedId(key: Uint8Array, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(parts.join('\u0000')).digest('base64url').slice(0, 22);
}
