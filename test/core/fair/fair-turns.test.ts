import { describe, expect, test } from 'vitest';
import { FairTurns } from '../../../src/core/fair/fair-turns.js';

const LIMITS = { atOnce: 1, waiting: 6, waitingOfCaller: 4 };
const refused = expect.objectContaining({ code: 'RATE_LIMITED' });

describe('fair turns', () => {
  test('are taken by callers in turn, as many at once as there may be', async () => {
    const turns = new FairTurns(LIMITS);
    const order: string[] = [];
    let underWay = 0;
    const work = async (name: string) => {
      const end = await turns.begin([name]);
      underWay += 1;
      expect(underWay).toBe(1);
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      end();
      end();
    };
    await Promise.all(['a', 'a', 'a', 'b', 'a'].map(work));
    expect(order).toEqual(['a', 'a', 'b', 'a', 'a']);
  });

  test('are refused to a caller that waits for too many, and to nobody else', async () => {
    const turns = new FairTurns(LIMITS);
    const end = await turns.begin(['a']);
    const waiting = Array.from({ length: 4 }, () => turns.begin(['a']));
    await expect(turns.begin(['a'])).rejects.toEqual(refused);
    const other = turns.begin(['b']);
    end();
    for (const turn of [waiting[0], other, ...waiting.slice(1)]) (await turn)?.();
  });

  test('go from who has the most waiting to who has less', async () => {
    const turns = new FairTurns(LIMITS);
    const end = await turns.begin(['a']);
    const waiting = ['a', 'a', 'a', 'a', 'b', 'b'].map((name) => turns.begin([name]));
    const settled = Promise.allSettled(waiting);
    const newcomer = turns.begin(['c']);
    const all = [...waiting, newcomer];
    for (const turn of all) turn.then((over) => over()).catch(() => undefined);
    end();
    await newcomer;
    expect((await settled).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ]);
    (await turns.begin(['a']))();
  });
});
