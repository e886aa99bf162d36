import { createHash, createHmac } from 'node:crypto';

// What a browser can run stands apart from what needs Node's own hashing.
export { canonicalJson } from './canonical-json.js';

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
