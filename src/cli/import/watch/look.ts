import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '../../../core/errors.js';
import { isHidden, type SeenFile } from './settling.js';

/**
 * The files below a folder, in name order. Links are not followed: a sender could link to files
 * that are not theirs.
 *
 * @param onUnreadable - is told of each folder below it that cannot be read; the others are read.
 * @throws DomainError FILE_UNREADABLE if it is not a folder, or is unavailable.
 */
export async function lookInto(
  folder: string,
  onUnreadable: (name: string) => void = () => undefined,
): Promise<readonly SeenFile[]> {
  try {
    const names = await namesBelow(folder, '', onUnreadable);
    const seen = await Promise.all(names.map((name) => look(folder, name)));
    return seen.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', { folder: 'cannot be read' }, cause);
  }
}

async function namesBelow(
  folder: string,
  below: string,
  onUnreadable: (name: string) => void,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const name = `${below}${entry.name}`;
    if (isHidden(name)) continue;
    if (entry.isFile()) names.push(name);
    if (!entry.isDirectory()) continue;
    const inside = await namesBelow(folder, `${name}/`, onUnreadable).catch(() => {
      onUnreadable(`${name}/`);
      return [];
    });
    names.push(...inside);
  }
  return names;
}

/** @returns nothing for a file that was renamed meanwhile. */
async function look(folder: string, name: string): Promise<readonly SeenFile[]> {
  return lstat(join(folder, name)).then(
    (one) => (one.isFile() ? [{ name, sizeBytes: one.size, mtimeMs: one.mtimeMs }] : []),
    () => [],
  );
}
