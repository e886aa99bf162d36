import canonicalize from 'canonicalize';
import { invariant } from './errors.js';

/** The one byte form of a JSON value (RFC 8785), for hashing and comparing. Runs in a browser too. */
export function canonicalJson(value: unknown): string {
  const text = (canonicalize as unknown as (value: unknown) => string | undefined)(value);
  invariant(text !== undefined, 'only JSON values are canonicalised');
  return text;
}
