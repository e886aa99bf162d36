import { beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../../src/core/errors.js';
import { loadStatements, verifyStatement } from '../../../src/zk/verify/verify.js';
import { pinnedOf } from '../corpus/pinned.js';

/**
 * What an attacker pays for with bytes alone must be refused before anything is computed with it.
 * Counted is the processor's time, the least of three runs, so that a busy machine changes nothing.
 */
const LIMIT_MS = 50;
const DIGITS = '9'.repeat(10_000_000);
const LONG = Array.from({ length: 1_000_000 }, () => '1');

const pinned = pinnedOf('consent');
const { signals, proof } = pinned;

beforeAll(async () => {
  await loadStatements({ production: false, allowDevelopmentKeys: false });
});

async function refusedWithin(publicSignals: unknown, shown: unknown) {
  const spentMs: number[] = [];
  let code = 'accepted';
  for (let run = 0; run < 3; run += 1) {
    const before = process.cpuUsage();
    await verifyStatement('consent', publicSignals as readonly string[], shown).catch(
      (thrown: unknown) => {
        code = codeOf(thrown);
      },
    );
    spentMs.push(process.cpuUsage(before).user / 1_000);
  }
  expect(Math.min(...spentMs)).toBeLessThan(LIMIT_MS);
  return code;
}

describe('a large input is refused for its size', () => {
  test.each<[string, unknown]>([
    ['ten million digits', signals.with(0, DIGITS)],
    ['ten million zeros before the digits', signals.with(4, `${'0'.repeat(10_000_000)}1`)],
    ['a million digits in each', signals.map(() => '9'.repeat(1_000_000))],
  ])('as public signals: %s', async (_name, given) => {
    expect(await refusedWithin(given, proof)).toBe('FIELD_OUT_OF_RANGE');
  });

  test.each<[string, unknown]>([
    ['a million of them', LONG],
    ['a hole of four thousand million', Object.assign([], { length: 2 ** 32 - 1 })],
    ['a string of ten million', DIGITS],
    ['nested a hundred thousand deep', nested(100_000)],
  ])('as public signals: %s', async (_name, given) => {
    expect(await refusedWithin(given, proof)).toBe('PROOF_MALFORMED');
  });

  test.each<[string, unknown]>([
    ['a million elements', LONG],
    ['ten million digits', DIGITS],
    ['a coordinate of ten million digits', { ...proof, pi_a: [DIGITS, '2', '1'] }],
    ['z of ten million digits', { ...proof, pi_c: [proof.pi_c[0], proof.pi_c[1], DIGITS] }],
    ['a point of a million coordinates', { ...proof, pi_a: LONG }],
    ['a point of G2 of a million pairs', { ...proof, pi_b: LONG.map(() => LONG) }],
    ['a pair of a million', { ...proof, pi_b: [LONG, ...proof.pi_b.slice(1)] }],
    ['a curve of a long name', { ...proof, curve: DIGITS }],
    ['nested a hundred thousand deep', nested(100_000)],
    ['a point nested a hundred thousand deep', { ...proof, pi_a: nested(100_000) }],
    ['a coordinate nested so', { ...proof, pi_a: [nested(100_000), '2', '1'] }],
    ['a thousand members', { ...Object.fromEntries(LONG.slice(0, 1_000).entries()), ...proof }],
  ])('as a proof: %s', async (_name, given) => {
    expect(await refusedWithin(signals, given)).toBe('PROOF_MALFORMED');
  });
});

function nested(depth: number): unknown {
  let value: unknown = '1';
  for (let left = depth; left > 0; left -= 1) value = [value];
  return value;
}
