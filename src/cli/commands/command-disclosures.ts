import type { Command } from 'commander';
import { DomainError } from '../../core/errors.js';
import {
  type Period,
  type Seconds,
  secondsFromIso,
  secondsFromUnixMs,
  toPeriod,
  unixMsFromSeconds,
} from '../../core/time.js';
import type { CommonOptions } from '../state/settings.js';

/** How many years back an individual may ask. @source 45 CFR 164.528(a)(1) */
const ACCOUNTED_YEARS = 6;

const FORMATS = ['csv', 'audit-event'] as const;

interface DisclosuresOptions extends CommonOptions {
  readonly institution: string;
  readonly patient: string;
  readonly since?: string;
  readonly until?: string;
  readonly format: string;
  readonly out?: string;
}

/**
 * `assent disclosures`: the accounting of disclosures that a privacy officer gives to a patient on
 * request.
 */
export function addDisclosuresCommand(program: Command): void {
  program
    .command('disclosures')
    .description(
      "account for the disclosures of one patient's data, from an institution's database",
    )
    .requiredOption('--institution <id>', 'whose database')
    .requiredOption('--patient <id>', "the patient's FHIR id there, or the URL of the Patient")
    .option('--since <date>', 'the first day or moment, UTC (default: six years before the end)')
    .option('--until <date>', 'the day or moment before which it ends, UTC (default: now)')
    .option('--format <format>', FORMATS.join(' or '), 'csv')
    .option('--out <file>', 'where to write it (default: standard output)')
    .action((options) => accountForPatient({ ...program.opts(), ...options }));
}

async function accountForPatient(options: DisclosuresOptions): Promise<void> {
  const { patient, format } = options;
  if (!FORMATS.some((known) => known === format)) throw badOption('format', FORMATS.join(' or '));
  const { isPatientName } = await import('../../records/identity/server.js');
  if (!isPatientName(patient)) throw new DomainError('ID_MALFORMED', { kind: 'patient' });
  const period = periodOf(options, secondsFromUnixMs(Date.now()));
  const { accountOf, isLinked } = await import('../../consent/disclosures/account.js');
  const { accountingCsv } = await import('../../consent/disclosures/csv.js');
  const { auditEventsNdjson } = await import('../../consent/disclosures/audit-event.js');
  const { readAccountedPatient } = await import('../../records/import/merge/linkable-patient.js');
  const { withDatabaseBesideNode } = await import('../state/own-database.js');
  await withDatabaseBesideNode(options, async ({ db, institution }) => {
    const { key, records } = await db.transaction(
      (tx) => readAccountedPatient(tx, patient),
      'read',
    );
    const releases = await accountOf(db, records, period);
    const who = { institution, patientId: key };
    const text = format === 'csv' ? accountingCsv(releases) : auditEventsNdjson(releases, who);
    await write(text, options.out);
    if (releases.length > 0 || (await isLinked(db, records))) return;
    process.stderr.write('this institution has not linked a pseudonym with that patient\n');
    process.exitCode = 2;
  });
}

/** The last six years, or the part that was asked for. @throws BAD_INPUT, PERIOD_EMPTY */
function periodOf({ since, until }: DisclosuresOptions, now: Seconds): Period {
  // Includes the current second, which is over by the time anybody reads the result.
  const end = until === undefined ? now + 1 : momentOf('until', until);
  if (since !== undefined) return toPeriod(momentOf('since', since), end);
  const begin = new Date(unixMsFromSeconds(end));
  begin.setUTCFullYear(begin.getUTCFullYear() - ACCOUNTED_YEARS);
  return toPeriod(secondsFromUnixMs(begin.getTime()), end);
}

const DAY_OR_MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/;

/** A moment without a zone would mean something else on another machine, so it is refused. */
function momentOf(option: string, text: string): Seconds {
  if (!DAY_OR_MOMENT.test(text)) throw badOption(option, 'YYYY-MM-DD, or a moment with its zone');
  return secondsFromIso(text);
}

async function write(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  const { writeFile } = await import('node:fs/promises');
  // Personal data: no other user of the machine may read it.
  await writeFile(file, text, { mode: 0o600 });
}

function badOption(option: string, expected: string): DomainError {
  return new DomainError('BAD_INPUT', { option, expected });
}
