import { secondsFromUnixMs } from '../../core/time.js';
import { institutionField, parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import type { EddsaPublicKey, EddsaSignature } from '../../zk/eddsa.js';
import { type LeafPeriod, pseudonymOf } from '../../zk/leaf.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import { dutiesOf, scopeOf } from '../../zk/vocabulary.js';
import type { PeriodInput, PointInput, SignatureInput, SignedConsentInput } from '../base/model.js';

/**
 * The consent that a wallet sent, as its leaf has it. What the participant read is in words, so
 * the leaf is made of the same words here: a signature over anything else does not verify.
 *
 * @param study - the field of the study that the input names.
 * @throws DomainError FIELD_OUT_OF_RANGE, CODE_UNKNOWN, TIME_OUT_OF_RANGE
 */
export function toSignedConsent(input: SignedConsentInput, study: bigint): SignedConsent {
  const { purposes, dataClasses, institution } = input;
  const publicKey = toPublicKey(input.publicKey);
  return {
    fields: {
      pseudonym: pseudonymOf(publicKey),
      requester: parseCanonicalDecimal(input.requester),
      study,
      institution: institution == null ? 0n : institutionField(institution),
      scope: scopeOf({ purposes, dataClasses, labels: input.labels ?? [] }),
      duties: dutiesOf(input.duties ?? []),
      validity: toLeafPeriod(input.validity),
      dataWindow: toLeafPeriod(input.dataWindow),
      policy: parseCanonicalDecimal(input.policy),
      serial: parseCanonicalDecimal(input.serial),
      handle: parseCanonicalDecimal(input.handle),
      salt: parseCanonicalDecimal(input.salt),
    },
    publicKey,
    signature: toSignature(input.signature),
  };
}

/** @throws DomainError FIELD_OUT_OF_RANGE */
export function toPublicKey({ ax, ay }: PointInput): EddsaPublicKey {
  return { ax: parseCanonicalDecimal(ax), ay: parseCanonicalDecimal(ay) };
}

/** @throws DomainError FIELD_OUT_OF_RANGE */
export function toSignature({ r8x, r8y, s }: SignatureInput): EddsaSignature {
  return {
    r8x: parseCanonicalDecimal(r8x),
    r8y: parseCanonicalDecimal(r8y),
    s: parseCanonicalDecimal(s),
  };
}

function toLeafPeriod({ from, until }: PeriodInput): LeafPeriod {
  return {
    from: BigInt(secondsFromUnixMs(from.getTime())),
    until: BigInt(secondsFromUnixMs(until.getTime())),
  };
}
