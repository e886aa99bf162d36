import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { expectFault } from '../support/faults/table.js';

const MODULE = new URL('../../dist/cli/state/state-folder.js', import.meta.url).href;
const EXIT = new URL('../../dist/cli/process/exit.js', import.meta.url).href;
const STOP = new URL('../../dist/cli/process/stop-signal.js', import.meta.url).href;
/** Takes a folder as every command does, and holds it until it is told to stop. */
const HOLDER = `
import { ownStateFolder } from '${MODULE}';
import { exitWithError } from '${EXIT}';
import { stopSignal, untilStopped } from '${STOP}';
const stop = stopSignal();
const folder = await ownStateFolder(process.argv[1]).catch(exitWithError);
console.log('holds it');
const alive = setInterval(() => undefined, 1000);
await untilStopped(stop);
clearInterval(alive);
await folder.release();
`;
/** A pid namespace of its own, as a container has; what runs in it is its process 1. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
/** Another one, whose process has a pid that the first kind has nothing under. */
const BUSY_CONTAINER = [
  ...CONTAINER,
  'sh',
  '-c',
  'for i in $(seq 90); do /bin/true; done; "$@"; exit $?',
  'sh',
];
const NODE = [process.execPath, '--input-type=module', '--eval', HOLDER];

const homes: string[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

function stateFolder(): string {
  const home = mkdtempSync(join(tmpdir(), 'assent-folder-'));
  homes.push(home);
  return join(home, 'state');
}

/** A process that takes the folder, where `within` says. */
function take(folder: string, within: readonly string[] = []) {
  const [program = '', ...args] = [...within, ...NODE, folder];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, said: () => said };
}

const HOLDS = 'holds it\n';
/** Far more than an unchanged machine needs; what is measured is told by the tests themselves. */
const SOON = { timeout: 12_000, interval: 50 };

async function canUnshare(): Promise<boolean> {
  const [program = '', ...args] = [...CONTAINER, 'true'];
  const tried = spawn(program, args, { stdio: 'ignore' });
  tried.on('error', () => undefined);
  return once(tried, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
}

/** The words of a refusal, and none besides. */
function codesIn(text: string): readonly string[] {
  return [...text.matchAll(/^assent: ([A-Z_]+) /gm)].map(([, code = '']) => code);
}

test('state-folder-shared: a second container on the folder is refused, and takes over once the first is gone', async (context) => {
  if (!(await canUnshare())) {
    process.stderr.write('SKIPPED: a pid namespace of its own needs root\n');
    context.skip('a pid namespace of its own needs root');
  }
  const folder = stateFolder();
  const first = take(folder, BUSY_CONTAINER);
  await expect.poll(first.said, SOON).toBe(HOLDS);
  const second = take(folder, CONTAINER);
  expect(await second.ended).toBe(1);
  expect(first.said()).toBe(HOLDS);
  expectFault('state-folder-shared', {
    health: ['closed'],
    answer: ['closed'],
    log: codesIn(second.said()),
  });
  first.child.kill('SIGKILL');
  await first.ended;
  const third = take(folder, CONTAINER);
  await expect.poll(third.said, { ...SOON, timeout: 20_000 }).toBe(HOLDS);
}, 45_000);

test('state-folder-killed: the owner of the folder killed, the next one starts at once', async () => {
  const folder = stateFolder();
  const first = take(folder);
  await expect.poll(first.said, SOON).toBe(HOLDS);
  const second = take(folder);
  expect(await second.ended).toBe(1);
  expect(codesIn(second.said())).toEqual(['ALREADY_RUNNING']);
  first.child.kill('SIGKILL');
  await first.ended;
  const killedMs = performance.now();
  const third = take(folder);
  await expect.poll(third.said, SOON).toBe(HOLDS);
  expect(performance.now() - killedMs).toBeLessThan(5_000);
  expectFault('state-folder-killed', { health: [], answer: ['whole'], log: codesIn(third.said()) });
});

test('a pid that another process has by now does not keep the folder', async () => {
  const folder = stateFolder();
  const first = take(folder);
  await expect.poll(first.said, SOON).toBe(HOLDS);
  first.child.kill('SIGKILL');
  await first.ended;
  const owner = join(folder, 'owner.json');
  const named = JSON.parse(readFileSync(owner, 'utf8')) as Record<string, unknown>;
  // As if the pid had been given to a process that lives: this one.
  writeFileSync(owner, JSON.stringify({ ...named, pid: process.pid }));
  const second = take(folder);
  await expect.poll(second.said, { ...SOON, timeout: 5_000 }).toBe(HOLDS);
});

test('state-folder-lost: a process whose lock is taken away ends at once', async () => {
  const folder = stateFolder();
  const first = take(folder);
  await expect.poll(first.said, SOON).toBe(HOLDS);
  renameSync(folder, `${folder}.moved`);
  expect(await first.ended).toBe(1);
  expectFault('state-folder-lost', {
    health: ['closed'],
    answer: ['closed'],
    log: codesIn(first.said()),
  });
});
