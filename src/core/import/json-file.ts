import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Gunzip, gunzip, type ZlibOptions } from 'node:zlib';
import { DomainError } from '../errors.js';
import { parseExact } from './exact-json.js';
import { requireAllInflated } from './gzip/unpack-gzip.js';
import type { JsonBounds } from './json-bounds.js';
import { parseSingleJson } from './json-members.js';

const INFLATED_CHUNK_BYTES = 1024 * 1024;

/** Bytes that one imported file may have unless its importer says otherwise. */
export const MAX_IMPORT_BYTES = 64 * 1024 * 1024;

/**
 * @throws DomainError FILE_UNREADABLE, INPUT_TOO_LARGE; BAD_INPUT {encoding} if it is not UTF-8, and what
 * parseJson throws.
 */
export async function readJsonFile(path: string, maxBytes = MAX_IMPORT_BYTES): Promise<unknown> {
  return parseJson(await readTextFile(path, maxBytes));
}

/** What one file may hold: standards nest deeper than our own documents, and write shorter values. */
const BOUNDS: JsonBounds = { maxDepth: 128, maxValues: MAX_IMPORT_BYTES / 8 };

/**
 * @throws DomainError INPUT_TOO_LARGE {measure, most}; JSON_MALFORMED with the position, in characters, where it stops
 * being JSON; JSON_KEY_DOUBLED {path}.
 */
export function parseJson(text: string): unknown {
  try {
    return parseExact(text, (plain) => parseSingleJson(plain, BOUNDS));
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    const position = /position (\d+)/.exec(String(cause))?.[1];
    throw new DomainError('JSON_MALFORMED', { position: Number(position ?? text.length) });
  }
}

/**
 * The text of a file, inflated if it is gzip.
 *
 * @param maxBytes - of the file, and of what is in it.
 * @throws DomainError FILE_UNREADABLE, INPUT_TOO_LARGE; BAD_INPUT {encoding} if it is not UTF-8.
 */
export async function readTextFile(path: string, maxBytes = MAX_IMPORT_BYTES): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new DomainError('INPUT_TOO_LARGE', { bytes: size, most: maxBytes });
    const bytes = await unpacked(await readFile(path), maxBytes);
    if (!isUtf8(bytes)) throw new DomainError('BAD_INPUT', { encoding: 'not UTF-8' });
    // A byte order mark is common in exported files and is no part of the JSON.
    return bytes.toString('utf8').replace(/^\uFEFF/, '');
  } catch (failure) {
    if (failure instanceof DomainError) throw failure;
    throw new DomainError('FILE_UNREADABLE', {}, failure);
  }
}

/** Of `info: true`; the library's types know the buffer alone. */
const inflate = promisify(gunzip) as unknown as (
  bytes: Buffer,
  options: ZlibOptions,
) => Promise<{ readonly buffer: Buffer; readonly engine: Gunzip }>;

async function unpacked(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const { buffer, engine } = await inflate(bytes, {
      maxOutputLength: maxBytes,
      chunkSize: INFLATED_CHUNK_BYTES,
      info: true,
    });
    requireAllInflated(bytes, engine.bytesWritten);
    return buffer;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw failure;
    throw new DomainError('INPUT_TOO_LARGE', { measure: 'inflated bytes', most: maxBytes });
  }
}
