import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { invariant } from '../../core/errors.js';
import { fieldOfBytes, studyField } from '../../zk/arithmetic/field.js';
import { type EddsaPublicKey, eddsaPublicKey } from '../../zk/eddsa.js';
import { pseudonymOf, withdrawSecretOf } from '../../zk/leaf.js';

/** A study as people name it; what statements name it by is studyField of the three. */
export interface StudyName {
  /** The network's name, 'pilot' in the pilot. */
  readonly network: string;
  /** The id of the institution that sponsors it. */
  readonly sponsor: string;
  /** The sponsor's own id, for example a registry number. */
  readonly id: string;
}

/** What a wallet derives for one study. Nothing links the keys of two studies but the seed. */
export interface StudyKeys {
  readonly study: bigint;
  /** 32 secret bytes; what signs. */
  readonly eddsaSeed: Uint8Array;
  readonly publicKey: EddsaPublicKey;
  /** The participant's name in this study. */
  readonly pseudonym: bigint;
  /** A secret field element; what withdrawal secrets are derived from. */
  readonly withdrawalKey: bigint;
  /** 32 secret bytes; what backups of the book of serials are sealed with. */
  readonly bookKey: Uint8Array;
}

const SEED_BYTES = 32;
const SALT = new TextEncoder().encode('assent/wallet');

/**
 * Derives a study's keys from the wallet's seed with HKDF-SHA-256, so that the seed alone is what a
 * participant has to keep.
 *
 * @param seed - 32 random bytes.
 */
export function deriveStudyKeys(seed: Uint8Array, name: StudyName): StudyKeys {
  invariant(seed.length === SEED_BYTES, 'a wallet seed has 32 bytes');
  const study = studyField(name.network, name.sponsor, name.id);
  const derive = (purpose: string, bytes: number) =>
    hkdf(sha256, seed, SALT, new TextEncoder().encode(`${purpose}|${study}`), bytes);
  const eddsaSeed = derive('eddsa', 32);
  const publicKey = eddsaPublicKey(eddsaSeed);
  return {
    study,
    eddsaSeed,
    publicKey,
    pseudonym: pseudonymOf(publicKey),
    withdrawalKey: fieldOfBytes(derive('withdraw', 31)),
    bookKey: derive('book', 32),
  };
}

/** w of a serial: whoever publishes it withdraws the consent that was signed under that serial. */
export function withdrawalSecret(keys: StudyKeys, serial: bigint): bigint {
  return withdrawSecretOf(keys.withdrawalKey, serial);
}
