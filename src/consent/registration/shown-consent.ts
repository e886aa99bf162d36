import { DomainError } from '../../core/errors.js';
import type { PuzzleSolution } from '../../core/signed/puzzle.js';
import { parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import { SHARD_LEVELS, TOP_LEVELS } from '../../zk/tree.js';
import type { PuzzleInput, ShownConsentInput } from '../base/model.js';
import type { ShownConsent } from '../feed/shown.js';

/**
 * A consent as its leaf has it, and its path. No study need be known here, so nothing is in words.
 *
 * @throws DomainError FIELD_OUT_OF_RANGE; PATH_INVALID for a place that no register has.
 */
export function toShownConsent(input: ShownConsentInput): ShownConsent {
  const { index, slot } = input;
  const field = (name: FieldName) => parseCanonicalDecimal(input[name]);
  const isShard = index >= 0 && index < 2 ** SHARD_LEVELS;
  const isTop = slot >= 0 && slot < 2 ** TOP_LEVELS;
  const hasLength = input.shardSiblings.length === SHARD_LEVELS;
  if (!isShard || !isTop || !hasLength || input.topSiblings.length !== TOP_LEVELS) {
    throw new DomainError('PATH_INVALID');
  }
  return {
    fields: {
      pseudonym: field('pseudonym'),
      requester: field('requester'),
      study: field('study'),
      institution: field('institution'),
      scope: field('scope'),
      duties: field('duties'),
      validity: { from: field('validFrom'), until: field('validUntil') },
      dataWindow: { from: field('windowFrom'), until: field('windowUntil') },
      policy: field('policy'),
      serial: field('serial'),
      handle: field('handle'),
      salt: field('salt'),
    },
    path: {
      index,
      slot,
      issuerLeaf: field('issuerLeaf'),
      shardSiblings: input.shardSiblings.map(parseCanonicalDecimal),
      topSiblings: input.topSiblings.map(parseCanonicalDecimal),
    },
  };
}

type FieldName = {
  [Name in keyof ShownConsentInput]: ShownConsentInput[Name] extends string ? Name : never;
}[keyof ShownConsentInput];

/** @throws DomainError FIELD_OUT_OF_RANGE */
export function toPuzzleSolution({ at, nonce }: PuzzleInput): PuzzleSolution {
  return { at: Number(parseCanonicalDecimal(at)), nonce: Number(parseCanonicalDecimal(nonce)) };
}
