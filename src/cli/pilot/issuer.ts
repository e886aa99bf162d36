import { MAX_TIME_SECONDS } from '../../core/time.js';
import { eddsaPublicKey } from '../../zk/eddsa.js';
import type { IssuerFields } from '../../zk/leaf.js';
import { ACCREDITATION_ROLE_BITS, GRANT_BITS } from '../../zk/vocabulary.js';
import type { NodeKeys } from '../node-keys.js';

/** In the pilot every institution may accredit any role for any study; real governance is narrower. */
export function pilotIssuer({ issuerSeed }: Pick<NodeKeys, 'issuerSeed'>): IssuerFields {
  const bits = [...Object.values(ACCREDITATION_ROLE_BITS), ...Object.values(GRANT_BITS)];
  const grants = bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  const validity = { from: 0n, until: BigInt(MAX_TIME_SECONDS) };
  return { ...eddsaPublicKey(issuerSeed), validity, grants };
}
