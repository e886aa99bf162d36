import { randomBytes } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { DomainError } from '../../core/errors.js';
import { exitWithError } from '../process/exit.js';
import { type FolderOwner, fateOf, thisOwner } from './owner.js';

/** How often the owner shows that it lives, and for how long nobody takes over while it does not. */
const HEARTBEAT_MS = 2_000;
const STALE_MS = 10_000;
const LOOK_EVERY_MS = 250;

/** Where an owner is named, so that a killed one of this machine is known at once. */
export interface OwnerFile {
  read(): Promise<FolderOwner | undefined>;
  write(owner: FolderOwner): Promise<void>;
  remove(): Promise<void>;
}

/** A folder to be used by one process at a time. */
export interface LockOptions {
  readonly folder: string;
  /** A directory whose time of change is the heartbeat. */
  readonly lockPath: string;
  readonly owner: OwnerFile;
}

/**
 * Locks a folder for this process. A process of the same pid namespace is found by its pid; any other,
 * for example in another container, is taken for alive as long as its heartbeat goes on.
 *
 * If somebody takes the lock away, this process ends at once (STATE_LOCK_LOST): two that write are worse
 * than one that stops.
 *
 * @returns gives the lock back.
 * @throws DomainError ALREADY_RUNNING, after 12 s at most.
 */
export async function lockFolder(options: LockOptions): Promise<() => Promise<void>> {
  const { folder, lockPath, owner } = options;
  const settings = { lockfilePath: lockPath, stale: STALE_MS, update: HEARTBEAT_MS };
  let unlock: () => Promise<void>;
  let removeLeft: () => Promise<void> = async () => undefined;
  try {
    removeLeft = await takeFromGone(options);
    // A lock is never seen beside the name of an earlier owner: without a name its heartbeat decides.
    await owner.remove();
    unlock = await lock(folder, { ...settings, onCompromised: () => endAtOnce(folder) });
  } catch (cause) {
    throw new DomainError('ALREADY_RUNNING', { folder }, cause);
  } finally {
    await removeLeft();
  }
  await owner.write(thisOwner());
  return async () => {
    await owner.remove().catch(() => undefined);
    await unlock().catch(() => undefined);
  };
}

/**
 * Moves a lock that its owner could not give back out of the way.
 *
 * @returns removes it. It stays until a new one is made, so that the file system gives them two numbers.
 * @throws Error while its owner lives, or if another process took the lock over meanwhile.
 */
async function takeFromGone({ lockPath, owner }: LockOptions): Promise<() => Promise<void>> {
  const judged = await numberOf(lockPath);
  if (judged === undefined) return async () => undefined;
  // One that was killed before it was named is known by its heartbeat alone.
  const named = await owner.read().catch(() => undefined);
  const fate = named === undefined ? 'UNKNOWN' : fateOf(named);
  const isGone = fate === 'GONE' || (fate === 'UNKNOWN' && (await hasStopped(lockPath)));
  if (!isGone) throw new Error('the owner of the lock is alive');
  const left = `${lockPath}.left-${randomBytes(8).toString('hex')}`;
  await rename(lockPath, left);
  if ((await numberOf(left)) === judged) return () => rm(left, { recursive: true, force: true });
  await rename(left, lockPath);
  throw new Error('another process took the lock over');
}

/** By which the file system tells a lock from another of the same name; undefined without one. */
async function numberOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** By changes alone, never by this clock: the folder may be another machine's. */
async function hasStopped(lockPath: string): Promise<boolean> {
  const first = await heartbeatOf(lockPath);
  const untilMs = performance.now() + STALE_MS + HEARTBEAT_MS;
  while (performance.now() < untilMs) {
    const now = await heartbeatOf(lockPath);
    if (now === undefined) return true;
    if (now !== first) return false;
    await delay(LOOK_EVERY_MS);
  }
  return true;
}

async function heartbeatOf(lockPath: string): Promise<number | undefined> {
  try {
    return (await stat(lockPath)).mtimeMs;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function endAtOnce(folder: string): never {
  return exitWithError(new DomainError('STATE_LOCK_LOST', { folder }));
}
