import { DomainError } from '../../core/errors.js';

/** What an institution does in the network, in the order of its bits on the ledger: append only. */
const INSTITUTION_ROLES = ['HOSPITAL', 'SPONSOR', 'MANUFACTURER', 'PHARMACY', 'PAYER'] as const;

export type InstitutionRole = (typeof INSTITUTION_ROLES)[number];

/** @throws DomainError ROLE_UNKNOWN for none at all. */
export function bitsOfRoles(roles: readonly InstitutionRole[]): number {
  if (roles.length === 0) throw new DomainError('ROLE_UNKNOWN', { given: 0 });
  return roles.reduce((bits, role) => bits | (1 << INSTITUTION_ROLES.indexOf(role)), 0);
}

/** Bits that this version does not know are left out: a newer contract may define more. */
export function rolesOfBits(bits: number): InstitutionRole[] {
  return INSTITUTION_ROLES.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
