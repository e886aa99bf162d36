import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from './errors.js';
import { type JsonBounds, parseBoundedJson } from './json-bounds.js';

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

/** @throws DomainError FILE_UNREADABLE, INPUT_TOO_LARGE or JSON_MALFORMED. */
export async function readJsonFile(path: string, maxBytes = MAX_IMPORT_BYTES): Promise<unknown> {
  return parseJson(await readText(path, maxBytes));
}

/** What one file may hold: standards nest deeper than our own documents, and write shorter values. */
const BOUNDS: JsonBounds = { maxDepth: 128, maxValues: MAX_IMPORT_BYTES / 8 };

/**
 * @throws DomainError INPUT_TOO_LARGE {measure, most}; JSON_MALFORMED with the position, in characters, where it stops
 * being JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text, BOUNDS);
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
    // A byte order mark is common in exported files and is no part of the JSON.
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (failure) {
    if (failure instanceof DomainError) throw failure;
    throw new DomainError('FILE_UNREADABLE', {}, failure);
  }
}
