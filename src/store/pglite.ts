import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { PGlite, types } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { DomainError } from '../core/errors.js';
import {
  beginWith,
  type Database,
  type DatabaseServer,
  type SqlTransaction,
  type StatementListener,
  schemaOf,
} from './database.js';
import { MIGRATIONS_FOLDER, MIGRATIONS_TABLE } from './migrations.js';

/**
 * Opens an embedded PostgreSQL (PGlite) on disk, or in memory without a directory.
 * One instance serves many schemas: five instances would take 1.5 GB.
 *
 * @throws DomainError DATABASE_UNAVAILABLE if the directory cannot be used.
 */
export async function openPglite(options: {
  readonly directory?: string;
  readonly onStatement?: StatementListener;
}): Promise<DatabaseServer> {
  const client = await startPglite(options.directory);
  const { onStatement } = options;
  const db = drizzle(
    client,
    onStatement ? { logger: { logQuery: (query) => onStatement(query) } } : {},
  );
  // Migrations set the session's search path, so one schema is opened at a time.
  let opening: Promise<unknown> = Promise.resolve();

  async function openSchema(institution: string): Promise<Database> {
    const schema = schemaOf(institution);
    await client.exec(`CREATE SCHEMA IF NOT EXISTS "${schema}"; SET search_path TO "${schema}"`);
    try {
      await migrate(db, {
        migrationsFolder: MIGRATIONS_FOLDER,
        migrationsSchema: schema,
        migrationsTable: MIGRATIONS_TABLE,
      });
    } finally {
      await client.exec('RESET search_path');
    }
    const transaction: Database['transaction'] = (work, mode = 'write') =>
      db.transaction(async (tx) => {
        for (const statement of beginWith(schema, mode)) await tx.execute(statement);
        return work(tx as unknown as SqlTransaction);
      });
    const read = (statement: string) => transaction((tx) => tx.execute(statement), 'read');
    return { engine: 'pglite', schema, transaction, read };
  }

  return {
    engine: 'pglite',
    open(institution) {
      const opened = opening.then(() => openSchema(institution));
      opening = opened.catch(() => undefined);
      return opened;
    },
    ping: async () => void (await client.query('SELECT 1')),
    close: () => client.close(),
  };
}

/**
 * A text goes to the engine by a loop over its characters, twice, which for the lists that an import
 * sends is a fifth of storing them. As bytes, in jsonb's binary form, they are copied. A list of
 * jsonb, jsonb[], the driver cannot make of bytes: it says so.
 */
const SENDS_BYTES = { serializers: { [types.JSONB]: jsonbOf } };

/** The version of jsonb's binary form, which its text follows. @source jsonb_recv of PostgreSQL */
const JSONB_VERSION = 1;

function jsonbOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(text));
  bytes[0] = JSONB_VERSION;
  bytes.write(text, 1);
  // The driver sends a view of bytes as they are; that its types speak of texts alone is an omission.
  return bytes as unknown as string;
}

async function startPglite(directory: string | undefined): Promise<PGlite> {
  try {
    if (directory === undefined) return await PGlite.create(SENDS_BYTES);
    return await openOrMake(directory);
  } catch (cause) {
    throw new DomainError('DATABASE_UNAVAILABLE', { engine: 'pglite' }, cause);
  }
}

/**
 * A database whose making was cut short, by a full disk or a killed process, looks made and does not
 * open. A mark beside it says that nothing was ever stored there, so that it is made again.
 */
async function openOrMake(directory: string): Promise<PGlite> {
  const mark = `${directory}.unfinished`;
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  if (await exists(mark)) await rm(directory, { recursive: true, force: true });
  const isNew = !(await exists(directory));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (isNew) await writeFile(mark, '', { mode: 0o600 });
  const client = await PGlite.create(directory, SENDS_BYTES);
  if (isNew) await rm(mark, { force: true });
  return client;
}
