import { KIT_DOCUMENTS } from '../../client/kit-documents.js';
import type { Landing } from '../../federation/explorer/landing.js';
import type { Personas } from '../../federation/explorer/personas.js';
import { createGateway } from '../../federation/gateway.js';
import { serverLimitsOf } from '../../federation/http/server-limits.js';
import { listen } from '../../federation/node-server.js';
import { createReadiness } from '../../federation/readiness.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';
import { PeerClocks } from '../../network/peer-clocks.js';
import { watchRegister } from '../state/ledger-watch.js';
import { type AskingParts, networkParts } from './network-parts.js';
import { gatewayChecks, hearBlocks } from './ready-checks.js';

/** What a gateway is built from. */
export interface GatewayParts extends AskingParts {
  /** The contents of visitors' pages, for the persona in the URL. */
  readonly landing: (persona: string | undefined) => Promise<Landing>;
  /** The personas in whose name visitors of the pilot may ask; no other gateway has any. */
  readonly personas?: Personas;
}

/** A running gateway. */
export interface RunningGateway {
  readonly url: string;
  readonly watch: LedgerWatch;
  /** From now on `/readyz` says STOPPING; everything else is answered as before. */
  beginStop(): void;
  stop(): Promise<void>;
}

/**
 * Starts a gateway to the nodes that the ledger lists. @throws DomainError PORT_TAKEN, LEDGER_*.
 */
export async function startGateway(parts: GatewayParts): Promise<RunningGateway> {
  const { config, log } = parts;
  const watch = watchRegister(parts, config, { log });
  try {
    await watch.ready;
    const clocks = new PeerClocks();
    hearBlocks(watch, clocks);
    const network = networkParts(parts, watch, clocks);
    const { stateFolder } = parts;
    const checks = gatewayChecks({ watch, clocks, probe: network.probe, stateFolder });
    const readiness = createReadiness(checks, log);
    const app = await createGateway({
      ...network,
      readiness,
      landing: parts.landing,
      personas: parts.personas,
      publicUrl: config.gatewayUrl,
      limits: serverLimitsOf(config, 'gateway'),
      trusted: {
        trust: config.trustedDocuments,
        folder: config.trustedDocumentsFolder,
        documents: KIT_DOCUMENTS,
      },
    });
    await listen(app, { host: config.gatewayHost, port: config.gatewayPort });
    const beginStop = () => readiness.beginStop();
    const stop = async () => {
      await app.close();
      watch.stop();
    };
    return { url: `http://${config.gatewayHost}:${config.gatewayPort}`, watch, beginStop, stop };
  } catch (thrown) {
    watch.stop();
    throw thrown;
  }
}
