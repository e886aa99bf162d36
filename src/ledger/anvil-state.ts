import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DomainError } from '../core/errors.js';

/** What a start may load: the state's JSON, and which copies could not be read. */
export interface StoredState {
  readonly json: Buffer | undefined;
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

  /** @param gzipped - the state as anvil dumps it. @throws DomainError STATE_UNWRITABLE. */
  async save(gzipped: Uint8Array): Promise<void> {
    const aside = `${this.path}.new`;
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await writeDurably(aside, gzipped);
      await rename(this.path, this.previousPath).catch(ignoreAbsent);
      await rename(aside, this.path);
      await syncFolder(dirname(this.path));
    } catch (thrown) {
      throw new DomainError('STATE_UNWRITABLE', { file: 'ledger' }, thrown);
    }
  }

  /** The newest copy that is whole; gzip's own checksum tells. Nothing, if there is none at all. */
  async load(): Promise<StoredState> {
    const damaged: string[] = [];
    for (const path of [this.path, this.previousPath]) {
      const gzipped = await readFile(path).catch(ignoreAbsent);
      if (gzipped === undefined) continue;
      const json = unzip(gzipped);
      if (json !== undefined) return { json, damaged };
      damaged.push(path);
    }
    return { json: undefined, damaged };
  }

  /** Writes the JSON where anvil can load it. @returns its path. Remove it with `removeLoadable`. */
  async writeLoadable(json: Buffer): Promise<string> {
    await writeDurably(this.#loadablePath, json);
    return this.#loadablePath;
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

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
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

function unzip(gzipped: Buffer): Buffer | undefined {
  try {
    const json = gunzipSync(gzipped);
    JSON.parse(json.toString('utf8'));
    return json;
  } catch {
    return undefined;
  }
}

function ignoreAbsent(thrown: unknown): undefined {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
  throw thrown;
}
