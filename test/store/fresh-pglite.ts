import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer, StatementListener } from '../../src/store/database.js';
import { openPglite } from '../../src/store/pglite.js';
import { layPglite } from './pglite-template.js';

const folders: string[] = [];
process.once('exit', () => folders.forEach(remove));

/** An embedded database of a test's own, gone when it is closed or with this process. */
export async function openFreshPglite(
  options: { readonly onStatement?: StatementListener } = {},
): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-pglite-'));
  folders.push(folder);
  const directory = join(folder, 'database');
  await layPglite(directory);
  const server = await openPglite({ ...options, directory });
  const close = async () => {
    await server.close();
    remove(folder);
  };
  return { ...server, close };
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
