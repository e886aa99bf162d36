import type { Logger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import { networkDomains } from '../../federation/domains.js';
import type { Register } from '../../ledger/rpc/connection.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';
import { createAskNodes } from '../../network/ask-nodes.js';
import { endpointRuleOf } from '../../network/endpoint-rule.js';
import type { GatewayKey } from '../../network/gateway-key.js';
import type { ProvableStatement } from '../../network/model.js';
import type { PeerClocks } from '../../network/peer-clocks.js';
import { createProbe } from '../../network/probe.js';
import { LedgerNetwork } from '../../network/source.js';
import { openWire } from '../../network/wire.js';
import { VERSION } from '../process/version.js';
import { lateInstitutions } from './node-health.js';

/** What a gateway, or its subgraphs for a router, is built from. It holds no requester's key. */
export interface AskingParts {
  readonly config: Config;
  readonly gatewayKey: GatewayKey;
  readonly register: Register;
  readonly rpcUrls: readonly string[];
  /** SHA-256 of each statement's verification key, by statement. */
  readonly vkeyHashes: Readonly<Record<string, string>>;
  readonly log: Logger;
  /**
   * Where it keeps its files; readiness checks that it is writable. Without it, this is not
   * checked.
   */
  readonly stateFolder?: string;
}

/** The domains over the nodes that the ledger lists, and the network's own fields. */
export function networkParts(parts: AskingParts, watch: LedgerWatch, clocks: PeerClocks) {
  const { config, gatewayKey, register, log: logger } = parts;
  const institutions = () => watch.current().institutions;
  const statements = Object.entries(parts.vkeyHashes).map(
    ([name, verificationKeyHash]): ProvableStatement => ({ name, verificationKeyHash }),
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
  return {
    gatewayKey,
    logger,
    statements,
    version: VERSION,
    tokenMaxSeconds: config.tokenMaxSeconds,
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
    probe: createProbe(institutions, { logger, wire: openWire(endpointRuleOf(config)), clocks }),
  };
}
