import { isUtf8 } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from './errors.js';
import { parseExact } from './exact-json.js';
import type { JsonBounds } from './json-bounds.js';
import { parseSingleJson } from './json-members.js';

/** Bytes that one imported file may have unless its importer says otherwise. */
export const MAX_IMPORT_BYTES = 64 * 1024 * 1024;

/**
 * The JSON files that a path means: itself, or those directly in that folder, in name order.
 *
 * @throws DomainError FILE_UNREADABLE.
 */
export async function jsonFilesOf(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}

/**
 * @throws DomainError FILE_UNREADABLE, INPUT_TOO_LARGE; BAD_INPUT {encoding} if it is not UTF-8, and what
 * parseJson throws.
 */
export async function readJsonFile(path: string, maxBytes = MAX_IMPORT_BYTES): Promise<unknown> {
  return parseJson(await readText(path, maxBytes));
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

async function readText(path: string, maxBytes: number): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new DomainError('INPUT_TOO_LARGE', { bytes: size, most: maxBytes });
    const bytes = await readFile(path);
    if (!isUtf8(bytes)) throw new DomainError('BAD_INPUT', { encoding: 'not UTF-8' });
    // A byte order mark is common in exported files and is no part of the JSON.
    return bytes.toString('utf8').replace(/^\uFEFF/, '');
  } catch (failure) {
    if (failure instanceof DomainError) throw failure;
    throw new DomainError('FILE_UNREADABLE', {}, failure);
  }
}
