/**
 * A copy of the circuits that refuses nothing: every `===` removed, every assignment kept.
 *
 * The honest witness calculator stops at the first constraint that does not hold, so it cannot say whether
 * the constraint system itself would refuse: an attacker runs a calculator of its own. This is that
 * calculator. Tests compute forged witnesses with it, and check them against the real constraints.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CIRCUITS_FOLDER } from './generate.js';

const require = createRequire(import.meta.url);

/**
 * Blanks comments, then every statement with a `===`; circomlib's and ours alike.
 *
 * Everything else keeps its place: circom names an anonymous component after its line and offset, and the
 * names are how a test finds a wire of one copy in the other.
 */
export function permissive(source: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ');
  return source
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/\/\/.*$/gm, blank)
    .split(/(?<=[;{}])/)
    .map((statement) => (statement.includes('===') ? blank(statement) : statement))
    .join('');
}

/** Writes the permissive copies of circuits/lib and of circomlib into one folder. */
export function writePermissiveLibrary(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const circomlib = join(dirname(require.resolve('circomlib/package.json')), 'circuits');
  for (const from of [circomlib, join(CIRCUITS_FOLDER, 'lib')]) {
    for (const name of readdirSync(from).filter((file) => file.endsWith('.circom'))) {
      writeFileSync(
        join(folder, name),
        permissive(readFileSync(join(from, name), 'latin1')),
        'latin1',
      );
    }
  }
}
