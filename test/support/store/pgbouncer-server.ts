import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { serverUser } from './postgres-binaries.js';

/** Debian keeps it where only root's PATH looks. */
const PROGRAMS = ['pgbouncer', '/usr/sbin/pgbouncer', '/usr/local/sbin/pgbouncer'];
const PROGRAM = PROGRAMS.find((path) => spawnSync(path, ['--version']).status === 0);
const READY_MS = 10_000;

/** Whether a pooler can be started here. Says so loudly if not. */
export const HAS_PGBOUNCER = PROGRAM !== undefined;
if (!HAS_PGBOUNCER) {
  console.warn('SKIPPED: no PgBouncer on this machine; only connections without it are tested.');
}

export interface PgbouncerServer {
  /** postgresql:// with the same user, password and database as the server behind it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves a PostgreSQL through PgBouncer, which lends its few sessions by the transaction. */
export async function startPgbouncer(
  postgresUrl: string,
  { sessions = 5 }: { readonly sessions?: number } = {},
): Promise<PgbouncerServer> {
  if (PROGRAM === undefined) throw new Error('no PgBouncer on this machine');
  const { hostname, port, username, password, pathname } = new URL(postgresUrl);
  const listenPort = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'assent-pgbouncer-'));
  const ini = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users');
  writeFileSync(users, `"${username}" "${password}"\n`, { mode: 0o600 });
  writeFileSync(
    ini,
    [
      '[databases]',
      `* = host=${hostname} port=${port} dbname=${pathname.slice(1)}`,
      '[pgbouncer]',
      ...['listen_addr = 127.0.0.1', `listen_port = ${listenPort}`, 'unix_socket_dir ='],
      ...['auth_type = scram-sha-256', `auth_file = ${users}`],
      ...['pool_mode = transaction', `default_pool_size = ${sessions}`, 'server_login_retry = 1'],
      '',
    ].join('\n'),
  );
  const user = serverUser();
  if (user !== undefined)
    for (const path of [folder, ini, users]) chownSync(path, user.uid, user.gid);
  const child = spawn(PROGRAM, ['-q', ini], { ...user, cwd: folder, stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `postgresql://${username}:${password}@127.0.0.1:${listenPort}${pathname}`;
  await untilReady(url);
  return {
    url,
    async stop() {
      const exited = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string): Promise<void> {
  const untilMs = Date.now() + READY_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (Date.now() > untilMs) throw cause;
      await delay(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
