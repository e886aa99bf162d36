/**
 * What the proving benchmark proves: the tests' own samples, at full size. Run with a statement's
 * name, it proves that one once and prints the peak of its memory: a process of its own, so that
 * nothing else counts.
 */
import { fileURLToPath } from 'node:url';
import { loadProvingArtifacts, type ProvingArtifacts } from '../src/zk/artifacts.js';
import { eligibilityInputs } from '../src/zk/eligibility.js';
import { accreditationLeaf } from '../src/zk/leaf.js';
import {
  type ProvenStatement,
  proveAccreditation,
  proveConsent,
  proveEligibility,
} from '../src/zk/prove.js';
import { STATEMENTS, type Statement } from '../src/zk/statement.js';
import { accreditationInputs, type CircuitInputs, consentInputs } from '../src/zk/witness.js';
import { eligibilityWitness } from '../test/support/zk/eligibility-sample.js';
import { accreditationWitness, consentWitness, register } from '../test/support/zk/sample.js';

export const POLICY = { production: false, allowDevelopmentKeys: true };

/** How a statement is proven here, and what snarkjs is given for the same. */
export interface Proving {
  readonly artifacts: ProvingArtifacts;
  readonly prove: () => Promise<ProvenStatement>;
  readonly inputs: () => CircuitInputs;
}

export async function provingOf(statement: Statement): Promise<Proving> {
  const artifacts = await loadProvingArtifacts(statement, POLICY);
  const consent = consentWitness();
  const eligibility = eligibilityWitness();
  const { issuerLeaf: _, ...path } = register(
    accreditationLeaf(accreditationWitness.accreditation),
  );
  const accreditation = { ...accreditationWitness, path };
  return {
    consent: {
      artifacts,
      prove: () => proveConsent(consent, artifacts),
      inputs: () => consentInputs(consent),
    },
    accreditation: {
      artifacts,
      prove: () => proveAccreditation(accreditation, artifacts),
      inputs: () => accreditationInputs(accreditation),
    },
    eligibility: {
      artifacts,
      prove: () => proveEligibility(eligibility, artifacts),
      inputs: () => eligibilityInputs(eligibility),
    },
  }[statement];
}

const statement = STATEMENTS.find((name) => name === process.argv[2]);
if (process.argv[1] === fileURLToPath(import.meta.url) && statement !== undefined) {
  const { prove } = await provingOf(statement);
  await prove();
  process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
}
