import { describe, expect, test } from 'vitest';
import { isRefusalCode } from '../../../src/consent/base/refusal-code.js';
import { GATE_CHECKS, type GateCheck } from '../../../src/consent/gate/gate-checks.js';

const named = (is: (check: GateCheck) => boolean) => GATE_CHECKS.filter(is).map(({ name }) => name);

describe('the gate', () => {
  test("checks in the protocol's order, the cheapest first", () => {
    expect(named(() => true)).toEqual([
      ...['shape', 'root', 'feed', 'asOf', 'expires', 'request', 'holder'],
      ...['withdrawal', 'proof'],
    ]);
    const cost = GATE_CHECKS.map(({ needs }) => ['memory', 'database', 'proof'].indexOf(needs));
    expect(cost).toEqual(cost.toSorted((a, b) => a - b));
  });

  test('asks again with every request what may have ended since', () => {
    expect(named(({ stands }) => stands !== undefined)).toEqual(['root', 'proof']);
    expect(named(({ where }) => where !== undefined)).toEqual(['expires', 'withdrawal']);
    expect(named(({ requireDecidable }) => requireDecidable !== undefined)).toEqual(['feed']);
  });

  test('leaves out for an accreditation only what a consent alone has', () => {
    const missing = named(({ statements }) => !statements.includes('accreditation'));
    expect(missing).toEqual(['feed', 'withdrawal']);
  });

  test('refuses with codes that an answer may have: test/consent/base/refusals shows each', () => {
    const codes = GATE_CHECKS.flatMap((check) => check.codes);
    expect(codes.filter((code) => !isRefusalCode(code))).toEqual([]);
  });
});
