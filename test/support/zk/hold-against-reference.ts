import fc from 'fast-check';
import { expect } from 'vitest';
import type { Inputs } from './reference-arithmetic.js';

/** Printed by the names of the tests, and by fast-check when one fails. */
export const PROPERTY_SEED = 20_261_124;

/** Has circuit and reference judge worlds; both answers have to come up often, or nothing was tried. */
export async function holdAgainstReference(
  worlds: fc.Arbitrary<Inputs>,
  isAccepted: (inputs: Inputs) => boolean | Promise<boolean>,
  holds: (inputs: Inputs) => boolean,
  cases: number,
): Promise<void> {
  let [tried, held] = [0, 0];
  await fc.assert(
    fc.asyncProperty(worlds, async (inputs) => {
      const expected = holds(inputs);
      expect(await isAccepted(inputs)).toBe(expected);
      tried += 1;
      held += expected ? 1 : 0;
    }),
    { seed: PROPERTY_SEED, numRuns: cases },
  );
  expect(held / tried).toBeGreaterThan(0.15);
  expect(held / tried).toBeLessThan(0.85);
}
