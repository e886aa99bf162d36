/**
 * What an import of FHIR NDJSON costs beside the two things it cannot do without: validating each
 * resource, and a bare INSERT of the same JSON. Rounds of both engines alternate; medians count.
 *
 * Run: npm run bench:import -- [--json] [--resources 10000] [--rounds 3]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LinesImport } from '../src/records/fhir-import-lines.js';
import { type Preparer, preparerInThreads } from '../src/records/fhir-import-pool.js';
import { ImportTally } from '../src/records/fhir-import-tally.js';
import type { Database } from '../src/store/database.js';
import { HAS_POSTGRES } from '../test/store/postgres-server.js';
import { bareRows, insertBare } from './import/bare-insert.js';
import { type Engine, pgliteEngine, postgresEngine } from './import/engines.js';
import { seededLines, writeSeededLines } from './import/seeded-lines.js';
import { measureStages, type Stages } from './import/stages.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    resources: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
  },
});
const RESOURCES = Number(values.resources);
const ROUNDS = Number(values.rounds);
const CORES = availableParallelism();
/** The share of what the slower of the two allows that an import is to reach. */
const TARGET = 0.8;

/** Resources per second, of each round. */
interface Rates {
  readonly imported: number[];
  readonly bare: number[];
  /** Processor time of this process for one imported resource, all threads together. */
  readonly cpuUs: number[];
}

const folder = mkdtempSync(join(tmpdir(), 'assent-import-'));
const path = join(folder, 'seeded.ndjson');
const sizeBytes = await writeSeededLines(path, RESOURCES);
const rows = bareRows([...seededLines(RESOURCES)]);
const engines: Readonly<Record<string, Engine>> = {
  pglite: await pgliteEngine(),
  ...(HAS_POSTGRES ? { postgres: await postgresEngine() } : {}),
};
const preparer = preparerInThreads(CORES);
const stages: Stages[] = [];
const rates = new Map<string, Rates>();
try {
  await warmUp(preparer);
  await measureStages(path); // The first pass is the compiler's.
  for (let round = 0; round < ROUNDS; round += 1) {
    stages.push(await measureStages(path));
    for (const [name, { db }] of Object.entries(engines)) {
      const { imported, bare, cpuUs } = rates.get(name) ?? { imported: [], bare: [], cpuUs: [] };
      await empty(db);
      bare.push(await perSecond(() => insertBare(db, rows)));
      await empty(db);
      const cpuFrom = process.cpuUsage();
      imported.push(await perSecond(() => importLines(db)));
      const { user, system } = process.cpuUsage(cpuFrom);
      cpuUs.push((user + system) / RESOURCES);
      rates.set(name, { imported, bare, cpuUs });
    }
  }
} finally {
  await preparer.close();
  for (const engine of Object.values(engines)) await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
report();

/** Threads read HL7's definitions for a second, which a long file does not notice. */
async function warmUp({ prepare, width }: Preparer): Promise<void> {
  const lines = [...seededLines(2_000)].map((text, at) => ({ number: at + 1, text }));
  await Promise.all(Array.from({ length: width }, () => prepare('warm.ndjson', lines)));
}

async function importLines(db: Database): Promise<void> {
  const tally = new ImportTally('seeded.ndjson', () => undefined);
  const lines = await LinesImport.begin(db, { path, source: 'seeded.ndjson' }, preparer, tally);
  await lines.takeFirst();
  await lines.takeWaiting();
  await lines.end();
  const { taken } = tally.report();
  if (taken !== RESOURCES) throw new Error(`${taken} of ${RESOURCES} resources were taken`);
}

async function empty(db: Database): Promise<void> {
  await db.transaction((tx) => tx.execute('TRUNCATE resource, patient, clinical_record'));
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (RESOURCES * 1000) / (performance.now() - from);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function report(): void {
  const us = (stage: keyof Stages) => median(stages.map((round) => round[stage]));
  const validationPerSecond = 1e6 / us('validateUs');
  const bytes = (sizeBytes / RESOURCES).toFixed(0);
  say(`${RESOURCES} resources of ${bytes} bytes, ${ROUNDS} rounds, ${CORES} cores`);
  say(
    `one thread, us a resource: read ${us('readUs').toFixed(1)}, parse ${us('parseUs').toFixed(1)}, ` +
      `validate ${us('validateUs').toFixed(1)}, rows ${us('rowsUs').toFixed(1)}`,
  );
  const figures = { pglite: 0, postgres: 0, bareInsertPglite: 0, bareInsertPostgres: 0 };
  for (const [name, { imported, bare, cpuUs }] of rates) {
    const [rate, bareRate] = [median(imported), median(bare)];
    const allowed = Math.min(bareRate, validationPerSecond * CORES);
    const share = (rate / allowed).toFixed(2);
    say(
      `${name}: ${rate.toFixed(0)} resources/s; bare INSERT ${bareRate.toFixed(0)}, validation ` +
        `${(validationPerSecond * CORES).toFixed(0)}: ${share} of the lower (target ${TARGET}); ` +
        `${median(cpuUs).toFixed(0)} us of processor a resource`,
    );
    if (name === 'pglite') [figures.pglite, figures.bareInsertPglite] = [rate, bareRate];
    else [figures.postgres, figures.bareInsertPostgres] = [rate, bareRate];
  }
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  say(`peak memory of this process, engine and threads included: ${peakRssMb.toFixed(0)} MB`);
  if (values.json) {
    const rounded = Object.entries({ ...figures, validationPerSecond });
    say(
      JSON.stringify(Object.fromEntries(rounded.map(([key, value]) => [key, Math.round(value)]))),
    );
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
