import { type Dirent, existsSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createGunzip } from 'node:zlib';
import { DomainError } from '../errors.js';
import { type ImportReport, NO_ENDS } from './import-report.js';

/** One JSON document, or one on each line. */
export type FileForm = 'JSON' | 'LINES';

/** A file that a path means. */
export interface FoundFile {
  readonly path: string;
  /** What reports call it: its path from the folder that was named, with forward slashes. */
  readonly name: string;
  /** Undefined: it is neither, and nobody reads it. */
  readonly form: FileForm | undefined;
  /** It was taken before: only what is not stored is taken, nothing takes the place of what came since. */
  readonly isAgain?: boolean;
}

/** Where an import takes its files from: a path, or what was found before. */
export type ImportFrom = string | readonly FoundFile[];

/** @throws DomainError FILE_UNREADABLE if a path itself cannot be read. */
export async function foundIn(from: ImportFrom): Promise<readonly FoundFile[]> {
  return typeof from === 'string' ? filesOf(from) : from;
}

/** Bytes that tell a form, and bytes of a file that may have to be inflated for them. */
const LOOKED_AT_BYTES = 64 * 1024;
const NAMED_LINES = /\.(ndjson|jsonl)(\.gz)?$/i;
const NAMED_JSON = /\.json(\.gz)?$/i;

/**
 * The files that a path means: itself, or all below that folder, in name order. A name's end tells the
 * form, in any case; where it tells nothing, the content does. Links to folders are not followed.
 *
 * @throws DomainError FILE_UNREADABLE if the path itself cannot be read.
 */
export async function filesOf(path: string): Promise<readonly FoundFile[]> {
  try {
    if (!(await stat(path)).isDirectory()) {
      const name = path.slice(path.lastIndexOf(sep) + 1);
      return [{ path, name, form: (await formOf(path)) ?? 'JSON' }];
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const paths = entries.filter((one) => !one.isDirectory()).map(pathOf);
    const found = paths.map(async (file) => {
      const name = relative(path, file).split(sep).join('/');
      return { path: file, name, form: await formOf(file) };
    });
    return (await Promise.all(found)).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}

/** A file under the name that reports call it by; its name's end or its content tells its form. */
export async function findFile(path: string, name: string): Promise<FoundFile> {
  return { path, name, form: await formOf(path) };
}

/** What is said of a file that is not read, so that no part of a delivery is missed in silence. */
export function skippedReport({ name }: FoundFile): ImportReport {
  const detail = 'it is neither JSON nor lines of JSON';
  return { ...NO_ENDS, file: name, refused: [{ path: '', code: 'FILE_SKIPPED', detail }] };
}

/** Whether a file is gzip, by its first bytes: its name may say nothing. */
export async function isPacked(path: string): Promise<boolean> {
  const start = await firstBytes(path, 2);
  return start[0] === 0x1f && start[1] === 0x8b;
}

function pathOf(entry: Dirent): string {
  return join(entry.parentPath, entry.name);
}

async function formOf(path: string): Promise<FileForm | undefined> {
  if (!existsSync(path) || !(await stat(path)).isFile()) return undefined;
  if (NAMED_LINES.test(path)) return 'LINES';
  if (NAMED_JSON.test(path)) return 'JSON';
  return formOfText(await firstText(path));
}

/** A whole object on the first line, and another begins on the next: a document for each line. */
function formOfText(text: string): FileForm | undefined {
  const begun = text.replace(/^\uFEFF/, '').trimStart();
  // A brace and a name, a list of objects or nothing: other bracketed text is not JSON.
  if (!/^(\{\s*("|\}|$)|\[\s*(\{|\]|$))/.test(begun)) return undefined;
  const end = begun.indexOf('\n');
  const isLines = end > 0 && begun[0] === '{' && isWhole(begun.slice(0, end));
  return isLines ? 'LINES' : 'JSON';
}

function isWhole(line: string): boolean {
  return line.trimEnd().endsWith('}') && line.trim() !== '{}';
}

async function firstText(path: string): Promise<string> {
  const bytes = await firstBytes(path, LOOKED_AT_BYTES);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  return new Promise((resolve) => {
    const gunzip = createGunzip();
    // What is cut off in the middle still tells how it begins; what is no gzip at all tells nothing.
    gunzip.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')));
    gunzip.once('error', () => resolve(''));
    gunzip.once('end', () => resolve(''));
    gunzip.end(bytes);
  });
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), { position: 0 });
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}
