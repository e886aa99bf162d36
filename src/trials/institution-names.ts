import type { InstitutionId } from '../core/ids.js';

/**
 * Names and identifiers as a registry prints them, each with the institution of this network that
 * has it. Compared in full and exactly: a near match could show an outside site as a member of the
 * network.
 */
export type InstitutionNames = ReadonlyMap<string, InstitutionId>;

/** The ledger's data on an institution by which a registry may know it. */
export interface NamedInstitution {
  readonly id: InstitutionId;
  /** A display name; two institutions may have the same. */
  readonly name: string;
  /** Ids of the parties that it represents, such as a GLN. */
  readonly parties: readonly string[];
}

/** Every name, id and party of the institutions. One that two institutions share is left out. */
export function namesOf(institutions: readonly NamedInstitution[]): InstitutionNames {
  const bearers = new Map<string, Set<InstitutionId>>();
  for (const { id, name, parties } of institutions) {
    for (const one of [id, name, ...parties]) {
      bearers.set(one, (bearers.get(one) ?? new Set()).add(id));
    }
  }
  const named = new Map<string, InstitutionId>();
  for (const [name, ids] of bearers) {
    const [id, ...others] = ids;
    if (id !== undefined && others.length === 0 && name !== '') named.set(name, id);
  }
  return named;
}
