import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { schemaOf } from '../../src/store/database.js';
import { openDatabaseServer } from '../../src/store/open.js';
import { startPostgres } from '../../test/support/store/postgres-server.js';

/** How another process opens the same database. */
export interface NamedStore {
  readonly institution: string;
  readonly url?: string;
  readonly directory?: string;
}

/** A database for one measurement, which nothing of is left afterwards. */
export async function openBenchStore(options: { readonly postgres: boolean }) {
  const institution = `bench-register-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const own = options.postgres ? await startPostgres() : undefined;
  const url = own?.url ?? process.env.DATABASE_URL;
  const named: NamedStore =
    url === undefined ? { institution, directory: join(folder, 'database') } : { institution, url };
  const server = await openDatabaseServer(named);
  const db = await server.open(institution);
  const engine = own === undefined ? server.engine : `postgres ${own.major}, its own`;

  async function remove(): Promise<void> {
    if (url !== undefined && own === undefined) await dropSchema(url, schemaOf(institution));
    await own?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { db, engine, named, close: () => server.close(), remove };
}

async function dropSchema(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  await client.end();
}
