import { expect } from 'vitest';
import { STATEMENTS } from '../../../src/zk/statement.js';
import { type Verdict, verifyStatements } from '../../../src/zk/verify/verify.js';
import type { ShownProof } from '../../../src/zk/verify/verify-batch.js';
import { type Case, caseOf } from '../../zk/corpus/corpus.js';
import { type Decision, loadDeciders } from '../../zk/corpus/decisions.js';

/** What a verdict says: 'accepted', or the code of the refusal. */
export function saidOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'nothing';
  return verdict instanceof Error ? verdict.code : 'accepted';
}

/**
 * Has inputs of the corpus verified in batches, good and bad ones as they come, and holds every verdict to
 * what each says alone and, for whatever passes the strict shape, to what snarkjs says.
 *
 * @returns how many inputs had a strict shape, hence were held to snarkjs.
 */
export async function holdBatchesAgainstSnarkjs(
  from: number,
  until: number,
  batch: number,
): Promise<number> {
  const decide = await loadDeciders();
  const inputs = Array.from({ length: until - from }, (_, i) => caseOf(from + i));
  let held = 0;
  for (const statement of STATEMENTS) {
    const ofStatement = inputs.filter((input) => input.statement === statement);
    for (let first = 0; first < ofStatement.length; first += batch) {
      const some = ofStatement.slice(first, first + batch);
      const verdicts = await verifyStatements(statement, some.map(shownOf));
      for (const [i, input] of some.entries())
        held += hold(input, verdicts[i], await decide(input));
    }
  }
  return held;
}

function shownOf({ signals, proof }: Case): ShownProof {
  return { publicSignals: signals as readonly string[], proof };
}

function hold(input: Case, verdict: Verdict | undefined, { ours, snarkjs }: Decision): number {
  const said = saidOf(verdict);
  expect(said, input.label).toBe(ours);
  const isStrict = said === 'accepted' || said === 'PROOF_INVALID';
  if (isStrict) expect(said === 'accepted', input.label).toBe(snarkjs);
  return isStrict ? 1 : 0;
}
