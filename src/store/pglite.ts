import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { PGlite, type PGliteOptions, type Transaction, types } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { DomainError } from '../core/errors.js';
import {
  type Database,
  type DatabaseServer,
  optionsOf,
  type SqlTransaction,
  type StatementListener,
  schemaOf,
} from './database.js';
import { dropCopyOf } from './dry-run/copy-schema.js';
import { failureOf, withoutStatement } from './failure.js';
import { migrateSchema } from './migrations.js';
import { PrivateFolder, tighten } from './private-files.js';

/**
 * Opens an embedded PostgreSQL (PGlite) on disk, or in memory without a directory.
 * One instance serves many schemas: five instances would take 1.5 GB.
 *
 * @throws DomainError DATABASE_UNAVAILABLE if the directory cannot be used.
 */
export async function openPglite(options: {
  readonly directory?: string;
  /** What a new one begins with: another's data directory as dumped. To make one takes 2.5 s of a core. */
  readonly image?: Blob;
  readonly onStatement?: StatementListener;
}): Promise<DatabaseServer> {
  const client = await startPglite(options.directory, options.image);
  const { onStatement } = options;
  const logging = onStatement ? { logger: { logQuery: onStatement } } : {};

  /** Nothing of the driver leaves here: its errors hold the rows that they are about. */
  async function transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (client.closed) throw new DomainError('DATABASE_UNAVAILABLE', { engine: 'pglite' });
    let atWork = false;
    try {
      return await client.transaction(async (tx) => {
        atWork = true;
        const result = await work(tx);
        atWork = false;
        return result;
      });
    } catch (thrown) {
      throw atWork ? withoutStatement(thrown, 'pglite') : failureOf(thrown, 'pglite');
    }
  }

  async function openSchema(institution: string): Promise<Database> {
    const schema = schemaOf(institution);
    await transact((tx) =>
      migrateSchema(async (statement) => (await tx.exec(statement).catch(fail)).at(-1), schema),
    );
    // Of a dry run whose process was killed: no other process works here.
    await transact((tx) => tx.exec(dropCopyOf(schema)).catch(fail));
    const transaction: Database['transaction'] = (work, mode = 'write') =>
      transact(async (tx) => {
        await tx.exec(optionsOf(schema, mode)).catch(fail);
        return work(drizzle(plainly(tx), logging) as unknown as SqlTransaction);
      });
    const read = (statement: string) => {
      onStatement?.(statement);
      return transact(async (tx) =>
        (await tx.exec(`${optionsOf(schema, 'read')}; ${statement}`).catch(fail)).at(-1),
      );
    };
    return { engine: 'pglite', schema, transaction, read };
  }

  return {
    engine: 'pglite',
    open: openSchema,
    ping: async () => void (await client.query('SELECT 1').catch(fail)),
    // It runs in this process: it hangs only with it.
    hurry: () => undefined,
    close: () => client.close(),
  };
}

/**
 * A text goes to the engine by a loop over its characters, twice, which for the lists that an import
 * sends is a fifth of storing them. As bytes, in jsonb's binary form, they are copied. A list of
 * jsonb, jsonb[], the driver cannot make of bytes: it says so.
 */
const SENDS_BYTES: PGliteOptions = { serializers: { [types.JSONB]: jsonbOf } };

/**
 * PostgreSQL's own 128 MB of page buffers are all touched at the start, which is half of what a start
 * costs, and are held to the end. Pages that do not fit are in the operating system's cache.
 */
const SMALL_BUFFERS: PGliteOptions = {
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
};

const USUAL: PGliteOptions = { ...SENDS_BYTES, ...SMALL_BUFFERS };

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

/**
 * What drizzle reads as the server wrote it. It says so with each statement, for which the driver
 * copies its table of 300 types: a quarter of a short statement's time.
 */
const AS_WRITTEN: readonly number[] = [
  ...[types.TIMESTAMP, types.TIMESTAMPTZ, types.INTERVAL, types.DATE],
  // Lists of numeric, timestamp, timestamptz, interval and date.
  ...[1231, 1115, 1185, 1187, 1182],
];

/** A transaction as drizzle's client, its statements without the types that the driver knows by now. */
function plainly(tx: Transaction): PGlite {
  const query: PGlite['query'] = (text, params, options) =>
    tx
      .query<never>(
        text,
        params,
        options?.rowMode === undefined ? {} : { rowMode: options.rowMode },
      )
      .catch(fail);
  return { query } as PGlite;
}

function fail(thrown: unknown): never {
  throw failureOf(thrown, 'pglite');
}

async function startPglite(
  directory: string | undefined,
  image: Blob | undefined,
): Promise<PGlite> {
  const begin = image === undefined ? USUAL : { ...USUAL, loadDataDir: image };
  try {
    const client =
      directory === undefined ? await PGlite.create(begin) : await openOrMake(directory, begin);
    for (const type of AS_WRITTEN) client.parsers[type] = (text) => text;
    return client;
  } catch {
    throw new DomainError('DATABASE_UNAVAILABLE', { engine: 'pglite' });
  }
}

/**
 * A database whose making was cut short, by a full disk or a killed process, looks made and does
 * not open. A marker file next to it says that nothing was stored there yet, so that it is made
 * again.
 */
async function openOrMake(directory: string, begin: PGliteOptions): Promise<PGlite> {
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
  await tighten(directory);
  const fs = new PrivateFolder(directory);
  const client = await PGlite.create({ ...(isNew ? begin : USUAL), fs });
  if (isNew) await rm(mark, { force: true });
  return client;
}
