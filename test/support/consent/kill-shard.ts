import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { layPglite } from '../store/pglite-image.js';
import type { ShardFindings } from './shard-findings.js';

const WORKER = fileURLToPath(new URL('shard-worker.ts', import.meta.url));
/** A worker is killed somewhere in one of these steps, not at a time: machines differ in speed. */
const MIN_STEPS = 3;
const MAX_STEPS = 15;
const LONGEST_STEP_MS = 60;
/** One in so many is killed before it has said what it found: a recovery is cut off too. */
const KILLED_EARLY = 6;
const LONGEST_START_MS = 900;

/** What nothing may break, however often a register is killed. */
export const UNBROKEN = {
  sound: true,
  isTreeOfItsLeaves: true,
  isAnchored: true,
  lost: [],
  kept: [],
} as const;

/**
 * Starts a register over the same database again and again and kills it at random moments.
 *
 * @param options.random - numbers in [0, 1), pinned so that a failure has a number.
 * @returns what each start found that came so far as to say it, the last one among them.
 */
export async function killRepeatedly(options: {
  readonly folder: string;
  readonly url?: string;
  readonly kills: number;
  readonly random: () => number;
  /** Ends it early: a test that ran out of time leaves no process behind. */
  readonly signal: AbortSignal;
}): Promise<ShardFindings[]> {
  const { folder, url, kills, random, signal } = options;
  const found: ShardFindings[] = [];
  if (url === undefined) await makeDatabase(folder);
  for (let kill = 0; kill <= kills; kill += 1) {
    signal.throwIfAborted();
    const worker = startWorker(folder, url, signal);
    const isLast = kill === kills;
    if (!isLast && random() < 1 / KILLED_EARLY) await delay(random() * LONGEST_START_MS);
    else {
      found.push(JSON.parse(await worker.line(0)) as ShardFindings);
      if (!isLast) await worker.line(stepsOf(random()));
      if (!isLast) await delay(random() * LONGEST_STEP_MS);
    }
    await worker.kill();
  }
  return found;
}

function stepsOf(random: number): number {
  return MIN_STEPS + Math.floor(random * (MAX_STEPS - MIN_STEPS));
}

/** Made once and whole: test/store has what becomes of one whose making was cut short. */
async function makeDatabase(folder: string): Promise<void> {
  await layPglite(join(folder, 'database'));
}

function startWorker(folder: string, url: string | undefined, signal: AbortSignal) {
  const command = ['--import', 'tsx', WORKER, folder, ...(url === undefined ? [] : [url])];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  const line = linesOf(child);
  async function kill(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    process.off('exit', atExit);
  }
  return { line, kill };
}

/** @returns a function that settles with a line that was printed, by its number from 0. */
function linesOf(child: ChildProcess): (number: number) => Promise<string> {
  let [printed, errors] = ['', ''];
  const heard = new EventEmitter();
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
    heard.emit('more');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-4_000);
  });
  child.on('error', () => heard.emit('more'));
  child.once('close', () => heard.emit('more'));
  return async (number) => {
    for (;;) {
      const line = printed.split('\n').slice(0, -1)[number];
      if (line !== undefined) return line;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the register ended by itself: ${errors}`);
      }
      await once(heard, 'more');
    }
  };
}
