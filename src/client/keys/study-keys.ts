import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { invariant } from '../../core/errors.js';
import { fieldOfBytes, studyField } from '../../zk/arithmetic/field.js';
import { type EddsaPublicKey, eddsaPublicKey } from '../../zk/eddsa.js';
import { pseudonymOf, withdrawSecretOf } from '../../zk/leaf.js';

/** A study's name. Statements contain studyField of these three. */
export interface StudyName {
  /** The network's name, 'pilot' in the pilot. */
  readonly network: string;
  /** The id of the institution that sponsors it. */
  readonly sponsor: string;
  /** The sponsor's own id, for example a registry number. */
  readonly id: string;
}

/** What a wallet derives for one study. Only the seed links the keys of two studies. */
export interface StudyKeys {
  readonly study: bigint;
  /** 32 secret bytes of the signing key. */
  readonly eddsaSeed: Uint8Array;
  readonly publicKey: EddsaPublicKey;
  /** The participant's name in this study. */
  readonly pseudonym: bigint;
  /** A secret field element from which withdrawal secrets are derived. */
  readonly withdrawalKey: bigint;
  /** 32 secret bytes with which backups of the serial book are sealed. */
  readonly bookKey: Uint8Array;
}

const SEED_BYTES = 32;
const SALT = new TextEncoder().encode('assent/wallet');

/**
 * Derives a study's keys from the wallet's seed with HKDF-SHA-256, so that a participant has to
 * keep only the seed.
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

/** w of a serial: publishing it withdraws the consent signed under that serial. */
export function withdrawalSecret(keys: StudyKeys, serial: bigint): bigint {
  return withdrawSecretOf(keys.withdrawalKey, serial);
}
