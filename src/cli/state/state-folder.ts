import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '../../core/errors.js';
import { type LockOptions, lockFolder } from '../folder-lock/lock.js';
import type { FolderOwner } from '../folder-lock/owner.js';

/** Where an installation keeps its keys, chain state and database. Everything is 0600. */
export interface StateFolder {
  readonly path: string;
  /** The path of something inside the folder. */
  at(...parts: readonly string[]): string;
  /** The JSON under that name; undefined if there is none. */
  readJson<T>(name: string): Promise<T | undefined>;
  /**
   * Writes to a temporary file, syncs and renames it, so that an interruption leaves the old
   * content.
   */
  writeJson(name: string, value: unknown): Promise<void>;
}

/** A folder that only this process uses until it releases it. */
export interface OwnedStateFolder extends StateFolder {
  release(): Promise<void>;
}

/** Opens a state folder for reading, made if absent. @throws DomainError STATE_UNWRITABLE. */
export async function openStateFolder(path: string): Promise<StateFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DomainError('STATE_UNWRITABLE', { folder: path }, cause);
  }
  return {
    path,
    at: (...parts) => join(path, ...parts),
    readJson: (name) => readJsonFile(join(path, name)),
    writeJson: (name, value) => writeJsonFile(join(path, name), value),
  };
}

/**
 * Opens a state folder exclusively for this process. If another process takes it, this one ends at
 * once.
 *
 * @throws DomainError STATE_UNWRITABLE, or ALREADY_RUNNING if another process uses it.
 */
export async function ownStateFolder(path: string): Promise<OwnedStateFolder> {
  const folder = await openStateFolder(path);
  await requireWritable(folder);
  const release = await lockFolder(lockOf(folder));
  return { ...folder, release };
}

/** Names the process that holds the lock. */
const OWNER = 'owner.json';

function lockOf(folder: StateFolder): LockOptions {
  return {
    folder: folder.path,
    lockPath: folder.at('lock'),
    owner: {
      read: () => folder.readJson<FolderOwner>(OWNER),
      write: (owner) => folder.writeJson(OWNER, owner),
      remove: () => rm(folder.at(OWNER), { force: true }),
    },
  };
}

async function requireWritable(folder: StateFolder): Promise<void> {
  const probe = folder.at(`.probe-${process.pid}`);
  try {
    await writeSynced(probe, 'writable');
    await rm(probe);
    await chmod(folder.path, 0o700);
  } catch (cause) {
    await rm(probe, { force: true }).catch(() => undefined);
    throw new DomainError('STATE_UNWRITABLE', { folder: folder.path }, cause);
  }
}

async function readJsonFile<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DomainError('FILE_UNREADABLE', { file: path }, cause);
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new DomainError('JSON_MALFORMED', { file: path }, cause);
  }
}

async function writeJsonFile(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeSynced(temporary, `${JSON.stringify(value, null, 2)}\n`);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new DomainError('STATE_UNWRITABLE', { file: path }, cause);
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
