import type { Config } from '../../core/settings/config.js';
import { requireFreePort } from '../../ledger/anvil/free-port.js';
import { PILOT_INSTITUTIONS } from './institutions.js';

/** @throws DomainError PORT_TAKEN naming the first of the pilot's ports that is already in use. */
export async function requireFreePorts(config: Config): Promise<void> {
  const { gatewayHost, gatewayPort, nodeHost, nodePort, ledgerPort } = config;
  await requireFreePort(gatewayHost, gatewayPort);
  await requireFreePort('127.0.0.1', ledgerPort);
  for (const at of PILOT_INSTITUTIONS.keys()) await requireFreePort(nodeHost, nodePort + at);
}
