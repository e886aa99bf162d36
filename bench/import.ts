/**
 * What an import of FHIR NDJSON costs beside the two things it cannot do without: validating each
 * resource with the library as it is, on every core, and a bare INSERT of the same JSON. Rounds of
 * both engines alternate; medians count, of the shares too, each of one round: a machine that others
 * use is slow for seconds at a time. Rates are by the clock, stages by processor time.
 *
 * Run: npm run bench:import -- [--json] [--resources 10000] [--rounds 7]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LinesImport } from '../src/records/import/import-ndjson.js';
import { defaultThreads, type Preparer, preparerInThreads } from '../src/records/import/pool.js';
import { ImportTally } from '../src/records/import/tally.js';
import { DeletionsOfImport } from '../src/records/import/version/deletions-of-import.js';
import type { Database } from '../src/store/database.js';
import { HAS_POSTGRES } from '../test/support/store/postgres-server.js';
import { bareRows, insertBare } from './import/bare-insert.js';
import { type Engine, pgliteEngine, postgresEngine } from './import/engines.js';
import { seededLines, writeSeededLines } from './import/seeded-lines.js';
import {
  BENCH_ORIGIN,
  countUnlike,
  measureStages,
  measureStore,
  type Stages,
} from './import/stages.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    resources: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '7' },
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
  /** As cpuUs, for storing alone. */
  readonly storeUs: number[];
}

const folder = mkdtempSync(join(tmpdir(), 'assent-import-'));
const path = join(folder, 'seeded.ndjson');
const sizeBytes = await writeSeededLines(path, RESOURCES);
const texts = [...seededLines(RESOURCES)];
const rows = bareRows(texts);
const engines: Readonly<Record<string, Engine>> = {
  pglite: await pgliteEngine(),
  ...(HAS_POSTGRES ? { postgres: await postgresEngine() } : {}),
};
const preparer = preparerInThreads(defaultThreads());
const stages: Stages[] = [];
const libraryPerSecond: number[] = [];
const rates = new Map<string, Rates>();
try {
  await warmUp(preparer);
  await measureStages(path); // The first pass is the compiler's.
  for (let round = 0; round < ROUNDS; round += 1) {
    const measured = await measureStages(path);
    stages.push(measured.stages);
    libraryPerSecond.push(measured.libraryPerSecond);
    for (const [name, { db }] of Object.entries(engines)) await measureEngine(name, db);
  }
} finally {
  await preparer.close();
  for (const engine of Object.values(engines)) await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
report();

async function measureEngine(name: string, db: Database): Promise<void> {
  const engine = rates.get(name) ?? { imported: [], bare: [], cpuUs: [], storeUs: [] };
  rates.set(name, engine);
  await empty(db);
  engine.bare.push(await perSecond(() => insertBare(db, rows)));
  await empty(db);
  engine.storeUs.push(await measureStore(db, texts));
  await empty(db);
  const cpuFrom = process.cpuUsage();
  engine.imported.push(await perSecond(() => importLines(db)));
  const { user, system } = process.cpuUsage(cpuFrom);
  engine.cpuUs.push((user + system) / RESOURCES);
}

/** Threads read HL7's definitions for a second, which a long file does not notice. */
async function warmUp({ prepare, width }: Preparer): Promise<void> {
  const lines = [...seededLines(2_000)].map((text, at) => ({ number: at + 1, text }));
  await Promise.all(Array.from({ length: width }, () => prepare(BENCH_ORIGIN, lines)));
}

async function importLines(db: Database): Promise<void> {
  const tally = new ImportTally('seeded.ndjson', () => undefined);
  const deletions = new DeletionsOfImport().ofNextFile();
  const input = { path, origin: BENCH_ORIGIN, deletions };
  const lines = await LinesImport.begin(db, input, preparer, tally);
  await lines.takeFirst();
  await lines.takeWaiting();
  await lines.end();
  const { taken } = tally.report();
  if (taken !== RESOURCES) throw new Error(`${taken} of ${RESOURCES} resources were taken`);
}

async function empty(db: Database): Promise<void> {
  await db.transaction((tx) =>
    tx.execute(
      'TRUNCATE resource, patient, clinical_record, resource_link, resource_identifier, code_display, code_word',
    ),
  );
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (RESOURCES * 1000) / (performance.now() - from);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** What the slower of the two allowed in that round, resources per second. */
function allowedIn(round: number, bare: readonly number[]): number {
  return Math.min(bare[round] ?? 0, (libraryPerSecond[round] ?? 0) * CORES);
}

function report(): void {
  const validationPerSecond = median(libraryPerSecond);
  const bytes = (sizeBytes / RESOURCES).toFixed(0);
  say(`${RESOURCES} resources of ${bytes} bytes, ${ROUNDS} rounds, ${CORES} cores`);
  say(
    `${countUnlike(texts)} of them differ from those before in more than dates, ids, references and amounts`,
  );
  const stage = (name: keyof Stages) =>
    `${name} ${median(stages.map((round) => round[name])).toFixed(1)}`;
  const named = (['read', 'parse', 'validate', 'rows'] as const).map(stage).join(', ');
  say(`us of processor a resource: ${named} (${stage('library')})`);
  const figures = { pglite: 0, postgres: 0, bareInsertPglite: 0, bareInsertPostgres: 0 };
  for (const [name, { imported, bare, cpuUs, storeUs }] of rates) {
    const [rate, bareRate] = [median(imported), median(bare)];
    const shares = imported.map((one, round) => one / allowedIn(round, bare));
    const [least, most] = [Math.min(...shares).toFixed(2), Math.max(...shares).toFixed(2)];
    say(
      `${name}: ${rate.toFixed(0)} resources/s; bare INSERT ${bareRate.toFixed(0)}, validation ` +
        `${(validationPerSecond * CORES).toFixed(0)}: ${median(shares).toFixed(2)} of the lower, ` +
        `${least} to ${most} ` +
        `(target ${TARGET}); us of processor a resource: store ${median(storeUs).toFixed(0)}, ` +
        `in all ${median(cpuUs).toFixed(0)}`,
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
