import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
}

/** The version of this program in package.json, found from src/ as well as from dist/. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as Manifest
).version;
