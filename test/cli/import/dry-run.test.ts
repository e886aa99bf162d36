import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getTableName, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DECIDED_BY, importDry } from '../../../src/cli/import/dry.js';
import { importStandard, type Standard } from '../../../src/cli/import/standard.js';
import type { ImportReport } from '../../../src/core/import/import-report.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { openPostgres } from '../../../src/store/postgres.js';
import { BEFORE, DELIVERY, EPCIS, layFiles, TRIALS } from '../../support/cli/delivery.js';
import { IS_LONG } from '../../support/is-long.js';
import { allTables } from '../../support/store/all-tables.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../../support/store/postgres-server.js';

let folder: string;
let postgres: PostgresServer | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-dry-'));
  await layFiles(join(folder, 'before'), BEFORE);
  await layFiles(join(folder, 'fhir'), DELIVERY);
  await layFiles(join(folder, 'trials'), TRIALS);
  await layFiles(join(folder, 'epcis'), EPCIS);
});
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true });
});

const ENGINES = [
  { engine: 'pglite', skip: false, open: () => openFreshPglite() },
  {
    engine: 'postgres',
    // A minute of starting and preparing on a busy machine: the long run has it.
    skip: !HAS_POSTGRES || !IS_LONG,
    async open(): Promise<DatabaseServer> {
      postgres = await startPostgres();
      return openPostgres({ url: postgres.url, poolSize: 3 });
    },
  },
] as const;

/** Every row of every table of every schema but the system's, as one text a table. */
async function everyRow(db: Database): Promise<ReadonlyMap<string, string>> {
  return db.transaction(async (tx) => {
    const tables = rowsOf<{ name: string }>(
      await tx.execute(sql`
        SELECT table_schema || '"."' || table_name AS name FROM information_schema.tables
        WHERE table_schema LIKE ${`${db.schema}%`} ORDER BY 1`),
    );
    const rows = new Map<string, string>();
    for (const { name } of tables.filter((one) => !one.name.endsWith('process_lease'))) {
      const found = await tx.execute(
        sql.raw(`SELECT json_agg(t ORDER BY t::text)::text AS all
        FROM "${name}" AS t`),
      );
      rows.set(name, rowsOf<{ all: string }>(found)[0]?.all ?? '');
    }
    return rows;
  });
}

const inOrder = (reports: readonly ImportReport[]) =>
  reports.toSorted((a, b) => (a.file < b.file ? -1 : 1));

describe.each(ENGINES)('a dry run on $engine', ({ skip, open }) => {
  let server: DatabaseServer;
  let db: Database;
  beforeAll(async () => {
    if (skip) return;
    server = await open();
    db = await server.open('riverside-hospital');
    await take(db, 'fhir', 'before');
  });
  afterAll(() => server?.close());

  const take = (into: Database, standard: Standard, from: string) =>
    importStandard(
      into,
      { standard, from: join(folder, from), names: new Map() },
      { onReport: () => undefined },
    );

  test.skipIf(skip).each(['fhir', 'trials', 'epcis'] as const)(
    'of %s stores nothing at all, and reports what the import then does',
    async (standard) => {
      const before = await everyRow(db);
      const dry = await importDry(db, (into) => take(into, standard, standard));
      expect(await everyRow(db)).toEqual(before);
      const real = await take(db, standard, standard);
      expect(inOrder(dry)).toEqual(inOrder(real));
      expect(await everyRow(db)).not.toEqual(before);
      expect(real.some(({ taken }) => taken > 0)).toBe(true);
      expect(real.some(({ refused }) => refused.length > 0)).toBe(true);
    },
  );

  test.skipIf(skip)('that fails half-way leaves nothing either', async () => {
    const before = await everyRow(db);
    const broken = importDry(db, async (into) => {
      await take(into, 'fhir', 'before');
      throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    expect(await everyRow(db)).toEqual(before);
  });

  test.skipIf(skip)('keeps nobody from reading the tables as they are meanwhile', async () => {
    await importDry(db, async (into) => {
      await take(into, 'epcis', 'epcis');
      await into.transaction((tx) => tx.execute('DELETE FROM resource'));
      const count = await db.read('SELECT count(*)::int AS count FROM resource');
      expect(rowsOf<{ count: number }>(count)[0]?.count).toBeGreaterThan(0);
    });
  });
});

test('every table that there is is copied, or decides nothing', async () => {
  const DECIDES_NOTHING = {
    'written by an import, read by nothing of it': [
      ...['clinical_record', 'code_display', 'code_word', 'event_epc', 'event_party'],
      'evidence_entry',
    ],
    'of imports, not of what is in them': ['imported_file', 'import_job', 'import_refusal'],
    'the feed, the anchor and the proofs': [
      ...['anchor_pending', 'disclosure', 'presentation', 'presentation_ended', 'gate_change'],
      ...['evidence_gap', 'evidence_head', 'evidence_seen', 'evidence_seen_tree', 'evidence_tile'],
      ...['feed_digest', 'feed_entry', 'feed_fork', 'feed_gap_accepted', 'feed_head'],
      ...['feed_opened', 'feed_republished', 'withdrawal_held', 'restore_accepted'],
      ...['ledger_mark', 'register_leaf', 'register_overwrite', 'register_page', 'register_shard'],
    ],
    'consents, people, operators, processes': [
      ...['consent', 'erased_mark', 'tombstone_pending', 'link_code', 'past_subject'],
      ...['research_subject', 'study', 'wallet_backup', 'operator_revocation', 'operator_use'],
      'process_lease',
    ],
  };
  const tables = (await allTables()).map((table) => getTableName(table));
  const named = [...DECIDED_BY, ...Object.values(DECIDES_NOTHING).flat()];
  expect(named.toSorted()).toEqual([...new Set(tables)].toSorted());
});

describe('on the embedded engine, a dry run', () => {
  let server: DatabaseServer;
  let db: Database;
  beforeAll(async () => {
    server = await openFreshPglite();
    db = await server.open('riverside-hospital');
  });
  afterAll(() => server.close());

  const schemas = async () => {
    const found = await db.read(
      "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE 'assent%'",
    );
    return rowsOf<{ name: string }>(found).map(({ name }) => name);
  };

  test('that was killed leaves nothing once the database is opened', async () => {
    await db.transaction((tx) => tx.execute(sql.raw(`CREATE SCHEMA "${db.schema}.dry-run"`)));
    expect(await schemas()).toContain(`${db.schema}.dry-run`);
    await server.open('riverside-hospital');
    expect(await schemas()).toContain(db.schema);
    expect(await schemas()).not.toContain(`${db.schema}.dry-run`);
  });

  test('knows whom a condition means', async () => {
    const identifier = [{ system: 'urn:oid:1.2.3', value: 'MRN-1' }];
    const known = { resourceType: 'Patient', id: 'known', gender: 'female', identifier };
    const { id: _, ...again } = known;
    const request = {
      ...{ method: 'POST', url: 'Patient' },
      ifNoneExist: 'identifier=urn:oid:1.2.3|MRN-1',
    };
    const fullUrl = 'urn:uuid:0f1b2f3a-1111-4222-8333-444455556666';
    const entry = [{ fullUrl, request, resource: again }];
    await layFiles(join(folder, 'known'), { 'a.ndjson': `${JSON.stringify(known)}\n` });
    await layFiles(join(folder, 'asks'), {
      'b.ndjson': `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`,
    });
    const take = (into: Database, from: string) =>
      importStandard(
        into,
        { standard: 'fhir', from: join(folder, from), names: undefined, threads: 0 },
        { onReport: () => undefined },
      );
    await take(db, 'known');
    const dry = await importDry(db, (into) => take(into, 'asks'));
    expect(dry).toEqual(await take(db, 'asks'));
    expect(dry).toMatchObject([{ taken: 0, unchanged: 1 }]);
  });
});
