#!/usr/bin/env node
// The compiler of the npm package solc behind the command line that forge speaks to a solc with.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';

const require = createRequire(import.meta.url);
// Committed, because compiling the tests takes a fresh clone 20 s: what was given, by its hash, and
// what came of it. Any other input is compiled. ASSENT_SOLC: fresh compiles always, keep writes the
// file (keep-compilation.ts), kept refuses what is not in it.
const KEPT = new URL('test/compilation.br', import.meta.url);
const mode = process.env.ASSENT_SOLC;

if (process.argv.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler\nVersion: ${require('solc').version()}\n`);
} else {
  const input = readFileSync(0, 'utf8');
  const isFresh = mode === 'fresh' || mode === 'keep';
  process.stdout.write((isFresh ? undefined : keptOutput(input)) ?? compile(input));
}

function keptOutput(input) {
  if (!existsSync(KEPT)) return undefined;
  const { inputSha256, output } = JSON.parse(String(brotliDecompressSync(readFileSync(KEPT))));
  return inputSha256 === sha256(input) ? output : undefined;
}

function compile(input) {
  if (mode === 'kept') throw new Error('test/compilation.br is of other sources');
  const output = require('solc').compile(input);
  if (mode === 'keep') {
    writeFileSync(KEPT, brotliCompressSync(JSON.stringify({ inputSha256: sha256(input), output })));
  }
  return output;
}

/** The compiler's own version is part of what is given: it is pinned, and another may come. */
function sha256(input) {
  const { version } = require('solc/package.json');
  return createHash('sha256').update(`${version}\n${input}`).digest('hex');
}
