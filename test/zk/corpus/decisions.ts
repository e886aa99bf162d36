import { groth16 } from 'snarkjs';
import { DomainError } from '../../../src/core/errors.js';
import { lendToSnarkjs, verifyingCurve } from '../../../src/zk/arithmetic/curve.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { STATEMENTS, type Statement } from '../../../src/zk/statement.js';
import { loadStatements, verifyStatement } from '../../../src/zk/verify/verify.js';
import type { Case, Label } from './corpus.js';

const policy = { production: false, allowDevelopmentKeys: false };

/** What each verifier says of one input. */
export interface Decision {
  /** 'accepted', or the code of the refusal. */
  readonly ours: string;
  readonly snarkjs: boolean;
}

/** Ours and the reference, over the committed keys. */
export async function loadDeciders(): Promise<(input: Case) => Promise<Decision>> {
  await loadStatements(policy);
  const curve = await verifyingCurve();
  const keys = new Map<Statement, unknown>();
  for (const statement of STATEMENTS) {
    keys.set(statement, (await loadVerificationKey(statement, policy)).json);
  }
  return async ({ statement, signals, proof }) => {
    const ours = await decideOurs({ statement, signals, proof });
    lendToSnarkjs(curve);
    type Arguments = Parameters<typeof groth16.verify>;
    const snarkjs = await groth16
      .verify(keys.get(statement), signals as Arguments[1], proof as Arguments[2])
      .catch(() => false);
    return { ours, snarkjs: snarkjs === true };
  };
}

/** Any throw but a refusal with a code is a fault of ours, and is let through. */
export async function decideOurs({ statement, signals, proof }: Omit<Case, 'label'>) {
  try {
    const verified = await verifyStatement(statement, signals as readonly string[], proof);
    return verified.statement === statement ? 'accepted' : 'another statement';
  } catch (thrown) {
    if (thrown instanceof DomainError) return thrown.code as string;
    throw thrown;
  }
}

/**
 * Where the strict verifier refuses what snarkjs, or the contract, accepts, and why. Nothing else may differ,
 * and everything here must be seen to.
 */
export const STRICTER: Partial<Record<Label, string>> = {
  'Jacobian coordinates': 'z = 1 alone: a point has one text. snarkjs takes any z.',
  'coordinate plus q': 'Below q alone: snarkjs reduces, so that a point would have several texts.',
  'coordinate of another text':
    'Canonical decimals alone: snarkjs takes leading zeros and hex too.',
  'coordinate of another type': 'Texts alone: snarkjs takes a JSON number, which loses digits.',
  'point cut short': 'Three coordinates: snarkjs takes two for an affine point.',
  'point made longer': 'Three coordinates: snarkjs ignores what follows.',
  'name left out': 'protocol and curve are there: snarkjs reads neither of a proof.',
  'other names': 'groth16 and bn128 alone: a proof that says it is another one is another one.',
  'member too many': 'The five members alone: what nobody reads, somebody later would.',
  'signal of another text': 'Canonical decimals alone: replay keys are made of these texts.',
  'signal of another type': 'Texts alone: snarkjs takes a number, or a list with one text in it.',
};
