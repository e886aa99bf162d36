import { resolve } from 'node:path';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { refusedCount } from '../../core/import/import-report.js';
import { toServer } from '../../records/identity/server.js';
import type { Database } from '../../store/database.js';
import { lineOf } from '../process/exit.js';
import { stopSignal } from '../process/stop-signal.js';
import { readNames } from '../state/network-names.js';
import { type OpenDatabase, withDatabaseBesideNode } from '../state/own-database.js';
import type { CommonOptions } from '../state/settings.js';
import { importDry } from './dry.js';
import { summaryOf } from './lines.js';
import { type ImportInput, importStandard, type Standard, toStandard } from './standard.js';
import { terminalWatch } from './watch-terminal.js';

const UNNAMED = '! no ledger is set (ledgerRpcUrls): sponsors and sites are not resolved\n';
const DRY = 'dry run: nothing was stored\n';

/** The options of `assent import`. */
export interface ImportCommandOptions extends CommonOptions {
  readonly standard: string;
  readonly path: string;
  readonly institution: string;
  /** A file that every refusal is appended to, as NDJSON. */
  readonly refusals?: string;
  readonly threads?: number;
  /** Base URL of the FHIR server that exported the files. */
  readonly base?: string;
  /** `refuse` or `map`. */
  readonly longIds: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly every: number;
  readonly settled: number;
}

/** `assent import`: imports files into one institution's database, and prints a line about each. */
export async function runImport(options: ImportCommandOptions): Promise<void> {
  const standard = toStandard(options.standard);
  const read = readFhirAs(standard, options);
  if (options.watch && options.dryRun) throw new DomainError('BAD_INPUT', { watch: 'or dry-run' });
  await withDatabaseBesideNode(options, async (open) => {
    const { threads } = options;
    const input = {
      standard,
      names: await namesFor(standard, open),
      ...read,
      ...(threads === undefined ? {} : { threads }),
    };
    if (options.watch) await watchUntilStopped(open.db, input, options);
    else await importOnce(open.db, { ...input, from: options.path }, options);
  });
}

async function watchUntilStopped(
  db: Database,
  input: Omit<ImportInput, 'from'>,
  { path, every, settled, refusals }: ImportCommandOptions,
): Promise<void> {
  const { watchFolder } = await import('./watch/watch-folder.js');
  const stop = stopSignal();
  const folder = resolve(path);
  process.stdout.write(`watching: checked every ${every} s, until stopped\n`);
  const options = {
    folder,
    input,
    everyMs: every * 1000,
    settledMs: settled * 1000,
    watch: terminalWatch(refusals),
    onPause: (failure: DomainError) => void process.stderr.write(`! ${lineOf(failure)}\n`),
  };
  await watchFolder(db, options, stop);
}

async function importOnce(
  db: Database,
  input: ImportInput,
  { refusals, dryRun = false }: ImportCommandOptions,
): Promise<void> {
  const take = (into: Database) => importStandard(into, input, terminalWatch(refusals));
  const reports = await (dryRun ? importDry(db, take) : take(db));
  if (reports.length === 0) throw new DomainError('FILE_UNREADABLE', { files: 0 });
  process.stdout.write(`${summaryOf(reports)}\n${dryRun ? DRY : ''}`);
  if (reports.some((report) => refusedCount(report) > 0)) process.exitCode = 2;
}

async function namesFor(
  standard: Standard,
  { config, folder, institution }: OpenDatabase,
): Promise<ReadonlyMap<string, InstitutionId> | undefined> {
  if (standard !== 'trials') return undefined;
  const names = await readNames(config, folder, institution);
  if (names === undefined) process.stdout.write(UNNAMED);
  return names;
}

/**
 * Options for reading FHIR. With another standard these options are refused, because they would
 * have no effect.
 *
 * @throws DomainError BAD_INPUT {base}, {option, standard}; CODE_UNKNOWN {option, known}.
 */
function readFhirAs(
  standard: Standard,
  { base, longIds, threads }: Pick<ImportCommandOptions, 'base' | 'longIds' | 'threads'>,
) {
  const isMeant = {
    base: base !== undefined,
    'long-ids': longIds === 'map',
    threads: threads !== undefined,
  };
  const [option] = Object.entries(isMeant).find(([, isGiven]) => isGiven) ?? [];
  if (standard !== 'fhir' && option !== undefined) {
    throw new DomainError('BAD_INPUT', { option, standard: 'is only for fhir' });
  }
  if (longIds !== 'refuse' && longIds !== 'map') {
    throw new DomainError('CODE_UNKNOWN', { option: 'long-ids', known: 'refuse map' });
  }
  const isMapped = { longIds: longIds === 'map' };
  return base === undefined ? isMapped : { ...isMapped, server: toServer(base) };
}
