import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DomainError } from '../../../core/errors.js';
import { isHidden, type SeenFile } from './settling.js';

/**
 * The files below a folder, in name order. Links are not followed: a sender could link to files
 * that are not theirs.
 *
 * @throws DomainError FILE_UNREADABLE if it is not a folder, or is unavailable.
 */
export async function lookInto(folder: string): Promise<readonly SeenFile[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((one) => one.isFile())
      .map((one) => relative(folder, join(one.parentPath, one.name)).split(sep).join('/'))
      .filter((name) => !isHidden(name));
    const seen = await Promise.all(names.map((name) => look(folder, name)));
    return seen.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', { folder: 'cannot be read' }, cause);
  }
}

/** @returns nothing for a file that was renamed meanwhile. */
async function look(folder: string, name: string): Promise<readonly SeenFile[]> {
  return stat(join(folder, name)).then(
    ({ size: sizeBytes, mtimeMs }) => [{ name, sizeBytes, mtimeMs }],
    () => [],
  );
}
