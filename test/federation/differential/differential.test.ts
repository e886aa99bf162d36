import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EXCUSES, ODD_NAME } from './excuses.js';
import { compareGateways } from './run.js';
import { startTwoGateways, type TwoGateways } from './two-gateways.js';

const FIRST = Number(process.env.ASSENT_SEED ?? 1);
const LONG = process.env.TEST_LONG === '1';
const OPERATIONS = Number(process.env.ASSENT_OPERATIONS ?? (LONG ? 20_000 : 500));
/** Ten seconds of processor for 500. */
const TIMEOUT_MS = Math.max(300_000, OPERATIONS * 500);

let gateways: TwoGateways;

beforeAll(async () => {
  // Both answer at one moment, and a withdrawal begins at the same institution for both.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-06-01T12:00:00Z') });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  gateways = await startTwoGateways();
});
afterAll(async () => {
  await gateways.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test(
  `${OPERATIONS} operations from seed ${FIRST} on are answered as @apollo/gateway answers them`,
  async () => {
    const outcome = await compareGateways(gateways, { first: FIRST, count: OPERATIONS });
    expect(outcome.reports.join('\n\n'), `${outcome.differing} of ${OPERATIONS} differ`).toBe('');
    expect(gateways.unread()).toEqual([]);
    // Operations that are all refused, or that all ask for nothing, would compare nothing.
    expect(outcome.answered).toBeGreaterThan(OPERATIONS / 2);
    for (const [name, times] of outcome.excused) {
      expect(times, name).toBeLessThan(OPERATIONS / 25);
    }
    // In so many, an excuse that is not needed stands for nothing any more.
    const needed = [...EXCUSES, ODD_NAME].map(({ name }) => name);
    if (OPERATIONS >= 20_000) expect([...outcome.excused.keys()].sort()).toEqual(needed.sort());
  },
  TIMEOUT_MS,
);
