import { randomBytes } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { DomainError } from '../../core/errors.js';
import { exitWithError } from '../process/exit.js';
import { type FolderOwner, fateOf, thisOwner } from './owner.js';

/**
 * How often the owner renews its heartbeat, and how long others wait for one before they take over.
 */
const HEARTBEAT_MS = 2_000;
const STALE_MS = 10_000;
const LOOK_EVERY_MS = 250;

/** The file that names the owner, so that a killed owner on this machine is noticed at once. */
export interface OwnerFile {
  read(): Promise<FolderOwner | undefined>;
  write(owner: FolderOwner): Promise<void>;
  remove(): Promise<void>;
}

/** A folder that only one process uses at a time. */
export interface LockOptions {
  readonly folder: string;
  /** A directory whose modification time is the heartbeat. */
  readonly lockPath: string;
  readonly owner: OwnerFile;
}

/**
 * Locks a folder for this process. A process in the same pid namespace is found by its pid. Any
 * other, for example in another container, counts as alive as long as its heartbeat continues.
 *
 * If another process takes the lock, this one ends at once (STATE_LOCK_LOST): two writers are worse
 * than a stop.
 *
 * @returns a function that releases the lock.
 * @throws DomainError ALREADY_RUNNING, after 12 s at most.
 */
export async function lockFolder(options: LockOptions): Promise<() => Promise<void>> {
  const { folder, lockPath, owner } = options;
  const settings = { lockfilePath: lockPath, stale: STALE_MS, update: HEARTBEAT_MS };
  let unlock: () => Promise<void>;
  let removeLeft: () => Promise<void> = async () => undefined;
  try {
    removeLeft = await takeFromGone(options);
    // Removed first, so that a lock is never seen with the name of an earlier owner. Without a name
    // the heartbeat decides.
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
 * Moves away a lock whose owner ended without releasing it.
 *
 * @returns a function that removes it. It stays until a new lock exists, so that the two have
 *   different inode numbers.
 * @throws Error while its owner is alive, or if another process has taken over the lock meanwhile.
 */
async function takeFromGone({ lockPath, owner }: LockOptions): Promise<() => Promise<void>> {
  const judged = await numberOf(lockPath);
  if (judged === undefined) return async () => undefined;
  // An owner killed before it was named can only be judged by its heartbeat.
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

/**
 * The inode number, which tells a lock from a later one of the same name; undefined without a lock.
 */
async function numberOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Judged only by changes, never by this clock: the folder may be on another machine. */
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
