import { createLogger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import { loadStatements } from '../../zk/verify/verify.js';
import type { Ends } from '../process/ends.js';
import { loadGatewayKey } from '../state/gateway-key.js';
import { openNamedRegister } from '../state/register-file.js';
import { ownStateFolder } from '../state/state-folder.js';
import type { AskingParts } from './network-parts.js';

/**
 * What a process that asks nodes needs for itself: a state folder with its key, and the ledger from
 * the settings.
 *
 * @param name - of the process in its log.
 * @param ends - where the release of the folder is added.
 */
export async function ownParts(config: Config, name: string, ends: Ends): Promise<AskingParts> {
  const log = createLogger({ level: config.logLevel, name });
  const folder = await ownStateFolder(config.stateFolder);
  ends.add(() => folder.release());
  const { register, rpcUrls } = await openNamedRegister(config, folder);
  const vkeyHashes = await loadStatements({
    production: config.environment === 'production',
    allowDevelopmentKeys: config.allowDevelopmentKeys,
  });
  const gatewayKey = await loadGatewayKey(folder);
  return { config, gatewayKey, register, rpcUrls, vkeyHashes, log, stateFolder: folder.path };
}
