import { isoFromSeconds } from '../../core/time.js';
import { type LedgerInstitution, readInstitutions } from '../../ledger/read/read.js';
import { openNamedRegister } from '../state/register-file.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';
import { openStateFolder } from '../state/state-folder.js';
import { quoted } from './proposal-words.js';

/**
 * `assent ledger institutions`: the members of the network, their nodes' endpoints, and upcoming
 * changes.
 */
export async function runInstitutions(options: CommonOptions): Promise<void> {
  process.stdout.write(`${(await readInstitutionLines(options)).join('\n')}\n`);
}

/**
 * The institutions of the register in the settings, in slot order: a line each, and a second one
 * for an upcoming change of endpoint.
 *
 * @throws DomainError CONFIGURATION_INVALID without a ledger; LEDGER_UNAVAILABLE, LEDGER_MISMATCH.
 */
export async function readInstitutionLines(options: CommonOptions): Promise<readonly string[]> {
  const config = settingsOf(options, {});
  const folder = await openStateFolder(config.stateFolder);
  const { register } = await openNamedRegister(config, folder);
  try {
    const block = await register.ledger.client.getBlockNumber();
    const institutions = await readInstitutions(register, block);
    return institutions.length === 0 ? ['no institutions'] : institutions.flatMap(linesOf);
  } finally {
    register.ledger.close();
  }
}

function linesOf(institution: LedgerInstitution): readonly string[] {
  const { id, status, roles, endpoint, pendingEndpoint } = institution;
  const now = `${id}  ${status}, ${roles.join(', ')}, answers at ${quoted(endpoint)}`;
  if (pendingEndpoint === undefined) return [now];
  const { from } = pendingEndpoint;
  const next = quoted(pendingEndpoint.endpoint);
  return [now, `  from ${isoFromSeconds(from)} at ${next}: ask it whether it wrote this`];
}
