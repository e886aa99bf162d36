import { join } from 'node:path';
import { createOperatorGate } from '../../consent/operators/gate.js';
import { type Clock, systemClock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { operatorAudience } from '../../core/operator/audience.js';
import { readOperatorKeys } from '../../core/operator/key.js';
import type { Config } from '../../core/settings/config.js';
import { serverLimitsOf } from '../../federation/http/server-limits.js';
import { listen } from '../../federation/node-server.js';
import { createOperatorServer, type OperatorServer } from '../../federation/operator/server.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';
import type { Database } from '../../store/database.js';
import { namesOn } from '../state/network-names.js';

const MS_IN_SECOND = 1_000;

/** Where a node listens for its operators. */
export interface OperatorAddress {
  readonly host: string;
  readonly port: number;
}

/** The parts of a node that its operators need. */
export interface OperatorParts {
  readonly institution: InstitutionId;
  readonly config: Config;
  readonly db: Database;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where this node keeps its files; without it nothing can be uploaded. */
  readonly stateFolder?: string;
  /** Without it, this node does not listen for operators. */
  readonly operators?: OperatorAddress;
}

/**
 * Listens for operators, if the settings have operator keys and this node was told where.
 *
 * @returns a function that ends it.
 * @throws DomainError CONFIGURATION_INVALID {operatorKeys}, PORT_TAKEN
 */
export async function listenForOperators(
  parts: OperatorParts,
  watch: Pick<LedgerWatch, 'latest'>,
): Promise<() => Promise<unknown>> {
  const { config, db, institution, log, clock = systemClock, operators: address } = parts;
  if (config.operatorKeys === undefined || address === undefined) return async () => undefined;
  const keys = await readOperatorKeys(config.operatorKeys);
  // Operators can work even while the ledger is unavailable: the node's own address is known from
  // its last view.
  const audience = () =>
    operatorAudience(institution, watch.latest().requireInstitution(institution).endpoint);
  const limits = serverLimitsOf(config, 'node');
  const operators = createOperatorServer({
    institution,
    gate: createOperatorGate({ db, clock, keys, audience }),
    logger: log,
    // A file takes longer to arrive than a query. Access is checked before its body is read.
    limits: { ...limits, requestMs: config.importUploadSeconds * MS_IN_SECOND },
  });
  const { server } = operators;
  const endJobs = await openJobs(parts, operators, watch);
  try {
    await listen(server, address);
  } catch (thrown) {
    await server.close();
    await endJobs();
    throw thrown;
  }
  log.info({ keys: keys.size, port: address.port }, 'the node listens for operators');
  return async () => {
    await server.close();
    await endJobs();
  };
}

async function openJobs(
  { db, log, config, stateFolder, clock = systemClock }: OperatorParts,
  operators: OperatorServer,
  watch: Pick<LedgerWatch, 'latest'>,
): Promise<() => Promise<void>> {
  if (stateFolder === undefined) return async () => undefined;
  const { openImportJobs } = await import('../import/jobs/open-jobs.js');
  const names = () => namesOn(watch.latest().institutions);
  const folder = join(stateFolder, 'imports');
  return openImportJobs(operators, { db, log, config, clock, folder, names });
}
