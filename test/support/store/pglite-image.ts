import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { openPglite } from '../../../src/store/pglite.js';
import { makeOnce } from '../make-once.js';

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/assent', import.meta.url));

/**
 * An embedded database as new as one that openPglite makes: making one takes 2.5 s of a core, to begin
 * with an image 0.7 s, and two dozen suites and their processes want one.
 */
export async function pgliteImage(): Promise<Blob> {
  const path = join(CACHE, `pglite-${versionOfPglite()}-small.tar`);
  await makeOnce(path, make);
  return openAsBlob(path);
}

/** Lays a new embedded database into a folder that is not there yet. */
export async function layPglite(directory: string): Promise<void> {
  await (await openPglite({ directory, image: await pgliteImage() })).close();
}

/** A new database is 40 MB to copy, 16 of them an empty segment of its log. */
const SMALL_SEGMENTS = ['--wal-segsize=1'];

async function make(path: string): Promise<void> {
  const client = await PGlite.create({ initDbStartParams: SMALL_SEGMENTS });
  const image = await client.dumpDataDir('none');
  await client.close();
  await writeFile(path, Buffer.from(await image.arrayBuffer()));
}

function versionOfPglite(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@electric-sql/pglite'));
  const { version } = require(join(folder, '..', 'package.json')) as { version: string };
  return version;
}
