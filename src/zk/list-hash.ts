import { invariant } from '../core/errors.js';
import { DOMAIN_TAGS } from './domain-tags.js';
import { poseidon } from './poseidon/poseidon.js';

const PIECE = 15;

/**
 * The hash of a list of one kind: pieces of 15 elements, the last one shorter, each hashed behind the
 * hash of the pieces before it; the first piece stands behind the kind.
 *
 * The length is not in it: a kind has one length, which the statement's parameters set.
 *
 * @param elements - at least one.
 * @throws FIELD_OUT_OF_RANGE
 * @source circuits/lib/list-hash.circom computes the same; shared vectors in test/vectors/eligibility.json
 */
export function listHash(kind: 'FACTS' | 'CRITERIA', elements: readonly bigint[]): bigint {
  invariant(elements.length > 0, 'a list of a fixed length is not empty');
  let hash: bigint = DOMAIN_TAGS[kind];
  for (let start = 0; start < elements.length; start += PIECE) {
    hash = poseidon([hash, ...elements.slice(start, start + PIECE)]);
  }
  return hash;
}
