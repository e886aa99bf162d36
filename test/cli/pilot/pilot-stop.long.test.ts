import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { choosePorts, startAssent, startPilot } from '../../support/cli/assent.js';
import { descendantsOf, isAlive } from '../../support/cli/processes.js';

const home = mkdtempSync(join(tmpdir(), 'assent-pilot-stop-'));
const state = join(home, 'state');
const temporary = join(home, 'tmp');
mkdirSync(temporary);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What a stop may take on a machine that does much else; filling its tables takes far longer. */
const STOP_MS = 15_000;
const PEOPLE = ['--people', '600'];

/** In the order in which a first start goes through them: each start goes on where the last one was stopped. */
const STAGES: readonly { readonly stage: string; readonly after: RegExp; readonly ms: number }[] = [
  { stage: 'before it has begun', after: /^/, ms: 500 },
  { stage: 'while the chain starts', after: /^/, ms: 2_000 },
  { stage: 'while institutions are admitted', after: /ledger runs/, ms: 500 },
  { stage: 'while participants sign', after: /participants sign consents: 1\//, ms: 0 },
  { stage: 'while nodes start', after: /consents for one study/, ms: 300 },
  { stage: 'while the tables are filled', after: /hospitals import FHIR R4: 60\//, ms: 200 },
  { stage: 'while the portal proves', after: /portal proves consents: 1\//, ms: 200 },
];

test.each(STAGES)(
  'a pilot told to stop $stage obeys within seconds',
  async ({ after, ms }) => {
    const { env } = await choosePorts();
    const pilot = startAssent(['--state-folder', state, 'pilot', ...PEOPLE], {
      ...env,
      TMPDIR: temporary,
    });
    await pilot.untilPrinted(after, 240_000);
    await new Promise((resolve) => setTimeout(resolve, ms));
    const children = descendantsOf(pilot.pid).map(({ pid }) => pid);
    const toldMs = performance.now();
    const { code, stderr } = await pilot.end('SIGTERM');
    expect(performance.now() - toldMs).toBeLessThan(STOP_MS);
    expect(stderr).not.toMatch(/^assent: /m);
    expect(code === 0 || code === null).toBe(true);
    await expect.poll(() => children.filter(isAlive)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
  300_000,
);

test('and starts in the same folder after all of it', async () => {
  const pilot = await startPilot(state, await choosePorts());
  const { code } = await pilot.end('SIGTERM');
  expect(code).toBe(0);
}, 300_000);
