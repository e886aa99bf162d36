import { expect, test } from 'vitest';
import { expectContractsHold, foundryToml } from '../support/contracts/contract-tests.js';

const FORGE_TIMEOUT_MS = 480_000;

test(
  'the register does what its contract tests, fuzzed and held against models, say',
  async () => {
    await expectContractsHold('quick');
    expect.hasAssertions();
  },
  FORGE_TIMEOUT_MS,
);

test('fuzzing begins with a committed seed, in every profile the same', () => {
  const seeds = [...foundryToml().matchAll(/^seed = "(0x[0-9a-f]+)"$/gm)].map(([, seed]) => seed);
  expect(new Set(seeds).size).toBe(1);
  expect(seeds).toHaveLength(2);
});
