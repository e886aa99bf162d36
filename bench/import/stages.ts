import { createReadStream } from 'node:fs';
import { validateResource } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../src/core/import/json-file.js';
import { linesOf } from '../../src/records/import/lines.js';
import { type NumberedLine, prepareLines } from '../../src/records/import/prepare.js';
import { storePrepared } from '../../src/records/import/store.js';
import { fhirValidator } from '../../src/records/import/validate.js';
import { likenessOf } from '../../src/records/import/validate-once-per-shape.js';
import type { Database } from '../../src/store/database.js';

/** Microseconds of processor time for a resource: what a shared machine changes least. */
export interface Stages {
  readonly read: number;
  readonly parse: number;
  /** The library as it is, looking for every element of every type. */
  readonly library: number;
  /** The library as an import calls it. */
  readonly validate: number;
  /** Hash, references, and the rows of the tables as JSON. */
  readonly rows: number;
}

/** Of what is measured. */
export const BENCH_ORIGIN = { source: 'bench.ndjson', server: '', longIds: false };

/** Lines in each transaction, as many as an import takes. */
const BATCH = 500;

/** What an import does before it stores, one stage after another in this thread. */
export async function measureStages(path: string) {
  const requireValid: (resource: unknown) => void = await fhirValidator();
  const lines: NumberedLine[] = [];
  const clock = clockFor(() => lines.length);
  for await (const line of linesOf(createReadStream(path))) if ('text' in line) lines.push(line);
  const read = clock();
  const parsed = lines.map(({ text }) => parseJson(text));
  const parse = clock();
  const fromMs = performance.now();
  for (const resource of parsed) validateResource(resource as Resource);
  const libraryPerSecond = (lines.length * 1000) / (performance.now() - fromMs);
  const library = clock();
  for (const resource of parsed) requireValid(resource);
  const validate = clock();
  prepareLines(lines, () => undefined, BENCH_ORIGIN);
  const rows = clock() - parse;
  return { stages: { read, parse, library, validate, rows } satisfies Stages, libraryPerSecond };
}

/** How many of those resources are like none before them, which the library has to look at. */
export function countUnlike(texts: readonly string[]): number {
  const likenesses = texts.map((text) => likenessOf(parseJson(text)));
  const unknown = likenesses.filter((likeness) => likeness === undefined).length;
  return unknown + new Set(likenesses.filter((likeness) => likeness !== undefined)).size;
}

/** Storing alone, what was prepared before; in PGlite the database's time too. */
export async function measureStore(db: Database, texts: readonly string[]): Promise<number> {
  const lines = texts.map((text, at) => ({ number: at + 1, text }));
  const prepared = [];
  for (let from = 0; from < lines.length; from += BATCH) {
    const part = lines.slice(from, from + BATCH);
    prepared.push(prepareLines(part, () => undefined, BENCH_ORIGIN).entries);
  }
  const clock = clockFor(() => lines.length);
  for (const entries of prepared) await db.transaction((tx) => storePrepared(tx, entries));
  return clock();
}

/** Each call answers how much processor time a resource took since the one before. */
function clockFor(count: () => number): () => number {
  let from = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(from);
    from = process.cpuUsage();
    return (user + system) / count();
  };
}
