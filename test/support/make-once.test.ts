import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { makeOnce } from './make-once.js';

const home = mkdtempSync(join(tmpdir(), 'assent-once-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Longer than the library goes without looking at its lock. */
const LOOKED_AT_MS = 2_500;

describe.concurrent('what several processes make once', () => {
  test('is made by the first, whole; the second waits for it', async () => {
    const path = join(home, 'waited', 'file');
    let made = 0;
    const make = async (to: string) => {
      made += 1;
      writeFileSync(to, 'h');
      await delay(300);
      writeFileSync(to, 'half of it, and the rest');
    };
    await Promise.all([makeOnce(path, make), makeOnce(path, make)]);
    await makeOnce(path, make);
    expect(made).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('half of it, and the rest');
    expect(readdirSync(join(home, 'waited'))).toEqual(['file']);
  });

  test('ends nobody whose lock was taken for that of a dead process', async () => {
    const path = join(home, 'lost', 'file');
    await makeOnce(path, async (to) => {
      rmSync(`${path}.lock`, { recursive: true });
      await delay(LOOKED_AT_MS);
      writeFileSync(to, 'made');
    });
    expect(readFileSync(path, 'utf8')).toBe('made');
  });

  test('leaves nothing of one that failed, and the next makes it', async () => {
    const path = join(home, 'failed', 'file');
    const failing = (to: string) => {
      writeFileSync(to, 'half');
      throw new Error('no space');
    };
    await expect(makeOnce(path, failing)).rejects.toThrow('no space');
    expect(readdirSync(join(home, 'failed'))).toEqual([]);
    await makeOnce(path, (to) => writeFileSync(to, 'made'));
    expect(readFileSync(path, 'utf8')).toBe('made');
  });
});
