import { checkAnchor, checkRecord } from '../../client/evidence/check.js';
import { type FoundRecord, recordsIn, uncheckedIn } from '../../client/evidence/file.js';
import { anchorReader } from '../../client/evidence/ledger.js';
import type { RecordCoverage } from '../../client/evidence/record.js';
import { DomainError } from '../../core/errors.js';
import { readJsonFile } from '../../core/import/json-file.js';
import { lineOf } from '../process/exit.js';

export interface VerifyOptions {
  readonly file: string;
  /** JSON-RPC URL of any copy of the ledger. */
  readonly ledger: string;
  readonly contract?: string;
  /** Whether a record must show everything that was logged. */
  readonly whole?: boolean;
}

/**
 * `assent verify FILE`: checks records against their evidence and a ledger. It needs no node of the
 * network, no account and no settings. It prints a line per check, and the code of the first that
 * failed.
 *
 * Fields that a record leaves out are not an error, unless `whole` is given: clients select what
 * they need.
 *
 * @throws DomainError what the checks throw; EVIDENCE_RECORD_INCOMPLETE.
 */
export async function runVerify(options: VerifyOptions): Promise<void> {
  const document = await readJsonFile(options.file);
  const records = recordsIn(document);
  let failed: unknown;
  for (const found of records) {
    try {
      await verifyRecord(found, options);
    } catch (thrown) {
      // The other records are still checked: a reader wants to know which are valid.
      if (!(thrown instanceof DomainError)) throw thrown;
      print('FAILED', lineOf(thrown));
      failed ??= thrown;
    }
  }
  for (const path of uncheckedIn(document)) print('unseen', `no evidence for ${path}`);
  if (failed !== undefined) throw failed;
  print('ok', `${records.length} of ${records.length} records hold`);
}

async function verifyRecord(
  { path, record, evidence }: FoundRecord,
  { ledger, contract, whole }: VerifyOptions,
): Promise<void> {
  print('record', path === '' ? '(the document)' : path);
  if (evidence === undefined) throw new DomainError('EVIDENCE_MISSING');
  const { leaf, proof, anchor } = evidence;
  const coverage = checkRecord(record, evidence);
  printCoverage(coverage);
  if (whole === true) requireWhole(coverage);
  print('ok', `leaf ${leaf}, a ${proof.kind}`);
  print('ok', `entry ${proof.inclusion.index} of the log of ${proof.inclusion.size}`);
  print('ok', `log in digest ${anchor.digest}`);
  const found = await checkAnchor(evidence, anchorReader(fetch, ledger), { contract });
  const time = new Date(found.unixSeconds * 1000).toISOString();
  print('ok', `chain ${anchor.chainId}, contract ${anchor.contract}${trustOf(contract)}`);
  print('ok', `anchored by ${found.institution}, epoch ${anchor.epoch}, ${time}`);
}

/**
 * Also prints what the record leaves out, so that a missing field is not read as "there is none".
 */
function printCoverage({ whole, some, notShown }: RecordCoverage): void {
  if (whole.length > 0) print('ok', `as logged: ${whole.join(', ')}`);
  for (const { field, shown, of } of some)
    print('part', `${field}: some, ${shown} of ${of} logged`);
  if (notShown.length > 0) print('hidden', `logged and not shown: ${notShown.join(', ')}`);
}

function requireWhole({ some, notShown }: RecordCoverage): void {
  const fields = [...some.map(({ field }) => field), ...notShown];
  if (fields.length === 0) return;
  throw new DomainError('EVIDENCE_RECORD_INCOMPLETE', { fields: fields.join(' ') });
}

/** Anyone can deploy a register, so the reader must know the address of the network's. */
function trustOf(contract: string | undefined): string {
  return contract === undefined ? ', according to the file: compare it, or use --contract' : '';
}

function print(verdict: string, what: string): void {
  process.stdout.write(`${verdict.padEnd(7)} ${what}\n`);
}
