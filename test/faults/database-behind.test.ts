import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemaOf } from '../../src/store/database.js';
import {
  type SponsorNetwork,
  type SponsorNode,
  startSponsorNetwork,
} from '../support/faults/sponsor-node.js';
import { expectFault } from '../support/faults/table.js';
import { ownLedger } from '../support/ledger/external-ledger.js';
import { findPostgres } from '../support/store/postgres-binaries.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../support/store/postgres-server.js';

const SCHEMA = schemaOf('institution-0');
const WITHIN = { timeout: 30_000, interval: 200 };
const run = promisify(execFile);

describe.runIf(HAS_POSTGRES && ownLedger('a node anchors alone'))('a database is replaced', () => {
  const home = mkdtempSync(join(tmpdir(), 'assent-behind-'));
  let network: SponsorNetwork;
  let postgres: PostgresServer;
  let admin: pg.Client;
  let node: SponsorNode;

  beforeAll(async () => {
    [network, postgres] = await Promise.all([startSponsorNetwork(), startPostgres()]);
    await network.fill(postgres.url);
    admin = new pg.Client({ connectionString: urlOf('template1') });
    await admin.connect();
    node = await network.launch(postgres.url, { ASSENT_CADENCE_SECONDS: '2' });
    await node.ready();
  }, 120_000);
  afterAll(async () => {
    await node?.process.end('SIGKILL');
    await admin?.end();
    await postgres?.stop();
    await network?.end();
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  function urlOf(database: string): string {
    const url = new URL(postgres.url);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** How many digests were prepared: all but the last of them are anchored. */
  async function prepared(): Promise<number> {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM "${SCHEMA}".feed_digest`);
    await client.end();
    return rows[0].n;
  }

  /** A second database that has what the first one has now. */
  async function replicate(): Promise<void> {
    const env = { ...process.env, PATH: `${findPostgres()?.folder ?? ''}:${process.env.PATH}` };
    const dump = join(home, 'dump');
    await run('pg_dump', ['--format=custom', `--file=${dump}`, postgres.url], { env });
    await admin.query('CREATE DATABASE replica');
    const into = `--dbname=${urlOf('replica')}`;
    await run('pg_restore', ['--exit-on-error', into, dump], { env });
  }

  /** Every connection ends, and the URL leads to the replica. */
  async function failOver(name: string): Promise<void> {
    const first = new URL(postgres.url).pathname.slice(1);
    await admin.query(`ALTER DATABASE "${first}" ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      first,
    ]);
    await expect
      .poll(() => admin.query(`ALTER DATABASE "${first}" RENAME TO "${name}"`).then(() => true), {
        ...WITHIN,
        interval: 20,
      })
      .toBe(true);
    await admin.query(`ALTER DATABASE replica RENAME TO "${first}"`);
  }

  test('database-behind: a replica that has everything goes on; one that lacks commits ends the node', async () => {
    await expect.poll(prepared, WITHIN).toBeGreaterThanOrEqual(2);
    node.process.child.kill('SIGSTOP');
    await replicate();
    await failOver('first');
    node.process.child.kill('SIGCONT');
    const goesOnFrom = await prepared();
    await expect.poll(prepared, WITHIN).toBeGreaterThanOrEqual(goesOnFrom + 2);
    expect(await node.ask()).toBe('whole');
    const before = node.log();
    expect(before).not.toContain('RESTORED_OLD');

    await replicate();
    const replicated = await prepared();
    await expect.poll(prepared, WITHIN).toBeGreaterThanOrEqual(replicated + 2);
    await failOver('second');
    const ended = await Promise.race([node.process.ended, delay(15_000, undefined)]);
    expect(ended?.code, node.process.stderr()).toBe(1);
    expectFault('database-behind', {
      health: await node.health(),
      answer: [await node.ask()],
      log: node.log(),
    });
    expect(node.log()).toContain('RESTORED_OLD');
  }, 90_000);
});
