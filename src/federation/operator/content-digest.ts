import { DomainError } from '../../core/errors.js';

/** A digest that a sender states of a body. */
export interface Digest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly value: Uint8Array;
}

/** @source RFC 9530, section 7.2: the two that are not deprecated; others say nothing. */
const ALGORITHMS: Readonly<Record<string, { algorithm: Digest['algorithm']; bytes: number }>> = {
  'sha-256': { algorithm: 'sha256', bytes: 32 },
  'sha-512': { algorithm: 'sha512', bytes: 64 },
};
const MEMBER = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):$/;

/**
 * The digests in a `Content-Digest` header that can be checked: of the bytes as they are sent, packed or not.
 *
 * @throws DomainError BAD_INPUT {digest} for a malformed header.
 * @source RFC 9530, section 2
 */
export function digestsOf(header: string | readonly string[] | undefined): readonly Digest[] {
  if (header === undefined) return [];
  return String(header)
    .split(',')
    .flatMap((text) => {
      const [, name = '', base64 = ''] = MEMBER.exec(text.trim()) ?? [];
      if (name === '') throw malformed();
      const known = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
      if (known === undefined) return [];
      const value = Buffer.from(base64, 'base64');
      if (value.length !== known.bytes) throw malformed();
      return [{ algorithm: known.algorithm, value }];
    });
}

function malformed(): DomainError {
  return new DomainError('BAD_INPUT', { digest: 'malformed' });
}
