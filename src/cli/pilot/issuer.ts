import type { InstitutionId } from '../../core/ids.js';
import { NO_END_SECONDS } from '../../core/time.js';
import type { Issuer } from '../../ledger/contract/issuer.js';
import { eddsaPublicKey } from '../../zk/eddsa.js';
import { ACCREDITATION_ROLE_BITS, GRANT_BITS } from '../../zk/vocabulary.js';
import type { NodeKeys } from '../state/node-keys.js';
import { pilotParties } from './institutions.js';

/**
 * In the pilot every institution may accredit any role for any study, but only itself as a party.
 * Real governance is narrower.
 */
export function pilotIssuer(
  institution: InstitutionId,
  { issuerSeed }: Pick<NodeKeys, 'issuerSeed'>,
): Issuer {
  const bits: readonly number[] = [
    ...Object.values(ACCREDITATION_ROLE_BITS),
    ...Object.values(GRANT_BITS),
  ];
  const grants = bits.reduce((sum, bit) => sum | (1 << bit), 0);
  const validUntil = BigInt(NO_END_SECONDS);
  const { ax, ay } = eddsaPublicKey(issuerSeed);
  return { ax, ay, validFrom: 0n, validUntil, grants, parties: pilotParties(institution) };
}
