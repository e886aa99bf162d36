import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaFiles } from './schema-files.js';

/** `npm run schema`: generates schema/ from the code. schema/operations is written by hand. */
const folder = fileURLToPath(new URL('../../schema', import.meta.url));
const files = await schemaFiles();

// A subgraph that is no longer composed must not stay behind.
const subgraphs = join(folder, 'subgraphs');
await mkdir(subgraphs, { recursive: true });
for (const name of await readdir(subgraphs)) await rm(join(subgraphs, name));

for (const [path, text] of files) {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
process.stdout.write(`schema/: ${files.size} files\n`);
