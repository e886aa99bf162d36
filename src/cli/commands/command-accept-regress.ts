import { databaseHighWater, replaceMark } from '../../consent/anchoring/high-water.js';
import { systemClock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { toInstitutionId } from '../../core/ids.js';
import type { Config } from '../../core/settings/config.js';
import { QuorumReader } from '../../ledger/quorum/reader.js';
import { openRegister } from '../../ledger/rpc/connection.js';
import { judgeMark } from '../../ledger/watch/high-water.js';
import type { Database } from '../../store/database.js';
import { openDatabases } from '../state/database-server.js';
import { networkRoot } from '../state/ledger-watch.js';
import { openNamedRegister, quorumOf } from '../state/register-file.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';
import { ownStateFolder, type StateFolder } from '../state/state-folder.js';

export interface AcceptRegressOptions extends CommonOptions {
  readonly institution: string;
}

/**
 * `assent ledger accept-regress`: run it while the node is stopped, after its operators have agreed
 * on the ledger.
 */
export async function runAcceptRegress(options: AcceptRegressOptions): Promise<void> {
  process.stdout.write(`${await acceptRegress(options)}\n`);
}

/**
 * Replaces an institution's high-water mark with what is final on the ledger now.
 *
 * @returns what was done, in one line.
 * @throws DomainError ALREADY_RUNNING while the node runs; BAD_INPUT if nothing regressed; LEDGER_MISMATCH,
 * LEDGER_UNAVAILABLE.
 */
export async function acceptRegress(options: AcceptRegressOptions): Promise<string> {
  const institution = toInstitutionId(options.institution);
  const config = settingsOf(options, { institution });
  const folder = await ownStateFolder(config.stateFolder);
  try {
    const server = await openDatabases(config, folder);
    try {
      return `${institution}: ${await accept(await server.open(institution, { alone: true }), config, folder)}`;
    } finally {
      await server.close();
    }
  } finally {
    await folder.release();
  }
}

async function accept(db: Database, config: Config, folder: StateFolder): Promise<string> {
  const mark = await databaseHighWater(db).load();
  if (mark === undefined) throw new DomainError('BAD_INPUT', { mark: 'none', regressed: false });
  const { register, rpcUrls } = await openNamedRegister(config, folder);
  const { contract, pins } = register;
  const endpoints = rpcUrls.map((rpcUrl) => openRegister(rpcUrl, contract, pins));
  const quorum = quorumOf(config, rpcUrls);
  const reader = new QuorumReader({ endpoints, quorum, rootOf: networkRoot() });
  const { finalitySeconds } = config;
  const when = { nowSeconds: systemClock.nowSeconds(), finalitySeconds };
  const { regressed, headEpoch, final } = await judgeMark(reader, mark, when).finally(() => {
    for (const { ledger } of [register, ...endpoints]) ledger.close();
  });
  if (!regressed) throw new DomainError('BAD_INPUT', { mark: mark.epoch, regressed });
  await replaceMark(db, final);
  const now = final === undefined ? 'nothing' : `epoch ${final.epoch}`;
  return `epoch ${mark.epoch} was final; the ledger shows epoch ${headEpoch}, of which ${now} is final now.`;
}
