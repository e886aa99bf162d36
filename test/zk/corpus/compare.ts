import { expect } from 'vitest';
import { type Case, caseOf, type Label } from './corpus.js';
import { type Decision, STRICTER } from './decisions.js';
import type { SolidityVerifier } from './solidity-verifier.js';

export interface Tally {
  readonly cases: number;
  readonly accepted: number;
  readonly onChain: number;
  /** Labels under which snarkjs, or the contract, accepted what ours refused. */
  readonly stricter: ReadonlySet<Label>;
  readonly codes: ReadonlySet<string>;
}

/** Has every verifier decide each input of a slice, and holds them equal, or ours stricter for a reason. */
export async function compareSlice(
  decide: (input: Case) => Promise<Decision>,
  solidity: SolidityVerifier,
  from: number,
  until: number,
): Promise<Tally> {
  const tally = { cases: 0, accepted: 0, onChain: 0 };
  const [stricter, codes] = [new Set<Label>(), new Set<string>()];
  for (let first = from; first < until; first += 50) {
    const inputs = Array.from({ length: Math.min(50, until - first) }, (_, i) => caseOf(first + i));
    const onChain = await Promise.all(inputs.map((input) => solidity.decide(input)));
    for (const [i, input] of inputs.entries()) {
      const { ours, snarkjs } = await decide(input);
      const isAccepted = ours === 'accepted';
      const told = `input ${first + i}, ${input.label}: ours ${ours}, snarkjs ${snarkjs}, contract ${onChain[i]}`;
      expect(isAccepted, told).toBe(input.label.startsWith('valid'));
      for (const other of [snarkjs, onChain[i]]) {
        if (other === undefined || other === isAccepted) continue;
        expect(isAccepted, told).toBe(false);
        expect(STRICTER, told).toHaveProperty([input.label]);
        stricter.add(input.label);
      }
      codes.add(ours);
      tally.cases += 1;
      tally.accepted += isAccepted ? 1 : 0;
      tally.onChain += onChain[i] === undefined ? 0 : 1;
    }
  }
  return { ...tally, stricter, codes };
}
