import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldOf } from '../../src/zk/field.js';
import {
  isEligible,
  NOT_IN_RECORDS,
  OPERATORS,
  type PlainFact,
  type Row,
} from './eligibility-reference.js';
import { criteriaOf, inputs } from './eligibility-witness.js';
import { loadSmallInstance } from './small-instance.js';

const circuit = await loadSmallInstance('eligibility');

const two64 = 2n ** 64n;
const key = fc.constantFrom(fieldOf('a'), fieldOf('b'), fieldOf('c'));
const value = fc.constantFrom(0n, 1n, 18n, two64 - 1n, two64, fieldOf('a code'));
const fact: fc.Arbitrary<PlainFact> = fc.record({
  key,
  value: fc.oneof(value, fc.constant(NOT_IN_RECORDS)),
});
const facts = fc.uniqueArray(fact, { selector: (one) => one.key, maxLength: 3 });
const row: fc.Arbitrary<Row> = fc.record({
  key,
  operator: fc.constantFrom(...OPERATORS),
  value,
  group: fc.constantFrom(0, 1),
});
const rows = fc.array(row, { maxLength: 4 });
const bits = fc.array(fc.constantFrom(0n, 1n), { minLength: 4, maxLength: 4 });
const places = fc.array(fc.constantFrom(0n, 1n, 2n, 3n), { minLength: 4, maxLength: 4 });
// Each case computes a whole witness: 25 of each here, more by hand with a larger number.
const parameters = { seed: 1900, numRuns: 25 };

async function isAccepted(forged: Parameters<typeof circuit.forge>[0]): Promise<boolean> {
  return circuit.countBroken(await circuit.forge(forged)) === 0;
}

test('criteria are accepted exactly when the plain rules accept, from a prover that claims what holds', async () => {
  await fc.assert(
    fc.asyncProperty(rows, facts, async (asked, known) => {
      expect(await isAccepted(inputs(criteriaOf(asked, known)))).toBe(isEligible(asked, known));
    }),
    parameters,
  );
});

test('and never more, whatever a prover claims', async () => {
  await fc.assert(
    fc.asyncProperty(rows, facts, bits, places, async (asked, known, isClaimed, at) => {
      const forged = inputs({ ...criteriaOf(asked, known), isClaimed, places: at });
      expect((await isAccepted(forged)) && !isEligible(asked, known)).toBe(false);
    }),
    parameters,
  );
});
