import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { CIRCUITS_FOLDER } from '../../../circuits/generate.js';
import { makeOnce } from '../make-once.js';
import {
  compileSmall,
  hashOfSmallSources,
  SMALL_NAMES,
  type SmallCompilations,
} from './small-compilation.js';

/**
 * The compiled small instances in one file, because compiling them takes a minute and a fresh clone
 * would pay it before its first test. npx tsx test/support/circuits/write-small-pack.ts writes it;
 * the long tests compile again and compare.
 */
export const PACK = fileURLToPath(new URL('small-instances.br', import.meta.url));

const PARTS = ['calculator', 'constraints', 'wires'] as const;

interface Header {
  readonly sourcesSha256: string;
  /** Bytes of each part, circuit by circuit. */
  readonly lengths: readonly number[];
}

/** The committed pack if the sources are still those; else they are compiled, once for all suites. */
export async function loadSmallCompilations(): Promise<SmallCompilations> {
  const sources = hashOfSmallSources();
  const committed = existsSync(PACK) ? readPack(PACK, sources) : undefined;
  if (committed !== undefined) return committed;
  const path = join(CIRCUITS_FOLDER, 'build', `small-${sources.slice(0, 16)}.br`);
  await makeOnce(path, writePack);
  return readPack(path, sources) ?? (await compileAll());
}

/** Writes a pack whole or not at all. */
export async function writePack(path: string): Promise<void> {
  const compiled = await compileAll();
  const parts = SMALL_NAMES.flatMap((name) => PARTS.map((part) => compiled[name][part]));
  const header: Header = {
    sourcesSha256: hashOfSmallSources(),
    lengths: parts.map(({ length }) => length),
  };
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]);
  // A window of 16 MB: the three calculators share Poseidon's constants.
  const params = {
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_QUALITY]: 9,
  };
  writeFileSync(`${path}.tmp`, brotliCompressSync(plain, { params }));
  renameSync(`${path}.tmp`, path);
}

/** @returns undefined for a pack of other sources. */
export function readPack(path: string, sources: string): SmallCompilations | undefined {
  const plain = new Uint8Array(brotliDecompressSync(readFileSync(path)));
  const end = plain.indexOf(0x0a);
  const header = JSON.parse(new TextDecoder().decode(plain.subarray(0, end))) as Header;
  if (header.sourcesSha256 !== sources) return undefined;
  let at = end + 1;
  const parts = header.lengths.map((length) => {
    at += length;
    return plain.slice(at - length, at);
  });
  const entries = SMALL_NAMES.map((name, i) => {
    const of = PARTS.map((part, j) => [part, parts[PARTS.length * i + j]]);
    return [name, Object.fromEntries(of)];
  });
  return Object.fromEntries(entries) as SmallCompilations;
}

/** One after the other: each takes both processors and a gigabyte. */
async function compileAll(): Promise<SmallCompilations> {
  const entries = [];
  for (const name of SMALL_NAMES) entries.push([name, await compileSmall(name)]);
  return Object.fromEntries(entries) as SmallCompilations;
}
