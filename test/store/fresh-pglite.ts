import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer, StatementListener } from '../../src/store/database.js';
import { openPglite } from '../../src/store/pglite.js';

let initialised: Promise<string> | undefined;
const folders: string[] = [];
process.once('exit', () => folders.forEach(remove));

/**
 * An embedded database of a test's own, as new as one that openPglite makes in an empty folder: it
 * is a copy of one. Making one takes 2.5 s of a core, a copy 0.4 s, and a dozen suites want one.
 */
export async function openFreshPglite(
  options: { readonly onStatement?: StatementListener } = {},
): Promise<DatabaseServer> {
  initialised ??= initialise();
  const folder = newFolder();
  cpSync(await initialised, folder, { recursive: true });
  const server = await openPglite({ ...options, directory: folder });
  const close = async () => {
    await server.close();
    remove(folder);
  };
  return { ...server, close };
}

async function initialise(): Promise<string> {
  const directory = newFolder();
  await (await openPglite({ directory })).close();
  return directory;
}

/** Gone with this process, if not before. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assent-pglite-'));
  folders.push(folder);
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
