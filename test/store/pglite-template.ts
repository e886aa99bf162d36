import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lock } from 'proper-lockfile';
import { openPglite } from '../../src/store/pglite.js';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/assent', import.meta.url));

/**
 * Lays an embedded database as new as one that openPglite makes into a folder that is not there yet.
 * Making one takes 2.5 s of a core, a copy 0.4 s, and two dozen suites and their processes want one.
 */
export async function layPglite(directory: string): Promise<void> {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  cpSync(await template(), directory, { recursive: true });
}

/** One for all suites of this version: whoever comes first makes it, the others wait. */
async function template(): Promise<string> {
  const path = join(CACHE, `pglite-${versionOfPglite()}`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  // The lock of one that was killed is stale in 10 s.
  const retries = { retries: 600, factor: 1, minTimeout: 200 };
  const release = await lock(path, { realpath: false, retries });
  try {
    if (!existsSync(path)) await makeTemplate(path);
  } finally {
    await release();
  }
  return path;
}

/** Whole or not at all. */
async function makeTemplate(path: string): Promise<void> {
  const making = `${path}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  await (await openPglite({ directory: making })).close();
  renameSync(making, path);
}

function versionOfPglite(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@electric-sql/pglite'));
  const { version } = require(join(folder, '..', 'package.json')) as { version: string };
  return version;
}
