import { describe, expect, test } from 'vitest';
import {
  NOT_IN_RECORDS,
  type PlainFact,
  type Row,
} from '../support/circuits/eligibility-reference.js';
import {
  AGE,
  criteriaOf,
  facts,
  rows as honestRows,
  inputs,
  requestOf,
  ruleOf,
} from '../support/circuits/eligibility-witness.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import type { Inputs } from '../support/circuits/witness-calculator.js';

/** How the statement holds its criteria: to the credential's facts, and to what the verifier asked. */

const circuit = await loadSmallInstance('eligibility');

const good = inputs();
const request = { request: good.request as bigint };
const list = (name: string) => [...(good[name] as readonly bigint[])];
const [ageRow, diabetesRow, metforminRow] = honestRows as [Row, Row, Row];

/** A list input with one element replaced. */
function withElement(name: string, position: number, value: bigint): Inputs {
  const changed = list(name);
  changed[position] = value;
  return { [name]: changed };
}

/** Everything consistent but the criteria inputs given, over which the request is computed. */
const criteria = (change: Inputs) => inputs({ ...criteriaOf(honestRows), ...change });
/** The honest rows over other facts, rightly signed, with the claims of an honest prover. */
const over = (known: readonly PlainFact[]) => inputs(criteriaOf(honestRows, known));
const aged = (value: bigint) => facts.map((one) => (one.key === AGE ? { key: AGE, value } : one));

describe('the eligibility statement accepts', () => {
  test.each<[string, Inputs]>([
    ['a fact on the boundary of its criterion', over(aged(18n))],
    ['criteria of one row', inputs(criteriaOf([ageRow]))],
  ])('%s', (_name, honest) => {
    expect(circuit.accepts(honest)).toBe(true);
  });
});

describe('the criteria of the eligibility statement refuse', () => {
  test.each<[string, Inputs]>([
    // The credential's facts, and no others
    ['a fact below its criterion', over(aged(17n))],
    ['a fact below its criterion, claimed', { ...over(aged(17n)), isClaimed: [1n, 1n, 0n, 0n] }],
    ['a fact that is ABSENT', { ...over(aged(NOT_IN_RECORDS)), isClaimed: [1n, 1n, 0n, 0n] }],
    ['a fact of another key', criteria({ places: [1n, 1n, 0n, 0n] })],
    ['a group whose only row is not claimed', criteria({ isClaimed: [0n, 1n, 0n, 0n] })],
    ['a row in two groups', criteria({ rules: [ruleOf(ageRow) | 128n, 0n, 0n, 0n] })],
    // What the verifier asked
    ['a row less than was asked', inputs(criteriaOf([ageRow]), request)],
    ['another count than was asked', inputs({}, { request: requestOf(good, 2n) })],
    ...['rules', 'criterionKeys', 'criterionValues'].flatMap((name) =>
      [0, 3].map((position): [string, Inputs] => [
        `other ${name} than were asked, in row ${position}`,
        inputs(withElement(name, position, (list(name)[position] ?? 0n) + 1n), request),
      ]),
    ),
    [
      'a bit carried from one rule into the next',
      inputs(
        { rules: [ruleOf(ageRow) + 256n, ruleOf(diabetesRow) - 1n, ruleOf(metforminRow), 0n] },
        request,
      ),
    ],
  ])('%s', (_name, forged) => {
    expect(circuit.accepts(forged)).toBe(false);
  });
});
