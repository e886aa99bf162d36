import { systemClock } from '../../core/clock.js';
import { readProposals } from '../../ledger/governance/votes.js';
import { readNetworkSettings } from '../../ledger/read/parameters.js';
import { readInstitutions } from '../../ledger/read/read.js';
import { openNamedRegister } from '../state/register-file.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';
import { openStateFolder } from '../state/state-folder.js';
import { proposalInWords } from './proposal-words.js';

/** `assent ledger proposals`: the open and decided proposals, in words. */
export async function runProposals(options: CommonOptions): Promise<void> {
  const lines = await readInWords(options);
  process.stdout.write(`${lines.length === 0 ? 'no proposals' : lines.join('\n')}\n`);
}

/**
 * Every proposal of the register in the settings, oldest first, several lines each.
 *
 * @throws DomainError CONFIGURATION_INVALID without a ledger; LEDGER_UNAVAILABLE, LEDGER_MISMATCH.
 */
export async function readInWords(options: CommonOptions): Promise<readonly string[]> {
  const config = settingsOf(options, {});
  const folder = await openStateFolder(config.stateFolder);
  const { register } = await openNamedRegister(config, folder);
  try {
    const block = await register.ledger.client.getBlockNumber();
    const [institutions, { votesRequired }, proposals] = await Promise.all([
      readInstitutions(register, block),
      readNetworkSettings(register),
      readProposals(register),
    ]);
    const among = { institutions, votesRequired, nowSeconds: systemClock.nowSeconds() };
    return proposals.flatMap((proposal) => proposalInWords(proposal, among));
  } finally {
    register.ledger.close();
  }
}
