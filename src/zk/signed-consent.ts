import type { EddsaPublicKey, EddsaSignature } from './eddsa.js';
import type { ConsentFields } from './leaf.js';

/** A consent as a wallet signs it and an institution registers it: all that its leaf is made of, and the signature. */
export interface SignedConsent {
  readonly fields: ConsentFields;
  readonly publicKey: EddsaPublicKey;
  /** By the study key over consentLeaf(fields). */
  readonly signature: EddsaSignature;
}
