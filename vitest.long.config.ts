import { defineConfig } from 'vitest/config';
import base, { LONG_SUITES } from './vitest.config.js';

/** What takes minutes: the whole corpus, thousands of properties, and circuits at their full size. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [
      'test/**/*.long.test.ts',
      ...LONG_SUITES,
      ...['test/faults/restored.test.ts', 'test/federation/differential/differential.test.ts'],
      ...['test/contracts/privacy.test.ts', 'test/zk/verify/pool.test.ts'],
    ],
    // A test that has a long form runs it.
    env: { TEST_LONG: '1' },
    exclude: ['test/corpora/**', 'node_modules/**'],
    testTimeout: 3_600_000,
  },
});
