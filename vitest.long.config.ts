import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** What takes minutes: the whole corpus, thousands of properties, and circuits at their full size. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/**/*.long.test.ts'],
    exclude: ['test/corpora/**', 'node_modules/**'],
    testTimeout: 3_600_000,
  },
});
