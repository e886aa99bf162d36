import { z } from 'zod';
import type { ErrorCode } from '../../core/error-codes.js';
import { codeOf, DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { parseSignals, type Signals } from '../../zk/statement.js';
import type { VerifiedStatement } from '../../zk/verify.js';
import { type Refusal, refusalOf } from '../model.js';
import { requireNotWithdrawn } from './checks.js';
import { MAX_PROOFS } from './parameters.js';

/** What the gate asks of each proof of a batch, from the cheapest rule to the dearest. */
export interface BatchRules {
  /** Every rule that needs the signals and this node's memory alone, in order. Throws to refuse. */
  readonly requireSignals: (signals: Signals) => void;
  /** Which of these handles were withdrawn; asked once for the whole batch. */
  readonly withdrawnAmong: (handles: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Throws unless the proof verifies for the signals. */
  readonly verify: (publicSignals: readonly string[], proof: unknown) => Promise<VerifiedStatement>;
}

export interface JudgedBatch {
  readonly accepted: readonly VerifiedStatement[];
  /** In the order of the proofs. */
  readonly refused: readonly Refusal[];
}

interface Candidate {
  readonly index: number;
  readonly wire: readonly string[];
  readonly proof: unknown;
  readonly signals: Signals;
}

const itemForm = z.object({
  publicSignals: z.array(z.string().max(80)).max(16),
  proof: z.unknown(),
});

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
export function refuseAll(proofs: readonly unknown[], code: ErrorCode): JudgedBatch {
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
    const code = codeOf(thrown);
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
  const verified = await Promise.all(
    candidates.map(async ({ index, signals, wire, proof }) => {
      try {
        requireNotWithdrawn(signals, withdrawn);
        return await rules.verify(wire, proof);
      } catch (thrown) {
        refuse(index, thrown);
        return undefined;
      }
    }),
  );
  const accepted = verified.filter((statement) => statement !== undefined);
  return { accepted, refused: refused.sort((a, b) => a.index - b.index) };
}

/** @throws DomainError PROOF_MALFORMED, FIELD_OUT_OF_RANGE */
function toCandidate(item: unknown, index: number): Candidate {
  const parsed = itemForm.safeParse(item);
  if (!parsed.success) throw new DomainError('PROOF_MALFORMED');
  const { publicSignals: wire, proof } = parsed.data;
  return { index, wire, proof, signals: parseSignals(wire) };
}
