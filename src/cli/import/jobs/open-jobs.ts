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
 * Lets importers upload files at a node's listener for operators.
 *
 * @param parts.folder - for uploads until they are imported; no other process uses it.
 * @returns a function that ends the imports; call it once the server accepts no more requests.
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
