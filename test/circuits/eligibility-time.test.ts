import { describe, expect, test } from 'vitest';
import { FIELD_ORDER } from '../../src/zk/arithmetic/field.js';
import { inputs, two64 } from '../support/circuits/eligibility-witness.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import type { Inputs } from '../support/circuits/witness-calculator.js';

/** The ends of time: 64 bits of seconds, and numbers beyond them that would pass for earlier or later. */

const circuit = await loadSmallInstance('eligibility');

/** All hold for the last second that 64 bits can tell, and for the first. */
const atTheEndOfTime = {
  asOf: two64 - 2n,
  credentialFrom: two64 - 2n,
  credentialUntil: two64 - 1n,
  consentUntil: two64 - 1n,
  issuerUntil: two64 - 1n,
};
const fromTheBeginning = { consentFrom: 0n, issuerFrom: 0n };

describe('the eligibility statement accepts', () => {
  test.each<[string, Inputs]>([
    ['the last second that 64 bits can tell', inputs(atTheEndOfTime)],
    [
      'the first',
      inputs({ asOf: 0n, credentialFrom: 0n, credentialUntil: 1n, ...fromTheBeginning }),
    ],
  ])('%s', (_name, honest) => {
    expect(circuit.accepts(honest)).toBe(true);
  });
});

describe('the eligibility statement refuses', () => {
  test.each<[string, Inputs]>([
    ['a time of minus one, which is r - 1', inputs({ asOf: FIELD_ORDER - 1n })],
    // Numbers that are no time, in an order that would hold without their range
    ...['consentFrom', 'issuerFrom'].map((name): [string, Inputs] => [
      `a ${name} of minus one`,
      inputs({ [name]: FIELD_ORDER - 1n }),
    ]),
    ...['consentUntil', 'issuerUntil', 'credentialUntil'].map((name): [string, Inputs] => [
      `a ${name} of 2^64`,
      inputs({ ...atTheEndOfTime, [name]: two64 }),
    ]),
    [
      'a credentialFrom of minus one',
      inputs({
        asOf: 1n,
        credentialFrom: FIELD_ORDER - 1n,
        credentialUntil: 2n,
        ...fromTheBeginning,
      }),
    ],
    [
      'a time of 2^64',
      inputs({
        asOf: two64,
        consentUntil: two64 + 1n,
        issuerUntil: two64 + 1n,
        credentialFrom: two64 - 1n,
        credentialUntil: two64 + 1n,
      }),
    ],
  ])('%s', (_name, forged) => {
    expect(circuit.accepts(forged)).toBe(false);
  });
});
