import { DomainError } from '../core/errors.js';
import { toInstitutionId } from '../core/ids.js';
import { openDatabases } from './database-server.js';
import { linesOf, summaryOf } from './import-lines.js';
import { importStandard, toStandard } from './import-standard.js';
import { PILOT_NAMES } from './pilot/institutions.js';
import { type CommonOptions, settingsOf } from './settings.js';
import { ownStateFolder } from './state-folder.js';

/** `assent import`: files into one institution's database, a line each on what became of them. */
export async function runImport(
  options: CommonOptions & {
    readonly standard: string;
    readonly path: string;
    readonly institution: string;
  },
): Promise<void> {
  const standard = toStandard(options.standard);
  const institution = toInstitutionId(options.institution);
  const config = settingsOf(options);
  const folder = await ownStateFolder(config.stateFolder);
  try {
    const server = await openDatabases(config, folder);
    try {
      const db = await server.open(institution);
      const input = { standard, path: options.path, names: PILOT_NAMES };
      const reports = await importStandard(db, input, (report) =>
        process.stdout.write(`${linesOf(report)}\n`),
      );
      if (reports.length === 0) throw new DomainError('FILE_UNREADABLE', { files: 0 });
      process.stdout.write(`${summaryOf(reports)}\n`);
      if (reports.some(({ refused }) => refused.length > 0)) process.exitCode = 2;
    } finally {
      await server.close();
    }
  } finally {
    await folder.release();
  }
}
