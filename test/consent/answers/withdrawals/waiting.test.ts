import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WaitingPlaces } from '../../../../src/consent/answers/withdrawals/waiting.js';
import { ChangeWatch } from '../../../../src/consent/answers/withdrawals/watch.js';

const refused = expect.objectContaining({ code: 'RATE_LIMITED' });

describe('places of those who wait', () => {
  test('are so many for a caller, the oldest making room, and so many in all', () => {
    const places = new WaitingPlaces({ all: 3, ofCaller: 2 });
    const [first, second] = [places.enter('a', 60, undefined), places.enter('a', 60, undefined)];
    const third = places.enter('a', 60, undefined);
    expect([first, second, third].map(({ signal }) => signal.aborted)).toEqual([
      ...[true, false, false],
    ]);
    const other = places.enter('b', 60, undefined);
    expect(() => places.enter('c', 60, undefined)).toThrow(refused);
    other.leave();
    const late = places.enter('c', 60, undefined);
    expect(() => places.enter('d', 60, undefined)).toThrow(refused);
    for (const place of [second, third, late]) place.leave();
  });

  test('are free again after their time, and when the client has left', async () => {
    const places = new WaitingPlaces({ all: 1, ofCaller: 1 });
    const client = new AbortController();
    const left = places.enter('a', 60, client.signal);
    client.abort();
    expect(left.signal.aborted).toBe(true);
    const short = places.enter('b', 0.01, undefined);
    expect(() => places.enter('c', 60, undefined)).toThrow(refused);
    await delay(100);
    expect(short.signal.aborted).toBe(true);
    places.enter('c', 60, undefined).leave();
    expect(places.enter('d', 60, AbortSignal.abort()).signal.aborted).toBe(true);
    places.enter('e', 60, undefined).leave();
  });
});

describe('the watch', () => {
  test('wakes who saw an earlier state, also of a change before it waited', async () => {
    let stamp = '1';
    const watch = new ChangeWatch(async () => stamp);
    const seen = await watch.stamp();
    stamp = '2';
    expect(await watch.after(seen, AbortSignal.timeout(5_000))).toBe('2');
    expect(await watch.after('2', AbortSignal.timeout(600))).toBeUndefined();
  });

  test('goes on when the database was away', async () => {
    let reads = 0;
    const watch = new ChangeWatch(async () => {
      reads += 1;
      if (reads < 3) throw new Error('away');
      return 'after';
    });
    expect(await watch.after('before', AbortSignal.timeout(5_000))).toBe('after');
  });

  test('looks no more once nobody waits', async () => {
    let reads = 0;
    const watch = new ChangeWatch(async () => {
      reads += 1;
      return 'same';
    });
    await watch.after('same', AbortSignal.timeout(300));
    await delay(400);
    const before = reads;
    await delay(600);
    expect(reads).toBe(before);
  });
});
