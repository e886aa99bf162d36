import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { choosePorts, startAssent } from '../support/cli/assent.js';
import { descendantsOf, isAlive } from '../support/cli/processes.js';
import { expectFault } from '../support/faults/table.js';
import { layPglite } from '../support/store/pglite-image.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a stop may take on a machine that does much else. */
const STOP_MS = 8_000;
const STOPPED = { health: ['closed'], answer: ['closed'] };

const homes: string[] = [];
const servers: Server[] = [];
const sockets = new Set<Socket>();
let left: readonly number[] = [];

afterEach(() => {
  for (const pid of left.filter(isAlive)) process.kill(pid, 'SIGKILL');
  left = [];
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** A folder with one for the state and one for what is temporary. */
function makeHome() {
  const home = mkdtempSync(join(tmpdir(), 'assent-stop-'));
  homes.push(home);
  const temporary = join(home, 'tmp');
  mkdirSync(temporary);
  return { state: join(home, 'state'), temporary };
}

/** A ledger, or a database, that takes connections and never answers. */
async function silentServer() {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = once(server, 'connection');
  return { port: (server.address() as AddressInfo).port, asked };
}

const HASH = `0x${'11'.repeat(32)}`;
/** A register that is pinned wholly, so that no contact is needed to name it. */
function ledgerSettings(port: number): NodeJS.ProcessEnv {
  return {
    ASSENT_LEDGER_RPC_URLS: `http://127.0.0.1:${port}`,
    ASSENT_LEDGER_CONTRACT: `0x${'22'.repeat(20)}`,
    ASSENT_LEDGER_CHAIN_ID: '20401',
    ASSENT_LEDGER_GENESIS_HASH: HASH,
    ASSENT_LEDGER_CODE_HASH: HASH,
    ASSENT_LEDGER_LINKED_CODE_HASH: HASH,
    ASSENT_LEDGER_SUBSCRIBE: 'false',
  };
}

const WAITING = [
  { part: 'a node waits for the ledger', line: ['node', '--institution', 'a-hospital'] },
  { part: 'a gateway waits for the ledger', line: ['gateway'] },
  {
    part: 'a node waits for the database',
    line: ['node', '--institution', 'a-hospital'],
    database: true,
  },
];

test.each(WAITING)('stop-while-starting: $part', async ({ line, database = false }) => {
  const { state, temporary } = makeHome();
  const { port, asked } = await silentServer();
  const { url, env } = await choosePorts();
  if (line.includes('node')) await layPglite(join(state, 'database'));
  const started = startAssent(['--state-folder', state, ...line], {
    ...env,
    ...ledgerSettings(port),
    ASSENT_GATEWAY_URL: url,
    TMPDIR: temporary,
    ...(database ? { DATABASE_URL: `postgresql://somebody@127.0.0.1:${port}/assent` } : {}),
  });
  await asked;
  const toldMs = performance.now();
  const { code, stderr } = await started.end('SIGTERM');
  expect(performance.now() - toldMs).toBeLessThan(4_000);
  expect(code).toBe(0);
  expect(readdirSync(state)).not.toContain('lock');
  const log = [...stderr.matchAll(/^assent: ([A-Z_]+)/gm)].map(([, said = '']) => said);
  expectFault('stop-while-starting', { ...STOPPED, log });
});

test('stop-npm: npm told to stop ends the network that it started, and nothing is left', async () => {
  const { state, temporary } = makeHome();
  const { env } = await choosePorts();
  const npm = spawn('npm', ['start', '--ignore-scripts', '--', '--people', '24'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...env,
      NODE_ENV: 'development',
      ASSENT_STATE_FOLDER: state,
      TMPDIR: temporary,
    },
  });
  let said = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  }
  await expect.poll(() => said, { timeout: 40_000 }).toMatch(/ledger runs/);
  const network = descendantsOf(npm.pid ?? 0);
  left = network.map(({ pid }) => pid);
  expect(network.some(({ command }) => /anvil/.test(command))).toBe(true);
  const ended = once(npm, 'exit');
  npm.kill('SIGTERM');
  await ended;
  await expect.poll(() => left.filter(isAlive), { timeout: STOP_MS }).toEqual([]);
  expect(readdirSync(state)).not.toContain('lock');
  expect(readdirSync(temporary)).toEqual([]);
  const log = [...said.matchAll(/^assent: ([A-Z_]+)/gm)].map(([, code = '']) => code);
  expectFault('stop-npm', { ...STOPPED, log });
}, 60_000);

test('stop-twice: a second signal ends the pilot at once, and nothing is left', async () => {
  const { state, temporary } = makeHome();
  const { env } = await choosePorts();
  const pilot = startAssent(['--state-folder', state, 'pilot', '--people', '24'], {
    ...env,
    TMPDIR: temporary,
  });
  await pilot.untilPrinted(/ledger runs/, 40_000);
  const network = descendantsOf(pilot.pid);
  left = network.map(({ pid }) => pid);
  const anvil = network.find(({ command }) => /^\S*\/anvil /.test(command));
  // What is stopped in order waits for a ledger that does not answer.
  if (anvil !== undefined) process.kill(anvil.pid, 'SIGSTOP');
  pilot.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(isAlive(pilot.pid)).toBe(true);
  const toldMs = performance.now();
  const { code, stderr } = await pilot.end('SIGTERM');
  expect(performance.now() - toldMs).toBeLessThan(5_000);
  expect(code).toBe(130);
  await expect.poll(() => left.filter(isAlive), { timeout: STOP_MS }).toEqual([]);
  await expect.poll(() => readdirSync(temporary)).toEqual([]);
  const log = [...stderr.matchAll(/^assent: ([A-Z_]+)/gm)].map(([, said = '']) => said);
  expectFault('stop-twice', { ...STOPPED, log });
}, 60_000);

test('stop-killed: a pilot that is killed leaves no process and no socket', async () => {
  const { state, temporary } = makeHome();
  const { env } = await choosePorts();
  const pilot = startAssent(['--state-folder', state, 'pilot', '--people', '24'], {
    ...env,
    TMPDIR: temporary,
  });
  await pilot.untilPrinted(/ledger runs/, 40_000);
  left = descendantsOf(pilot.pid).map(({ pid }) => pid);
  expect(readdirSync(temporary)).toHaveLength(1);
  await pilot.end('SIGKILL');
  await expect.poll(() => left.filter(isAlive), { timeout: STOP_MS }).toEqual([]);
  await expect.poll(() => readdirSync(temporary)).toEqual([]);
  expectFault('stop-killed', { ...STOPPED, log: [] });
}, 60_000);
