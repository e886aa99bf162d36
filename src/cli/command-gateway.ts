import type { Config } from '../core/config.js';
import { DomainError } from '../core/errors.js';
import { createLogger } from '../core/log.js';
import { loadStatements } from '../zk/verify.js';
import { drain } from './drain.js';
import { startGateway } from './gateway.js';
import { loadGatewayKey } from './gateway-key.js';
import { openNamedRegister } from './register-file.js';
import { type CommonOptions, settingsOf } from './settings.js';
import { ownStateFolder } from './state-folder.js';
import type { Ends } from './stopping/ends.js';
import { runUntilStopped } from './stopping/run-until-stopped.js';

/** A gateway on its own holds no requester's key: its pages open without a token. */
const PAGE = {
  document: `# A token that you sign yourself goes into the Authorization header.
query Network {
  network { epoch institutions { id name roles status } }
}
`,
  headers: {},
};

/** Behind a proxy the Host header is the proxy's to choose. @throws CONFIGURATION_INVALID */
function requirePublicUrl({ environment, gatewayUrl }: Config): void {
  if (environment === 'production' && gatewayUrl === undefined) {
    throw new DomainError('CONFIGURATION_INVALID', { gatewayUrl: 'needed in production' });
  }
}

/** `assent gateway`: a gateway over whatever nodes the ledger lists, until it is told to stop. */
export async function runGateway(options: CommonOptions): Promise<void> {
  const config = settingsOf(options);
  requirePublicUrl(config);
  await runUntilStopped((ends) => start(config, ends));
}

async function start(config: Config, ends: Ends): Promise<void> {
  const log = createLogger({ level: config.logLevel, name: 'gateway' });
  const folder = await ownStateFolder(config.stateFolder);
  ends.add(() => folder.release());
  const { register, rpcUrls } = await openNamedRegister(config, folder);
  const vkeyHashes = await loadStatements({
    production: config.environment === 'production',
    allowDevelopmentKeys: config.allowDevelopmentKeys,
  });
  const gatewayKey = await loadGatewayKey(folder);
  const gateway = await startGateway({
    ...{ config, gatewayKey, register, rpcUrls, vkeyHashes, log },
    landing: async () => PAGE,
    stateFolder: folder.path,
  });
  ends.add(async () => {
    await drain(gateway, config.drainMilliseconds);
    await gateway.stop();
  });
  log.info({ url: gateway.url }, 'the gateway answers');
}
