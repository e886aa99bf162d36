/**
 * A register that starts, serves a path and takes a leaf: run as a process of its own, so that the
 * time and the memory are those of a restarted node's register and of nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { appendLeaf } from '../../src/consent/shard/shard.js';
import { readSubtree } from '../../src/consent/shard/subtree.js';
import { openDatabaseServer } from '../../src/store/open.js';
import { randomField } from '../../src/zk/arithmetic/field.js';
import type { NamedStore } from './store.js';

export interface Restart {
  /** From starting the process to the first append done. */
  readonly restartMs: number;
  /** The most that the process ever held. */
  readonly rssMb: number;
}

/** Starts this file as a process over that database and times it. */
export async function measureRestart(named: NamedStore): Promise<Restart> {
  const startMs = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), JSON.stringify(named)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const restartMs = Math.round(performance.now() - startMs);
  const { rssMb } = JSON.parse(printed.toString('utf8')) as { readonly rssMb: number };
  if (child.exitCode === null) await once(child, 'exit');
  return { restartMs, rssMb };
}

async function restart(named: NamedStore): Promise<void> {
  const server = await openDatabaseServer(named);
  const db = await server.open(named.institution);
  await readSubtree(db, 512);
  await db.transaction((tx) => appendLeaf(tx, randomField(), 'CONSENT'));
  // In kilobytes, on every platform that reports it.
  const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(`${JSON.stringify({ rssMb })}\n`);
  await server.close();
}

const [asked] = process.argv.slice(2);
if (process.argv[1] === fileURLToPath(import.meta.url) && asked !== undefined) {
  await restart(JSON.parse(asked) as NamedStore);
}
