import { expect, test } from 'vitest';
import { expectContractsHold } from './contract-tests.js';

test('the register does what its contract tests say, fuzzed for longer', async () => {
  await expectContractsHold('default');
  expect.hasAssertions();
});
