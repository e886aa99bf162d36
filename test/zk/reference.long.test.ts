import { wtns } from 'snarkjs';
import { describe, expect, test } from 'vitest';
import { loadProvingArtifacts } from '../../src/zk/artifacts.js';
import { SMALL_SIZES } from '../support/circuits/small-compilation.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import { holdAgainstReference, PROPERTY_SEED } from '../support/zk/hold-against-reference.js';
import { holdsAccreditation, holdsConsent } from '../support/zk/reference.js';
import type { Inputs } from '../support/zk/reference-arithmetic.js';
import { holdsEligibility } from '../support/zk/reference-eligibility.js';
import { accreditationWorlds, consentWorlds } from '../support/zk/worlds.js';
import { eligibilityWorlds } from '../support/zk/worlds-eligibility.js';

const STATEMENTS = [
  ['consent', consentWorlds, holdsConsent],
  ['accreditation', accreditationWorlds, holdsAccreditation],
  ['eligibility', eligibilityWorlds, holdsEligibility],
] as const;
const FULL_SIZES = [20, 12, 32, 16, 8] as const;
const policy = { production: false, allowDevelopmentKeys: false };

describe(`seed ${PROPERTY_SEED}`, () => {
  test.each(STATEMENTS)(
    'the constraints of %s take what an attacker computes exactly when the reference accepts (2,000 cases)',
    async (name, worlds, holds) => {
      const circuit = await loadSmallInstance(name);
      const reference = (inputs: Inputs) => holds(inputs, SMALL_SIZES);
      await holdAgainstReference(worlds(SMALL_SIZES), circuit.accepts, reference, 2_000);
      expect.hasAssertions();
    },
  );

  test.each(STATEMENTS)(
    '%s at its full size is accepted exactly when the reference accepts (100 cases)',
    async (name, worlds, holds) => {
      const { wasm } = await loadProvingArtifacts(name, policy);
      const isAccepted = (inputs: Inputs) =>
        wtns.calculate(inputs as Parameters<typeof wtns.calculate>[0], wasm, { type: 'mem' }).then(
          () => true,
          () => false,
        );
      const reference = (inputs: Inputs) => holds(inputs, FULL_SIZES);
      await holdAgainstReference(worlds(FULL_SIZES), isAccepted, reference, 100);
      expect.hasAssertions();
    },
  );
});
