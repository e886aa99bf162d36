import { pino } from 'pino';
import type { Subgraph } from '../../src/federation/compose.js';
import { networkDomains } from '../../src/federation/domains.js';
import { usualServerLimits } from '../../src/federation/http/server-limits.js';
import { type AskedInstitution, createAskNodes } from '../../src/network/ask-nodes.js';
import { importGatewayKey } from '../../src/network/gateway-key.js';
import { networkOf } from '../../test/support/federation/stand.js';

/** What a gateway is told: its key, and the nodes there are. */
export interface GatewaySetting {
  readonly gatewayJwk: JsonWebKey;
  readonly institutions: readonly AskedInstitution[];
}

export const logger = pino({ level: 'silent' });

const MANY = 1e9;

/** One client stands here for many. */
export const LIMITS = {
  ...usualServerLimits('gateway'),
  requestsPerMinuteByAddress: MANY,
  requestsPerMinuteByHolder: MANY,
};

/** The same subgraphs for both gateways: every domain over its nodes. */
export async function domainsOf(setting: GatewaySetting) {
  const { institutions } = setting;
  const gatewayKey = await importGatewayKey(setting.gatewayJwk as never);
  const nodes = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  const subgraphs: readonly Subgraph[] = networkDomains({
    nodes,
    network: networkOf(institutions),
    activeInstitutions: () => institutions.map(({ id }) => id),
  });
  return { gatewayKey, subgraphs };
}
