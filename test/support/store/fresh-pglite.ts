import { sql } from 'drizzle-orm';
import { DomainError } from '../../../src/core/errors.js';
import {
  type Database,
  type DatabaseServer,
  rowsOf,
  type StatementListener,
} from '../../../src/store/database.js';
import { MIGRATIONS_TABLE } from '../../../src/store/migrations.js';
import { openPglite } from '../../../src/store/pglite.js';
import { pgliteImage } from './pglite-image.js';

interface Engine {
  readonly server: DatabaseServer;
  /** Who hears its statements now. */
  listener: StatementListener | undefined;
  /** What each of its schemas is made of, as the migrations left it. */
  readonly made: Map<string, string>;
}

/**
 * The engines of this process that no test holds. To start one takes a second of a core, to make a
 * schema a tenth, and 150 are asked for; to empty one takes 20 ms, and what is left is as new.
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
    for (const db of opened.values()) await renew(engine, db);
    idle.push(engine);
  }

  return {
    ...engine.server,
    async open(institution) {
      const db = await engine.server.open(institution);
      if (!opened.has(db.schema)) await remember(engine, db);
      opened.set(db.schema, db);
      return untilClosed(db, () => closing !== undefined);
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
  return Object.assign(heard, { server, made: new Map<string, string>() });
}

/** What goes on after its test writes nothing into the next one's rows. */
function untilClosed(db: Database, isClosed: () => boolean): Database {
  const requireOpen = () => {
    if (isClosed()) throw new DomainError('DATABASE_UNAVAILABLE', { engine: 'pglite' });
  };
  return {
    ...db,
    async transaction(work, mode) {
      requireOpen();
      return db.transaction(work, mode);
    },
    async read(statement) {
      requireOpen();
      return db.read(statement);
    },
  };
}

interface Relation {
  readonly name: string;
  readonly kind: string;
  /** Whether a row was ever written to it, be it taken back. */
  readonly written: boolean;
}

async function relationsOf({ schema, transaction }: Database): Promise<readonly Relation[]> {
  const listed = await transaction((tx) =>
    tx.execute(sql`
      SELECT relname AS name, relkind::text AS kind, pg_relation_size(oid) > 0 AS written
      FROM pg_class WHERE relnamespace = ${schema}::regnamespace ORDER BY relname`),
  );
  return rowsOf<Relation>(listed);
}

const namesOf = (relations: readonly Relation[]) =>
  relations.map(({ name, kind }) => `${kind} ${name}`).join();

async function remember({ made }: Engine, db: Database): Promise<void> {
  if (!made.has(db.schema)) made.set(db.schema, namesOf(await relationsOf(db)));
}

/** Empties a schema, or drops it if the test made or dropped something there. */
async function renew({ made }: Engine, db: Database): Promise<void> {
  const relations = await relationsOf(db);
  const { schema, transaction } = db;
  if (namesOf(relations) !== made.get(schema)) {
    made.delete(schema);
    await transaction((tx) => tx.execute(sql`DROP SCHEMA ${sql.identifier(schema)} CASCADE`));
    return;
  }
  const own = relations.filter(({ name }) => !name.startsWith(MIGRATIONS_TABLE));
  const tables = own.filter(({ kind, written }) => kind === 'r' && written);
  await transaction(async (tx) => {
    // A trigger would note the change in a table that is empty by then.
    await tx.execute(sql`SET LOCAL session_replication_role = replica`);
    if (tables.length > 0) await tx.execute(truncate(tables));
    for (const { name } of own.filter(({ kind }) => kind === 'S')) {
      await tx.execute(sql`SELECT setval(${name}, 1, false)`);
    }
  });
}

const truncate = (tables: readonly Relation[]) =>
  sql`TRUNCATE ${sql.join(
    tables.map(({ name }) => sql.identifier(name)),
    sql`, `,
  )}`;
