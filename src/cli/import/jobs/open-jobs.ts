import type { Clock } from '../../../core/clock.js';
import type { Logger } from '../../../core/log.js';
import type { Config } from '../../../core/settings/config.js';
import type { OperatorServer } from '../../../federation/operator/server.js';
import type { Database } from '../../../store/database.js';
import type { ImportInput } from '../standard.js';
import { ImportJobs } from './jobs.js';
import { addImportRoutes } from './routes.js';
import { Spool } from './spool.js';

const MEGABYTE = 1024 * 1024;

/**
 * Lets importers hand in files at a node's listener for operators.
 *
 * @param parts.folder - where uploads lie until they are imported; no other process uses it.
 * @returns what ends the imports; to be called once the server takes no requests any more.
 */
export async function openImportJobs(
  server: OperatorServer,
  parts: {
    readonly db: Database;
    readonly folder: string;
    readonly clock: Clock;
    readonly log: Logger;
    readonly config: Pick<Config, 'importMegabytes' | 'importQueue'>;
    readonly names: () => ImportInput['names'];
  },
): Promise<() => Promise<void>> {
  const { config, folder, ...rest } = parts;
  const spool = await Spool.open(folder);
  const jobs = await ImportJobs.open({ ...rest, spool, most: config.importQueue });
  const mostBytes = config.importMegabytes * MEGABYTE;
  addImportRoutes(server, { ...rest, jobs, spool, mostBytes });
  return () => jobs.close();
}
