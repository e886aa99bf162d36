import { codeOf, DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { parseSignals, type Signals } from '../../zk/statement.js';
import {
  isVerifiedStatement,
  type Verdict,
  type VerifiedStatement,
} from '../../zk/verify/verify.js';
import type { ShownProof } from '../../zk/verify/verify-batch.js';
import { type Refusal, refusalOf } from '../base/model.js';
import { isRefusalCode, type RefusalCode } from '../base/refusal-code.js';
import { requireNotWithdrawn } from './checks.js';
import { MAX_PROOFS } from './parameters.js';

/** What the gate asks of each proof of a batch, from the cheapest rule to the dearest. */
export interface BatchRules {
  /** Every rule that needs the signals and this node's memory alone, in order. Throws to refuse. */
  readonly requireSignals: (signals: Signals) => void;
  /** Which of these handles were withdrawn; asked once for the whole batch. */
  readonly withdrawnAmong: (handles: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Verifies them at once: one answer for each, in order, and none hangs on another. */
  readonly verify: (shown: readonly ShownProof[]) => Promise<readonly Verdict[]>;
}

export interface JudgedBatch {
  readonly accepted: readonly VerifiedStatement[];
  /** In the order of the proofs. */
  readonly refused: readonly Refusal[];
}

interface Candidate extends ShownProof {
  readonly index: number;
  readonly signals: Signals;
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

/** Every proof refused for one reason that lies in the request itself. */
export function refuseAll(proofs: readonly unknown[], code: RefusalCode): JudgedBatch {
  return { accepted: [], refused: proofs.map((_, index) => refusalOf(index, code)) };
}

/** Judges each proof by itself: one that is refused takes none of the others with it. */
export async function judgeBatch(
  proofs: readonly unknown[],
  rules: BatchRules,
  log?: Logger,
): Promise<JudgedBatch> {
  const refused: Refusal[] = [];
  const refuse = (index: number, thrown: unknown) => {
    const thrownCode = codeOf(thrown);
    const code = isRefusalCode(thrownCode) ? thrownCode : 'INTERNAL';
    if (code === 'INTERNAL') log?.error(thrown, 'the gate failed on a proof');
    refused.push(refusalOf(index, code));
  };
  const candidates = proofs.flatMap((item, index): Candidate[] => {
    try {
      const candidate = toCandidate(item, index);
      rules.requireSignals(candidate.signals);
      return [candidate];
    } catch (thrown) {
      refuse(index, thrown);
      return [];
    }
  });
  const handles = candidates.map(({ signals }) => signals.handle.toString());
  const withdrawn = await rules.withdrawnAmong(handles);
  const standing = candidates.filter(({ index, signals }) => {
    try {
      requireNotWithdrawn(signals, withdrawn);
      return true;
    } catch (thrown) {
      refuse(index, thrown);
      return false;
    }
  });
  const verdicts = await rules
    .verify(standing)
    .catch((fault: unknown) => standing.map(() => fault));
  const brokenOff = verdicts.find((verdict) => codeOf(verdict) === 'VERIFIER_FAILED');
  if (brokenOff !== undefined) log?.error(brokenOff, 'verifying broke off');
  const accepted: VerifiedStatement[] = [];
  for (const [i, { index }] of standing.entries()) {
    const verdict = verdicts[i];
    // Whatever is not a verified statement is a refusal: also a missing one, or a fault of ours.
    if (isVerifiedStatement(verdict)) accepted.push(verdict);
    else refuse(index, verdict);
  }
  return { accepted, refused: refused.sort((a, b) => a.index - b.index) };
}

/**
 * The proof itself is read by the verifier alone.
 *
 * @throws DomainError PROOF_MALFORMED, FIELD_OUT_OF_RANGE
 */
function toCandidate(item: unknown, index: number): Candidate {
  const { publicSignals, proof } = Object(item) as ShownProof;
  return { index, publicSignals, proof, signals: parseSignals(publicSignals) };
}
