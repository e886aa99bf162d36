import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Config } from '../../core/settings/config.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import {
  type InstitutionNames,
  type NamedInstitution,
  namesOf,
} from '../../trials/institution-names.js';
import { readSnapshot } from './ledger-root.js';
import type { StateFolder } from './state-folder.js';

/** Beside an embedded ledger, which runs with its network alone: who was on it last. */
const FILE = 'ledger/institutions.json';

/**
 * The institutions by their registered names and identifiers, from the ledger that the settings name.
 * Without one it is what the embedded ledger of this folder held last.
 *
 * @returns undefined if there is neither: then no name can be resolved.
 * @throws DomainError CONFIGURATION_INVALID in production without a ledger; LEDGER_UNAVAILABLE, LEDGER_MISMATCH.
 */
export async function readNames(
  config: Config,
  folder: StateFolder,
  reader: InstitutionId,
): Promise<InstitutionNames | undefined> {
  if (config.ledgerRpcUrls !== undefined) {
    const { institutions } = await readSnapshot(config, folder, reader);
    return namesOf(institutions.map(toNamed));
  }
  if (config.environment === 'production') {
    throw new DomainError('CONFIGURATION_INVALID', { ledgerRpcUrls: 'needed' });
  }
  const kept = await folder.readJson<readonly NamedInstitution[]>(FILE);
  return kept && namesOf(kept);
}

/** The same of a ledger that is watched anyway. */
export function namesOn(institutions: readonly LedgerInstitution[]): InstitutionNames {
  return namesOf(institutions.map(toNamed));
}

/** Keeps who is on an embedded ledger, for imports while it does not run. */
export async function keepNames(
  folder: StateFolder,
  institutions: readonly LedgerInstitution[],
): Promise<void> {
  await folder.writeJson(FILE, institutions.map(toNamed));
}

function toNamed({ id, name, issuer }: LedgerInstitution): NamedInstitution {
  return { id, name, parties: issuer.parties };
}
