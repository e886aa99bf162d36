import { expect, test } from 'vitest';
import { SMALL_SIZES } from '../support/circuits/small-compilation.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import { holdAgainstReference, PROPERTY_SEED } from '../support/zk/hold-against-reference.js';
import { holdsAccreditation, holdsConsent } from '../support/zk/reference.js';
import type { Inputs } from '../support/zk/reference-arithmetic.js';
import { holdsEligibility } from '../support/zk/reference-eligibility.js';
import { accreditationWorlds, consentWorlds } from '../support/zk/worlds.js';
import { eligibilityWorlds } from '../support/zk/worlds-eligibility.js';

/** Few, beside the table of forgeries of each constraint; test:long has 2,000 of each statement. */
const CASES = 15;
/** Some five seconds on a quiet machine; circuits that changed are compiled before. */
const LIMIT_MS = 240_000;

test.each([
  ['consent', consentWorlds, holdsConsent],
  ['accreditation', accreditationWorlds, holdsAccreditation],
  ['eligibility', eligibilityWorlds, holdsEligibility],
] as const)(
  `the constraints of %s take what an attacker computes exactly when the reference accepts (${CASES} cases, seed ${PROPERTY_SEED})`,
  async (name, worlds, holds) => {
    const circuit = await loadSmallInstance(name);
    const reference = (inputs: Inputs) => holds(inputs, SMALL_SIZES);
    await holdAgainstReference(worlds(SMALL_SIZES), circuit.accepts, reference, CASES);
    expect.hasAssertions();
  },
  LIMIT_MS,
);
