import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const require = createRequire(import.meta.url);
let v8Options: string | undefined;

/** The suites that take a minute, which a fresh clone knows no durations of. */
export const LONGEST = [
  ...['cli/pilot/pilot', 'package', 'contracts/forge', 'cli/commands/register-command'],
  // One that waits beside one that computes.
  ...[
    'consent/gate/accreditation-attacks',
    'records/answers/attacks',
    'circuits/eligibility-forgery',
  ],
  ...['ledger/write/outbox', 'cli/commands/accept-regress'],
  ...['zk/reference', 'consent/shard/register-kill'],
  // These wait for leases, locks, restarts and time limits.
  ...['faults/state-folder', 'faults/stop', 'faults/database-owner', 'faults/readiness'],
  ...['faults/restored', 'faults/database', 'store/database'],
  ...['cli/commands', 'faults/database-behind'],
];

/**
 * A worker lives for minutes, runs most of its code a few times, and has only one core: V8's own
 * settings are for servers. With these the suites take a seventh less time, and a sixth less processor.
 */
const WORKER_FLAGS = [
  // The usual 16 MB fill with what outlives no statement, and the usual old space is marked anew as it grows.
  ...['--max-semi-space-size=128', '--min-semi-space-size=64', '--initial-old-space-size=600'],
  // Threads that collect beside the program only take the other worker's core.
  '--single-threaded-gc',
  // Most of what is optimised by the usual budgets is not called often enough again to pay for it.
  ...['--interrupt-budget=500000', '--wasm-tiering-budget=60000000'],
].filter(isKnown);

/** Whether this Node has that flag: V8 renames and drops them, and Node does not start with one it does not know. */
function isKnown(flag: string): boolean {
  v8Options ??= execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  return v8Options.includes(`\n  ${flag.split('=')[0]} (`);
}

/** Begins with the longest suites: one begun last would keep one core busy while the others wait. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`)) >>> 0;
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Suites of half a minute each that the long run has: what they hold is tried on other paths in every run. */
export const LONG_SUITES = [
  'test/store/lease.test.ts',
  'test/cli/commands/link-code.test.ts',
  'test/zk/ceremony/ceremony.test.ts',
  // The two minutes are in consent/feed/feed, the cut and its end in faults/readiness.
  'test/consent/feed/feed-cut-off.test.ts',
  // The names are in trials/institution-names, the router's subgraphs in federation/routers, and the door and
  // tokens of operators in federation/operator and core/operator: these begin processes beside.
  'test/cli/import/import-names.test.ts',
  'test/cli/pilot/pilot-ledger.test.ts',
  // Three minutes; what its steps hold is tried by the suites of the gate, of wallets and of the pilot.
  'test/cli/pilot/tour.test.ts',
  'test/cli/serve/process.test.ts',
  'test/cli/operator/operator-command.test.ts',
];

export default defineConfig({
  resolve: {
    // Without this, the ESM and the CommonJS build of graphql meet in one process and refuse each other.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts', ...LONG_SUITES, 'test/corpora/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // A worker keeps its modules from file to file: loading them anew took a third of the run. So no
    // module of a test may hold what another file could meet; vitest --isolate finds who does.
    isolate: false,
    // As many as a CI machine has cores: a third one fills the waits of the others, and takes their caches.
    maxWorkers: 2,
    // Tests that say that they are concurrent wait, and compute nothing.
    maxConcurrency: 32,
    execArgv: WORKER_FLAGS,
    setupFiles: ['test/support/plain-output.ts', 'test/support/held-answers.ts'],
    sequence: { sequencer: LongestFirst },
  },
});
