import { serverLimitsOf } from '../../federation/http/server-limits.js';
import { listen } from '../../federation/node-server.js';
import { createReadiness } from '../../federation/readiness.js';
import { createSubgraphServer } from '../../federation/subgraph-server.js';
import { PeerClocks } from '../../network/peer-clocks.js';
import { watchRegister } from '../state/ledger-watch.js';
import type { RunningGateway } from './gateway.js';
import { type AskingParts, networkParts } from './network-parts.js';
import { gatewayChecks, hearBlocks } from './ready-checks.js';
import { subgraphsUrlOf } from './subgraphs-url.js';

/**
 * Serves the subgraphs over the nodes that the ledger lists. @throws DomainError PORT_TAKEN,
 * LEDGER_*.
 */
export async function startSubgraphs(parts: AskingParts): Promise<RunningGateway> {
  const { config, log, stateFolder } = parts;
  const url = subgraphsUrlOf(config);
  warnOfOneAddress(parts);
  const watch = watchRegister(parts, config, { log });
  try {
    await watch.ready;
    const clocks = new PeerClocks();
    hearBlocks(watch, clocks);
    const network = networkParts(parts, watch, clocks);
    const checks = gatewayChecks({ watch, clocks, probe: network.probe, stateFolder });
    const readiness = createReadiness(checks, log);
    // A router asks for many clients, like a gateway at a node.
    const limits = serverLimitsOf(config, 'node');
    const app = await createSubgraphServer({ ...network, readiness, limits });
    await listen(app, { host: config.subgraphsHost, port: config.subgraphsPort });
    const beginStop = () => readiness.beginStop();
    const stop = async () => {
      await app.close();
      watch.stop();
    };
    return { url, watch, beginStop, stop };
  } catch (thrown) {
    watch.stop();
    throw thrown;
  }
}

/** Logged at the start: later nothing would show why clients with few requests are refused. */
function warnOfOneAddress({ config, log }: AskingParts): void {
  if (config.trustedProxies !== undefined) return;
  log.warn(
    { setting: 'trustedProxies' },
    'all clients of a router without a token share its address and so one rate limit, which ' +
      'one of them can use up',
  );
}
