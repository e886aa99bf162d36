import { codeOf, DomainError, invariant } from '../../core/errors.js';
import type { VerifiedStatement } from '../../zk/verify/verify.js';
import { type Refusal, refusalOf } from '../base/model.js';
import { isRefusalCode, type RefusalCode } from '../base/refusal-code.js';
import { Candidate } from './candidate.js';
import { type Deciding, GATE_CHECKS } from './gate-checks.js';
import { MAX_PROOFS } from './parameters.js';

/** What became of the proofs of one presentation. */
export interface Judged {
  readonly accepted: readonly VerifiedStatement[];
  /** In the order of the proofs. */
  readonly refused: readonly Refusal[];
}

/** @throws DomainError BAD_INPUT for no proof at all, INPUT_TOO_LARGE for more than MAX_PROOFS. */
export function requireProofCount(proofs: unknown): readonly unknown[] {
  if (!Array.isArray(proofs) || proofs.length === 0) {
    throw new DomainError('BAD_INPUT', { argument: 'proofs', least: 1, most: MAX_PROOFS });
  }
  if (proofs.length > MAX_PROOFS) {
    throw new DomainError('INPUT_TOO_LARGE', { argument: 'proofs', most: MAX_PROOFS });
  }
  return proofs;
}

/** Refuses every proof for one fault of the request itself. */
export function refuseAll(proofs: readonly unknown[], code: RefusalCode): Judged {
  return { accepted: [], refused: proofs.map((_, index) => refusalOf(index, code)) };
}

/** Runs the checks on each proof; a refused proof does not affect the others. */
export async function judgeProofs(proofs: readonly unknown[], deciding: Deciding): Promise<Judged> {
  const { log } = deciding.setting;
  const refused: Refusal[] = [];
  const refuse = (index: number, thrown: unknown) => {
    const thrownCode = codeOf(thrown);
    const code = isRefusalCode(thrownCode) ? thrownCode : 'INTERNAL';
    if (code === 'INTERNAL') log?.error(thrown, 'the gate failed on a proof');
    refused.push(refusalOf(index, code));
  };
  let standing: readonly Candidate[] = proofs.map((item, index) => new Candidate(item, index));
  for (const check of GATE_CHECKS) {
    if (!check.statements.includes(deciding.asked.statement)) continue;
    const objections = await check.judge(standing, deciding);
    const broken = objections.find((objection) => codeOf(objection) === 'VERIFIER_FAILED');
    if (broken !== undefined) log?.error(broken, 'verifying broke off');
    standing = standing.filter(({ index }, i) => {
      if (objections[i] !== undefined) refuse(index, objections[i]);
      return objections[i] === undefined;
    });
  }
  const accepted = standing.map(({ verified }) => {
    invariant(verified !== undefined, 'what passed the last check is verified');
    return verified;
  });
  return { accepted, refused: refused.sort((a, b) => a.index - b.index) };
}
