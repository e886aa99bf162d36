import { expect, test } from 'vitest';
import { Backoff } from '../../src/core/backoff.js';

test('what fails is tried ever more seldom, never more seldom than the bound, and at once again when it is well', () => {
  let nowMs = 0;
  const backoff = new Backoff({ firstMs: 100, mostMs: 1_000 }, () => nowMs);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    backoff.failed('a');
    const fromMs = nowMs;
    while (!backoff.isDue('a')) nowMs += 50;
    waits.push(nowMs - fromMs);
  }
  expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  backoff.failed('a');
  expect([backoff.isDue('a'), backoff.isDue('b')]).toEqual([false, true]);
  backoff.succeeded('a');
  expect(backoff.isDue('a')).toBe(true);
  backoff.failed('a');
  nowMs += 100;
  expect(backoff.isDue('a')).toBe(true);
});

test('a thousand failures are still a finite wait', () => {
  let nowMs = 0;
  const backoff = new Backoff({ firstMs: 100, mostMs: 1_000 }, () => nowMs);
  for (let i = 0; i < 2_000; i++) backoff.failed('a');
  nowMs = 1_000;
  expect(backoff.isDue('a')).toBe(true);
});
