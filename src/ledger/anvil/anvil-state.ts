import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DomainError } from '../../core/errors.js';
import { trimState } from './anvil-trim.js';

/** What a start may load: the state's JSON, and which copies could not be read. */
export interface StoredState {
  readonly json: string | undefined;
  /** Names of copies that are there and damaged, newest first. */
  readonly damaged: readonly string[];
}

/**
 * Keeps the chain's state in a file, and the state before it in a second one. A copy is written aside, forced to
 * the disk and renamed, so that a crash at any moment leaves a whole one.
 */
export class AnvilStateFile {
  readonly path: string;

  /** @param path - of the newest copy; the one before is `path`.previous. */
  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder, so that an unwritable one is noticed before anything runs. @throws as `save`. */
  async prepare(): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await access(dirname(this.path), constants.W_OK);
    } catch (thrown) {
      throw new DomainError('STATE_UNWRITABLE', { file: 'ledger' }, thrown);
    }
  }

  /** @param gzipped - the state as anvil dumps it. @throws DomainError STATE_UNWRITABLE. */
  async save(gzipped: Uint8Array): Promise<void> {
    const aside = `${this.path}.new`;
    await this.prepare();
    try {
      await writeDurably(aside, gzipped);
      await rename(this.path, this.previousPath).catch(ignoreAbsent);
      await rename(aside, this.path);
      await syncFolder(dirname(this.path));
    } catch (thrown) {
      throw new DomainError('STATE_UNWRITABLE', { file: 'ledger' }, thrown);
    }
  }

  /**
   * The newest undamaged copy, judged by gzip's own checksum; undefined if there is no copy.
   *
   * @throws DomainError FILE_UNREADABLE if a copy is there and this user may not read it.
   */
  async load(): Promise<StoredState> {
    const damaged: string[] = [];
    for (const path of [this.path, this.previousPath]) {
      const gzipped = await readIfPresent(path);
      if (gzipped === undefined) continue;
      const json = unzip(gzipped);
      if (json !== undefined) return { json, damaged };
      damaged.push(path);
    }
    return { json: undefined, damaged };
  }

  /**
   * Writes the JSON where anvil can load it.
   *
   * @returns its path. Remove it with `removeLoadable`.
   * @throws DomainError STATE_UNWRITABLE.
   */
  async writeLoadable(json: string): Promise<string> {
    try {
      await writeDurably(this.#loadablePath, json);
      return this.#loadablePath;
    } catch (thrown) {
      throw new DomainError('STATE_UNWRITABLE', { file: 'ledger' }, thrown);
    }
  }

  async removeLoadable(): Promise<void> {
    await rm(this.#loadablePath, { force: true });
  }

  get previousPath(): string {
    return `${this.path}.previous`;
  }

  get #loadablePath(): string {
    return `${this.path}.loading`;
  }
}

async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the renames themselves durable, where the system lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path).catch(ignoreAbsent);
  } catch (thrown) {
    throw new DomainError('FILE_UNREADABLE', { file: 'ledger' }, thrown);
  }
}

function unzip(gzipped: Buffer): string | undefined {
  try {
    return trimState(gunzipSync(gzipped).toString('utf8'));
  } catch {
    return undefined;
  }
}

function ignoreAbsent(thrown: unknown): undefined {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
  throw thrown;
}
