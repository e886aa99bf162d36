import { checkAnchor, checkRecord } from '../client/evidence/check.js';
import { type FoundRecord, recordsIn } from '../client/evidence/file.js';
import { anchorReader } from '../client/evidence/ledger.js';
import { DomainError } from '../core/errors.js';
import { readJsonFile } from '../core/json-file.js';
import { lineOf } from './exit.js';

export interface VerifyOptions {
  readonly file: string;
  /** JSON-RPC URL of any copy of the ledger. */
  readonly ledger: string;
  readonly contract?: string;
}

/**
 * `assent verify FILE`: checks records against their evidence and a ledger. Needs no node of the
 * network, no account and no settings. A line a check, and the code of the first that failed.
 */
export async function runVerify(options: VerifyOptions): Promise<void> {
  const records = recordsIn(await readJsonFile(options.file));
  let failed: unknown;
  for (const found of records) {
    try {
      await verifyRecord(found, options);
    } catch (thrown) {
      // The others of the document are checked all the same: a reader wants to know which hold.
      if (!(thrown instanceof DomainError)) throw thrown;
      print('FAILED', lineOf(thrown));
      failed ??= thrown;
    }
  }
  if (failed !== undefined) throw failed;
  print('ok', `${records.length} of ${records.length} records hold`);
}

async function verifyRecord(
  { path, record, evidence }: FoundRecord,
  { ledger, contract }: VerifyOptions,
): Promise<void> {
  print('record', path === '' ? '(the document)' : path);
  if (evidence === undefined) throw new DomainError('EVIDENCE_MISSING');
  const { leaf, proof, anchor } = evidence;
  const fields = checkRecord(record, evidence);
  print('ok', `as logged: ${fields.join(', ')}`);
  print('ok', `leaf ${leaf}, a ${proof.kind}`);
  print('ok', `entry ${proof.inclusion.index} of the log of ${proof.inclusion.size}`);
  print('ok', `log in digest ${anchor.digest}`);
  const found = await checkAnchor(evidence, anchorReader(fetch, ledger), { contract });
  const time = new Date(found.unixSeconds * 1000).toISOString();
  print('ok', `chain ${anchor.chainId}, contract ${anchor.contract}${trustOf(contract)}`);
  print('ok', `anchored by ${found.institution}, epoch ${anchor.epoch}, ${time}`);
}

/** Anyone can deploy a register: the reader has to know which one is the network's. */
function trustOf(contract: string | undefined): string {
  return contract === undefined ? ', as the file says: compare it, or give --contract' : '';
}

function print(verdict: string, what: string): void {
  process.stdout.write(`${verdict.padEnd(7)} ${what}\n`);
}
