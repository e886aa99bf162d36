import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The suites over folders of real files; test/corpora/run.ts says which folder. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/corpora/**/*.test.ts'],
    exclude: ['node_modules/**'],
    testTimeout: 300_000,
  },
});
