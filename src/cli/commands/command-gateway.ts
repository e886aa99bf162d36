import { DomainError } from '../../core/errors.js';
import type { Config } from '../../core/settings/config.js';
import { drain } from '../process/drain.js';
import type { Ends } from '../process/ends.js';
import { runUntilStopped } from '../process/run-until-stopped.js';
import { startGateway } from '../serve/gateway.js';
import { ownParts } from '../serve/own-parts.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';

/** A stand-alone gateway holds no requester's keys, so its pages have no token. */
const PAGE = {
  document: `# A token that you sign yourself goes into the Authorization header.
query Network {
  network { epoch institutions { id name roles status } }
}
`,
  headers: {},
};

/**
 * A proxy may choose any Host header, so the public URL must be set. @throws CONFIGURATION_INVALID
 */
function requirePublicUrl({ environment, gatewayUrl }: Config): void {
  if (environment === 'production' && gatewayUrl === undefined) {
    throw new DomainError('CONFIGURATION_INVALID', { gatewayUrl: 'needed in production' });
  }
}

/** `assent gateway`: a gateway to the nodes that the ledger lists; runs until stopped. */
export async function runGateway(options: CommonOptions): Promise<void> {
  const config = settingsOf(options);
  requirePublicUrl(config);
  await runUntilStopped((ends) => start(config, ends));
}

async function start(config: Config, ends: Ends): Promise<void> {
  const parts = await ownParts(config, 'gateway', ends);
  const gateway = await startGateway({ ...parts, landing: async () => PAGE });
  ends.add(async () => {
    await drain(gateway, config.drainMilliseconds);
    await gateway.stop();
  });
  parts.log.info({ url: gateway.url }, 'the gateway answers');
}
