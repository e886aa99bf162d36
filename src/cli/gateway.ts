import { KIT_DOCUMENTS } from '../client/kit-documents.js';
import type { Config } from '../core/config.js';
import type { Logger } from '../core/log.js';
import { networkDomains } from '../federation/domains.js';
import type { Landing } from '../federation/explorer/landing.js';
import type { Personas } from '../federation/explorer/personas.js';
import { createGateway, type GatewayOptions } from '../federation/gateway.js';
import { serverLimitsOf } from '../federation/http/server-limits.js';
import { listen } from '../federation/node-server.js';
import { createReadiness, type Readiness } from '../federation/readiness.js';
import type { Register } from '../ledger/connection.js';
import type { LedgerWatch } from '../ledger/watch.js';
import { createAskNodes } from '../network/ask-nodes.js';
import { endpointRuleOf } from '../network/endpoint-rule.js';
import type { GatewayKey } from '../network/gateway-key.js';
import type { Statement } from '../network/model.js';
import { PeerClocks } from '../network/peer-clocks.js';
import { createProbe } from '../network/probe.js';
import { LedgerNetwork } from '../network/source.js';
import { openWire } from '../network/wire.js';
import { watchRegister } from './ledger-watch.js';
import { lateInstitutions } from './node-health.js';
import { gatewayChecks, hearBlocks } from './ready/checks.js';
import { VERSION } from './version.js';

/** What a gateway is made of. It holds its own key and no requester's. */
export interface GatewayParts {
  readonly config: Config;
  readonly gatewayKey: GatewayKey;
  readonly register: Register;
  readonly rpcUrls: readonly string[];
  /** SHA-256 of each statement's verification key, by statement. */
  readonly vkeyHashes: Readonly<Record<string, string>>;
  /** What visitors' pages are filled in with, for the persona that the URL names. */
  readonly landing: (persona: string | undefined) => Promise<Landing>;
  /** Those as whom a visitor of the pilot may ask; no other gateway has any. */
  readonly personas?: Personas;
  readonly log: Logger;
  /** Where this gateway keeps its files; readiness looks whether it takes any. Not looked at without it. */
  readonly stateFolder?: string;
}

/** A gateway that answers. */
export interface RunningGateway {
  readonly url: string;
  readonly watch: LedgerWatch;
  /** From now on `/readyz` says STOPPING, and everything is answered as before. */
  beginStop(): void;
  stop(): Promise<void>;
}

/** Starts a gateway over whatever nodes the ledger lists. @throws DomainError PORT_TAKEN, LEDGER_*. */
export async function startGateway(parts: GatewayParts): Promise<RunningGateway> {
  const { config, log } = parts;
  const watch = watchRegister(parts, config, { log });
  try {
    await watch.ready;
    const clocks = new PeerClocks();
    hearBlocks(watch, clocks);
    const probe = probeOf(parts, watch, clocks);
    const { stateFolder } = parts;
    const checks = gatewayChecks({ watch, clocks, probe, stateFolder });
    const readiness = createReadiness(checks, log);
    const app = await createGatewayOver(parts, watch, { probe, readiness });
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

function probeOf({ config, log: logger }: GatewayParts, watch: LedgerWatch, clocks: PeerClocks) {
  const institutions = () => watch.current().institutions;
  return createProbe(institutions, { logger, wire: openWire(endpointRuleOf(config)), clocks });
}

function createGatewayOver(
  parts: GatewayParts,
  watch: LedgerWatch,
  health: Pick<GatewayOptions, 'probe'> & { readonly readiness: Readiness },
) {
  const { config, gatewayKey, register, landing, personas, log: logger } = parts;
  const institutions = () => watch.current().institutions;
  const statements = Object.entries(parts.vkeyHashes).map(
    ([name, verificationKeyHash]): Statement => ({ name, verificationKeyHash }),
  );
  const wire = openWire(endpointRuleOf(config));
  const budgetMs = {
    records: config.recordsBudgetMilliseconds,
    trials: config.askBudgetMilliseconds,
    supply: config.askBudgetMilliseconds,
  };
  const network = new LedgerNetwork({
    snapshot: () => watch.current(),
    statements,
    parameters: {
      name: config.network,
      tokenMaxSeconds: config.tokenMaxSeconds,
    },
  });
  return createGateway({
    ...{ gatewayKey, logger, statements, landing, personas, version: VERSION },
    tokenMaxSeconds: config.tokenMaxSeconds,
    publicUrl: config.gatewayUrl,
    subgraphs: networkDomains({
      nodes: createAskNodes({ institutions, gatewayKey, logger, budgetMs, wire }),
      network,
      presentBudgetMs: config.presentBudgetMilliseconds,
      activeInstitutions: () => watch.current().activeInstitutions.map(({ id }) => id),
    }),
    ledger: {
      chainId: register.pins.chainId,
      contract: register.contract,
      epoch: () => watch.current().epoch,
      late: () => lateInstitutions(watch.current(), config),
    },
    ...health,
    limits: serverLimitsOf(config, 'gateway'),
    trusted: {
      trust: config.trustedDocuments,
      folder: config.trustedDocumentsFolder,
      documents: KIT_DOCUMENTS,
    },
  });
}
