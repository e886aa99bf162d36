import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { readJsonFile } from '../../core/import/json-file.js';
import { parseTranscript, type Transcript } from './transcript.js';

const TRANSCRIPT = 'transcript.json';
const MAX_TRANSCRIPT_BYTES = 1 << 20;

/** Makes the folder of a new ceremony. @throws CEREMONY_EXISTS, STATE_UNWRITABLE */
export async function makeCeremonyFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) return;
  } catch (cause) {
    throw new DomainError('STATE_UNWRITABLE', {}, cause);
  }
  throw new DomainError('CEREMONY_EXISTS');
}

/** @throws FILE_UNREADABLE, JSON_MALFORMED, INPUT_TOO_LARGE, CEREMONY_TRANSCRIPT_INVALID */
export async function readTranscript(folder: string): Promise<Transcript> {
  return parseTranscript(await readJsonFile(join(folder, TRANSCRIPT), MAX_TRANSCRIPT_BYTES));
}

/** What the transcript does not name is not there, so it is written last. @throws STATE_UNWRITABLE */
export async function writeTranscript(folder: string, transcript: Transcript): Promise<void> {
  await writeWhole(join(folder, TRANSCRIPT), `${JSON.stringify(transcript, null, 2)}\n`);
}

/** The key after a step; its name follows from the step, so that no transcript can name another file. */
export function keyPath(folder: string, step: number): string {
  return join(folder, `${String(step).padStart(4, '0')}.zkey`);
}

/**
 * The key after a step, as the transcript names it by its hash.
 *
 * @throws CEREMONY_FILE_CHANGED for a file that is missing or another
 */
export async function readKey(folder: string, step: number, sha256: string): Promise<Uint8Array> {
  const bytes = await readBytes(keyPath(folder, step)).catch(() => undefined);
  if (bytes === undefined || sha256Hex(bytes) !== sha256) {
    throw new DomainError('CEREMONY_FILE_CHANGED', { step });
  }
  return bytes;
}

/** A file, whole. @throws FILE_UNREADABLE, also for one of 2 GiB or more */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    // A copy: snarkjs takes views of what it is given, and slices of a Buffer would be views too.
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}

/**
 * Writes a file under another name and renames it: a process killed meanwhile leaves what was there before.
 *
 * @returns the SHA-256 of what was written, as hex.
 * @throws STATE_UNWRITABLE
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<string> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new DomainError('STATE_UNWRITABLE', {}, cause);
  }
  return sha256Hex(content);
}

/** The hash by which powers-of-tau files are published: BLAKE2b-512 of the file, as hex. */
export function blake2bOf(bytes: Uint8Array): string {
  return createHash('blake2b512').update(bytes).digest('hex');
}
