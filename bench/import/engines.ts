import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/store/database.js';
import { openPglite } from '../../src/store/pglite.js';
import { openPostgres } from '../../src/store/postgres.js';
import { startPostgres } from '../../test/support/store/postgres-server.js';

/** A database to fill, and how to be rid of it. */
export interface Engine {
  readonly db: Database;
  close(): Promise<void>;
}

const INSTITUTION = 'riverside-hospital';

/** The embedded engine, on disk as a node has it. */
export async function pgliteEngine(): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const server = await openPglite({ directory });
  const close = async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { db: await server.open(INSTITUTION), close };
}

/** A PostgreSQL server of this bench's own. */
export async function postgresEngine(): Promise<Engine> {
  const postgres = await startPostgres();
  const server = await openPostgres({ url: postgres.url });
  const close = async () => {
    await server.close();
    await postgres.stop();
  };
  return { db: await server.open(INSTITUTION), close };
}
