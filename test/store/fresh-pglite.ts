import { sql } from 'drizzle-orm';
import type { Database, DatabaseServer, StatementListener } from '../../src/store/database.js';
import { openPglite } from '../../src/store/pglite.js';
import { pgliteImage } from './pglite-image.js';

interface Engine {
  readonly server: DatabaseServer;
  /** Who hears its statements now. */
  listener: StatementListener | undefined;
}

/**
 * The engines of this process that no test holds. To start one takes a second of a core and every second
 * suite wants one; to drop its schemas takes 30 ms, and what is left is an engine as new.
 */
const idle: Engine[] = [];

/** An embedded database, in memory and empty, that a test has for itself until it closes it. */
export async function openFreshPglite(
  options: { readonly onStatement?: StatementListener } = {},
): Promise<DatabaseServer> {
  const engine = idle.pop() ?? (await startEngine());
  engine.listener = options.onStatement;
  const opened = new Map<string, Database>();
  let closing: Promise<void> | undefined;

  async function giveBack(): Promise<void> {
    engine.listener = undefined;
    for (const db of opened.values()) await dropSchema(db);
    idle.push(engine);
  }

  return {
    ...engine.server,
    async open(institution) {
      const db = await engine.server.open(institution);
      opened.set(db.schema, db);
      return db;
    },
    close() {
      closing ??= giveBack();
      return closing;
    },
  };
}

async function startEngine(): Promise<Engine> {
  const heard: { listener: StatementListener | undefined } = { listener: undefined };
  const server = await openPglite({
    image: await pgliteImage(),
    onStatement: (statement) => heard.listener?.(statement),
  });
  return Object.assign(heard, { server });
}

async function dropSchema({ schema, transaction }: Database): Promise<void> {
  await transaction((tx) => tx.execute(sql`DROP SCHEMA ${sql.identifier(schema)} CASCADE`));
}
