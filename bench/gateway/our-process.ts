/** This project's gateway in a process of its own. Run with a GatewaySetting as JSON; prints its URL. */
import { createGateway } from '../../src/federation/gateway.js';
import { domainsOf, type GatewaySetting, LIMITS, logger } from './domains.js';
import { sayOnceReady } from './program.js';

const setting = JSON.parse(process.argv[2] ?? '') as GatewaySetting;
const { gatewayKey, subgraphs } = await domainsOf(setting);
const app = await createGateway({
  subgraphs,
  gatewayKey,
  logger,
  version: '0.0.0',
  tokenMaxSeconds: 43_200,
  statements: [],
  ledger: { chainId: 31_337, contract: '0x01', epoch: () => 1, late: () => [] },
  probe: async () => [],
  landing: async () => ({ document: '{ __typename }', headers: {} }),
  limits: LIMITS,
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
sayOnceReady({ url });
