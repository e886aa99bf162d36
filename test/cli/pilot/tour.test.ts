import { expect, test } from 'vitest';
import { startAssent } from '../../support/cli/assent.js';
import { descendantsOf, isAlive } from '../../support/cli/processes.js';

test('npm run tour: every promise of the network holds, and nothing is left running', async () => {
  const tour = startAssent(['tour', '--json']);
  await tour.untilPrinted(/2 prove and present/, 240_000);
  const children = descendantsOf(tour.pid);
  expect(children.length).toBeGreaterThan(1);
  const { code, stdout, stderr } = await tour.ended;
  const { ok, steps } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(steps, stdout + stderr).toEqual(
    [
      'without a proof',
      'prove and present',
      'read what was proven',
      'outside the scope',
      'stolen presentation, token and link',
      'forged presentations',
      'withdraw',
      'kill a hospital',
      'admit a sixth institution',
    ].map((name) => ({ name, ok: true, ms: expect.any(Number) })),
  );
  expect([ok, code]).toEqual([true, 0]);
  expect(stdout).toContain('9 of 9 promises held.');
  expect(children.filter(({ pid }) => isAlive(pid))).toEqual([]);
}, 480_000);
