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

/**
 * For an embedded ledger, which runs only with its network: the institutions that were last on it.
 */
const FILE = 'ledger/institutions.json';

/**
 * The institutions by their registered names and identifiers, from the ledger that the settings
 * name. Without a ledger in the settings, those that were last on the embedded ledger of this
 * folder.
 *
 * @returns undefined if there is neither, so that no name can be resolved.
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

/** The same from a ledger that is already watched. */
export function namesOn(institutions: readonly LedgerInstitution[]): InstitutionNames {
  return namesOf(institutions.map(toNamed));
}

/** Stores the institutions of an embedded ledger, for imports while it does not run. */
export async function keepNames(
  folder: StateFolder,
  institutions: readonly LedgerInstitution[],
): Promise<void> {
  await folder.writeJson(FILE, institutions.map(toNamed));
}

function toNamed({ id, name, issuer }: LedgerInstitution): NamedInstitution {
  return { id, name, parties: issuer.parties };
}
