import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  resolve: {
    // Without this, the ESM and the CommonJS build of graphql meet in one process and refuse each other.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts', 'test/corpora/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // A worker keeps its modules from file to file: loading them anew took a third of the run. So no
    // module of a test may hold what another file could meet; vitest --isolate finds who does.
    isolate: false,
    maxWorkers: 2,
  },
});
