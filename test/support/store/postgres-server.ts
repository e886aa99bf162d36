import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { descendantsOf } from '../cli/processes.js';
import { findPostgres, type SystemUser, serverUser } from './postgres-binaries.js';

/** A real PostgreSQL server of this test's own. */
export interface PostgresServer {
  /** postgresql:// with user, password and database. */
  readonly url: string;
  readonly major: number;
  /** `pg_ctl restart -m fast`: every connection is ended, and a moment later it serves again. */
  restart(): Promise<void>;
  /** Stops every process of it as they stand: it takes connections, and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. Harmless when it has ended. */
  stop(): Promise<void>;
}

/** Whether a server can be started here. Says so loudly if not: a suite that hides a gap is worse. */
export const HAS_POSTGRES = findPostgres() !== undefined;
if (!HAS_POSTGRES) {
  console.warn('SKIPPED: no PostgreSQL 15 or newer on this machine; only PGlite is tested.');
}

/** It holds nothing that has to survive, and shares two cores with every other suite. */
const FLEETING = ['-F', '-c', 'shared_buffers=32MB'];
const DURABLE = ['-c', 'shared_buffers=512MB'];
const READY_TIMEOUT_MS = 30_000;
const PORT_TRIES = 3;

/**
 * Makes a database cluster in a temporary folder and serves it on a random loopback port, as a user
 * without rights.
 *
 * @param options.durable - a commit waits for the disk, and memory is as a server of a hospital has it.
 * @throws if there is no PostgreSQL (ask HAS_POSTGRES first) or it does not start.
 */
export async function startPostgres({
  durable = false,
}: {
  readonly durable?: boolean;
} = {}): Promise<PostgresServer> {
  const binaries = findPostgres();
  if (binaries === undefined) throw new Error('no PostgreSQL on this machine');
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'assent-postgres-'));
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined)
    for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    await makeCluster(join(binaries.folder, 'initdb'), folder, user);
    const { url, child } = await serve(join(binaries.folder, 'postgres'), {
      folder,
      password,
      user,
      settings: durable ? DURABLE : FLEETING,
    });
    return {
      url,
      major: binaries.major,
      restart: () => restart(join(binaries.folder, 'pg_ctl'), folder, user),
      freeze: () => signalAll(pidIn(folder), 'SIGSTOP'),
      thaw: () => signalAll(pidIn(folder), 'SIGCONT'),
      stop: () => stop(child, folder),
    };
  } catch (failed) {
    rmSync(folder, { recursive: true, force: true });
    throw failed;
  }
}

async function makeCluster(initdb: string, folder: string, user: SystemUser | undefined) {
  const child = spawn(
    initdb,
    [
      ...['--pgdata', join(folder, 'data'), '--pwfile', join(folder, 'password')],
      ...['--username', 'assent', '--auth', 'scram-sha-256', '--encoding', 'UTF8'],
      ...['--locale', 'C', '--no-sync'],
    ],
    { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const errors = collect(child);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${errors()}`);
}

async function serve(
  postgres: string,
  given: {
    readonly folder: string;
    readonly password: string;
    readonly user: SystemUser | undefined;
    readonly settings: readonly string[];
  },
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const { folder, password, user, settings } = given;
  // A free port may be taken between asking and using it.
  for (let tries = 1; ; tries += 1) {
    const port = await findFreePort();
    const url = `postgresql://assent:${password}@127.0.0.1:${port}/postgres`;
    const child = spawn(
      postgres,
      [
        ...['-D', join(folder, 'data'), '-k', folder, '-h', '127.0.0.1', '-p', `${port}`],
        ...['-c', 'max_connections=60', '-c', 'autovacuum=off', ...settings],
      ],
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const errors = collect(child);
    process.once('exit', () => child.kill('SIGQUIT'));
    if (await becomesReady(url, child)) return { url, child };
    if (tries === PORT_TRIES) throw new Error(`PostgreSQL did not start: ${errors()}`);
  }
}

async function becomesReady(url: string, child: ChildProcess): Promise<boolean> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  while (child.exitCode === null && Date.now() < deadlineMs) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return true;
    } catch {
      await delay(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  child.kill('SIGQUIT');
  return false;
}

/** The server that a restart made is no child of this process. */
async function restart(pgCtl: string, folder: string, user: SystemUser | undefined): Promise<void> {
  const child = spawn(
    pgCtl,
    ['restart', '-m', 'fast', '-w', '-D', join(folder, 'data'), '-l', join(folder, 'log')],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`pg_ctl restart ended with ${code}`);
  const pid = pidIn(folder);
  process.once('exit', () => signal(pid, 'SIGQUIT'));
}

/** The postmaster writes its process id into the first line. */
function pidIn(folder: string): number {
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function signalAll(pid: number, name: NodeJS.Signals): void {
  for (const one of [pid, ...descendantsOf(pid).map((child) => child.pid)]) signal(one, name);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // It has ended.
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (existsSync(join(folder, 'data', 'postmaster.pid'))) {
    const pid = pidIn(folder);
    signalAll(pid, 'SIGCONT');
    const exited = child.pid === pid ? once(child, 'exit') : undefined;
    signal(pid, 'SIGINT'); // fast shutdown: clients are disconnected
    await exited;
    while (signal(pid, 0)) await delay(20);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** The last of what a program wrote to its error stream. */
function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-2_000);
  });
  return () => text;
}
