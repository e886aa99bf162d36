import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

// npm run test:corpora -- FOLDER: imports folders of real files, which are not ours to ship.
const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || !isFolder(folder)) {
  console.error('npm run test:corpora -- FOLDER: a folder with fhir-synthea, trials-ctgov, epcis');
  process.exit(2);
}
const { status } = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--config', 'vitest.corpora.config.ts', ...rest],
  { stdio: 'inherit', env: { ...process.env, ASSENT_CORPORA: resolve(folder) } },
);
process.exit(status ?? 1);

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
