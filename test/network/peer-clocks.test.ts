import { describe, expect, test } from 'vitest';
import { PeerClocks } from '../../src/network/peer-clocks.js';

const NOON = Date.parse('2026-06-01T12:00:00Z');

/** What a clock concludes from sources that are so many seconds ahead of it. */
function aheadSeconds(...ahead: readonly number[]): number {
  const clocks = new PeerClocks(() => NOON);
  for (const [i, seconds] of ahead.entries()) clocks.note(`source-${i}`, NOON + seconds * 1_000);
  return clocks.aheadMs() / 1_000;
}

describe('a clock among others', () => {
  test.each([
    ['alone knows nothing', [], 0],
    ['believes no single other one', [3_600], 0],
    ['is believed beside one that agrees and one that lies', [0, 3_600], 0],
    ['is wrong where two others agree that it is', [120, 121], 120],
    ['is wrong where most others say so, liars among them', [120, 121, 119, -9_000, 9_000], 119],
    ['is right where fewer than half lie, however much', [1, -1, 1e9, 1e9], 1],
  ] as const)('%s', (_, ahead, seconds) => {
    expect(aheadSeconds(...ahead)).toBe(seconds);
  });

  test('counts a source once, by what it said last, and forgets it after five minutes', () => {
    let nowMs = NOON;
    const clocks = new PeerClocks(() => nowMs);
    for (let i = 0; i < 5; i++) clocks.note('liar', NOON + 3_600_000);
    expect(clocks.aheadMs()).toBe(0);
    clocks.noteAnswer('other', { date: new Date(NOON + 120_000).toUTCString() });
    expect(clocks.aheadMs()).toBe(120_000);
    nowMs += 300_001;
    expect(clocks.aheadMs()).toBe(0);
  });

  test.each([undefined, '', 'yesterday', 'NaN'])('takes no time from a Date of %j', (date) => {
    const clocks = new PeerClocks(() => NOON);
    for (const source of ['a', 'b']) clocks.noteAnswer(source, date === undefined ? {} : { date });
    expect(clocks.aheadMs()).toBe(0);
  });
});
