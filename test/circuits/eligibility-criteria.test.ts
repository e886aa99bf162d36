import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_ORDER, fieldOf } from '../../src/zk/arithmetic/field.js';
import {
  isEligible,
  NOT_IN_RECORDS,
  OPERATORS,
  type PlainFact,
  type Row,
} from '../support/circuits/eligibility-reference.js';
import {
  AGE,
  criteriaOf,
  HBA1C,
  rows as honestRows,
  ruleOf,
  two64,
} from '../support/circuits/eligibility-witness.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import type { Inputs } from '../support/circuits/witness-calculator.js';

/**
 * The criteria by themselves, as the statement has them: 4 facts, 4 rows, 2 groups. A case takes a thousandth
 * of what the whole statement takes; that it is wired to facts, rows and request, its own forgeries show.
 */
const circuit = await loadSmallInstance('criteria');

const [ageRow, diabetesRow, metforminRow] = honestRows as [Row, Row, Row];

/** An honest prover's, but for the inputs given. */
const criteria = (change: Inputs) => inputs({ ...criteriaOf(honestRows), ...change });
/** One row over one fact, claimed although it may not hold. */
function claimed(change: Partial<Row>, found: bigint): Inputs {
  const of = [{ ...ageRow, ...change }];
  return inputs({ ...criteriaOf(of, [{ key: AGE, value: found }]), isClaimed: [1n, 0n, 0n, 0n] });
}
/** The statement's names in the template's. */
function inputs({ criterionKeys, criterionValues, ...same }: Inputs): Inputs {
  return { ...same, keys: criterionKeys ?? [], values: criterionValues ?? [] };
}
const atLeast = (least: bigint): Row => ({ ...ageRow, operator: '>=', value: least });
const atMost = (most: bigint): Row => ({ ...ageRow, operator: '<=', value: most });

describe('the criteria refuse', () => {
  test.each<[string, Inputs]>([
    // Operators, at the first value that fails
    ['>= of one less', claimed(atLeast(18n), 17n)],
    ['<= of one more', claimed(atMost(18n), 19n)],
    ['= of another', claimed({ operator: '=', value: 18n }, 19n)],
    ['!= of the same', claimed({ operator: '!=', value: 18n }, 18n)],
    ['absent of a value', claimed({ operator: 'absent', value: 0n }, 18n)],
    ['absent of a zero', claimed({ operator: 'absent', value: 0n }, 0n)],
    ['present of ABSENT', claimed({ operator: 'present', value: 0n }, NOT_IN_RECORDS)],
    [
      '= of ABSENT, even to r - 1',
      claimed({ operator: '=', value: NOT_IN_RECORDS }, NOT_IN_RECORDS),
    ],
    ['!= of ABSENT', claimed({ operator: '!=', value: 18n }, NOT_IN_RECORDS)],
    ['>= of ABSENT', claimed(atLeast(0n), NOT_IN_RECORDS)],
    ['<= of ABSENT', claimed(atMost(18n), NOT_IN_RECORDS)],
    // Numbers that wrap
    ['>= where the criterion is minus one', claimed(atLeast(FIELD_ORDER - 1n), 18n)],
    ['>= where the criterion is minus 2^64', claimed(atLeast(FIELD_ORDER - two64), 0n)],
    ['<= where the fact is minus two', claimed(atMost(18n), FIELD_ORDER - 2n)],
    ['>= of a fact of minus two, which is not below 2^64', claimed(atLeast(18n), FIELD_ORDER - 2n)],
    ['>= between two codes', claimed(atLeast(fieldOf('a')), fieldOf('a') + 1n)],
    ['<= between two codes', claimed(atMost(fieldOf('a') + 1n), fieldOf('a'))],
    ['>= across 2^64', claimed(atLeast(0n), two64)],
    // Keys
    ...(['present', 'absent', '=', '!=', '>=', '<='] as const).map((operator): [string, Inputs] => [
      `${operator} of a key without any fact`,
      inputs({
        ...criteriaOf([{ ...ageRow, operator, key: HBA1C, value: 0n }]),
        isClaimed: [1n, 0n, 0n, 0n],
      }),
    ]),
    [
      'a key of 0, which a place without a fact has',
      inputs({
        ...criteriaOf([{ ...ageRow, operator: 'present', key: 0n }]),
        isClaimed: [1n, 0n, 0n, 0n],
        places: [3n, 0n, 0n, 0n],
      }),
    ],
    ['the fact of another key', criteria({ places: [1n, 1n, 0n, 0n] })],
    ['a place beyond the facts that ends in the same bits', criteria({ places: [4n, 1n, 0n, 0n] })],
    // Groups
    ['a group whose only row is not claimed', criteria({ isClaimed: [0n, 1n, 0n, 0n] })],
    ['a group of two rows, neither claimed', criteria({ isClaimed: [1n, 0n, 0n, 0n] })],
    ['a row that fails in a group of its own', inputs(criteriaOf([ageRow, metforminRow]))],
    ['a claim of two', criteria({ isClaimed: [2n, 1n, 0n, 0n] })],
    ['a claim of minus one', criteria({ isClaimed: [FIELD_ORDER - 1n, 1n, 0n, 0n] })],
    ['a claim of an unused row', criteria({ isClaimed: [1n, 1n, 0n, 1n] })],
    // Rules
    ['a row with an operator and no group', criteria({ rules: [1n, ruleOf(diabetesRow), 0n, 0n] })],
    ['a row with a group and no operator', criteria({ rules: [64n, ruleOf(diabetesRow), 0n, 0n] })],
    [
      'a row with two operators',
      criteria({
        rules: [ruleOf(ageRow) | 1n, ruleOf(diabetesRow), 0n, 0n],
      }),
    ],
    [
      'a row with both orders',
      criteria({
        rules: [ruleOf(ageRow) | 32n, ruleOf(diabetesRow), 0n, 0n],
      }),
    ],
    ['a row in two groups', criteria({ rules: [ruleOf(ageRow) | 128n, 0n, 0n, 0n] })],
    ['a ninth bit of a rule', criteria({ rules: [ruleOf(ageRow) + 256n, 0n, 0n, 0n] })],
    ['a rule of minus one', criteria({ rules: [FIELD_ORDER - 1n, 0n, 0n, 0n] })],
    [
      'an unused row before a used one',
      criteria({ rules: [ruleOf(ageRow), 0n, ruleOf(diabetesRow), 0n] }),
    ],
  ])('%s', (_name, forged) => {
    expect(circuit.accepts(forged)).toBe(false);
  });
});

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
const parameters = { seed: 1900, numRuns: 1_000 };

test('criteria are accepted exactly when the plain rules accept, from a prover that claims what holds', () => {
  let held = 0;
  fc.assert(
    fc.property(rows, facts, (asked, known) => {
      const expected = isEligible(asked, known);
      held += expected ? 1 : 0;
      expect(circuit.accepts(inputs(criteriaOf(asked, known)))).toBe(expected);
    }),
    parameters,
  );
  expect(held).toBeGreaterThan(150);
  expect(held).toBeLessThan(850);
});

test('and never more, whatever a prover claims', () => {
  let accepted = 0;
  fc.assert(
    fc.property(rows, facts, bits, places, (asked, known, isClaimed, at) => {
      const forged = inputs({ ...criteriaOf(asked, known), isClaimed, places: at });
      const isAccepted = circuit.accepts(forged);
      accepted += isAccepted ? 1 : 0;
      expect(isAccepted && !isEligible(asked, known)).toBe(false);
    }),
    parameters,
  );
  expect(accepted).toBeGreaterThan(5);
});

test('no wire of the criteria can change unnoticed, but the inverses of zero', () => {
  const free = circuit.freeWires(circuit.forge(inputs(criteriaOf(honestRows))));
  expect(free.filter((name) => !name.endsWith('.inv'))).toEqual([]);
});
