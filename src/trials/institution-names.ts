import type { InstitutionId } from '../core/ids.js';

/**
 * Names and identifiers as a registry prints them, each with the institution of this network that bears
 * it. Compared whole and exactly: a near match could show a stranger's site as a member of the network.
 */
export type InstitutionNames = ReadonlyMap<string, InstitutionId>;

/** What a ledger says of an institution by which a registry may know it. */
export interface NamedInstitution {
  readonly id: InstitutionId;
  /** For people to read; nothing keeps two institutions from having the same. */
  readonly name: string;
  /** Ids of the parties that it stands for, such as a GLN. */
  readonly parties: readonly string[];
}

/** Every name, id and party of the institutions. One that two of them bear names neither. */
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
