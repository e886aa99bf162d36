import { appendFileSync } from 'node:fs';
import { DomainError } from '../core/errors.js';
import { toInstitutionId } from '../core/ids.js';
import { type RefusedEntry, refusedCount } from '../core/import-report.js';
import { toServer } from '../records/identity/server.js';
import { openDatabases } from './database-server.js';
import { linesOf, summaryOf } from './import-lines.js';
import { type ImportWatch, importStandard, toStandard } from './import-standard.js';
import { readNames } from './network-names.js';
import { terminalProgress } from './progress.js';
import { type CommonOptions, settingsOf } from './settings.js';
import { ownStateFolder } from './state-folder.js';

const UNNAMED = '! no ledger is set (ledgerRpcUrls): no sponsor and no site is resolved\n';

/** `assent import`: files into one institution's database, a line each on what became of them. */
export async function runImport(
  options: CommonOptions & {
    readonly standard: string;
    readonly path: string;
    readonly institution: string;
    /** A file that every refusal is added to, as NDJSON. */
    readonly refusals?: string;
    readonly threads?: number;
    /** Of the FHIR server that exported the files. */
    readonly base?: string;
    /** `refuse` or `map`. */
    readonly longIds: string;
  },
): Promise<void> {
  const standard = toStandard(options.standard);
  const institution = toInstitutionId(options.institution);
  const read = readFhirAs(options);
  const config = settingsOf(options);
  const folder = await ownStateFolder(config.stateFolder);
  try {
    const server = await openDatabases(config, folder);
    try {
      const db = await server.open(institution, { alone: true });
      const { path, threads } = options;
      const isTrials = standard === 'trials';
      const names = isTrials ? await readNames(config, folder, institution) : undefined;
      if (isTrials && names === undefined) process.stdout.write(UNNAMED);
      const input = {
        ...{ standard, path, names, ...read },
        ...(threads === undefined ? {} : { threads }),
      };
      const reports = await importStandard(db, input, watchOf(options.refusals));
      if (reports.length === 0) throw new DomainError('FILE_UNREADABLE', { files: 0 });
      process.stdout.write(`${summaryOf(reports)}\n`);
      if (reports.some((report) => refusedCount(report) > 0)) process.exitCode = 2;
    } finally {
      await server.close();
    }
  } finally {
    await folder.release();
  }
}

/** @throws DomainError BAD_INPUT {base}, CODE_UNKNOWN {option, known}. */
function readFhirAs({ base, longIds }: { readonly base?: string; readonly longIds: string }) {
  if (longIds !== 'refuse' && longIds !== 'map') {
    throw new DomainError('CODE_UNKNOWN', { option: 'long-ids', known: 'refuse map' });
  }
  const isMapped = { longIds: longIds === 'map' };
  return base === undefined ? isMapped : { ...isMapped, server: toServer(base) };
}

/** A bar while a file is long, a line when it is done, and refusals into a file if one is named. */
function watchOf(refusals: string | undefined): ImportWatch {
  const progress = terminalProgress();
  let endBar = () => undefined as unknown;
  return {
    onBegin(file, sizeBytes) {
      const step = progress.beginFile(file, sizeBytes);
      endBar = () => step.end();
      return step.reach;
    },
    onReport(report) {
      endBar();
      process.stdout.write(`${linesOf(report)}\n`);
    },
    ...(refusals === undefined ? {} : { onRefused: refusalWriter(refusals) }),
  };
}

/**
 * Adds to the file rather than replacing it: an import that goes on has the refusals of the one
 * before it in there.
 *
 * @throws DomainError FILE_UNREADABLE at once if it cannot be written.
 */
function refusalWriter(path: string) {
  const append = (text: string) => {
    try {
      appendFileSync(path, text);
    } catch (cause) {
      throw new DomainError('FILE_UNREADABLE', { option: 'refusals' }, cause);
    }
  };
  append('');
  return (file: string, entries: readonly RefusedEntry[]) =>
    append(entries.map((entry) => `${JSON.stringify({ file, ...entry })}\n`).join(''));
}
