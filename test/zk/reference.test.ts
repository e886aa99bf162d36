import { expect, test } from 'vitest';
import { SMALL_LEVELS } from '../circuits/small-compilation.js';
import { loadSmallInstance } from '../circuits/small-instance.js';
import { holdAgainstReference, PROPERTY_SEED } from './hold-against-reference.js';
import { holdsAccreditation, holdsConsent } from './reference.js';
import { accreditationWorlds, consentWorlds } from './worlds.js';

const CASES = 60;
/** Some ten seconds on a quiet machine; circuits that changed are compiled before. */
const LIMIT_MS = 240_000;

test.each([
  ['consent', consentWorlds, holdsConsent],
  ['accreditation', accreditationWorlds, holdsAccreditation],
] as const)(
  `%s is accepted exactly when the reference accepts (${CASES} cases, seed ${PROPERTY_SEED})`,
  async (name, worlds, holds) => {
    const circuit = await loadSmallInstance(name);
    await holdAgainstReference(
      worlds(SMALL_LEVELS),
      circuit.accepts,
      (inputs) => holds(inputs, SMALL_LEVELS),
      CASES,
    );
    expect.hasAssertions();
  },
  LIMIT_MS,
);
