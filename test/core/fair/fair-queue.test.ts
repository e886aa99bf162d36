import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue } from '../../../src/core/fair/fair-queue.js';

const SEED = 20_261_130;

/** Adds items named by their path, and takes all out in turn. */
function orderOf(paths: readonly (readonly string[])[]): readonly string[] {
  const queue = new FairQueue<{ readonly path: readonly string[]; readonly name: string }>();
  paths.forEach((path, i) => {
    queue.add(path, { path, name: `${path.join('/')}#${i}` }, 1);
  });
  const order: string[] = [];
  for (let item = queue.next(); item !== undefined; item = queue.next()) {
    queue.remove(item.path, item, 1);
    order.push(item.name);
  }
  expect(queue.weight).toBe(0);
  return order;
}

describe('a fair queue', () => {
  test('gives each branch of each level a turn', () => {
    const order = orderOf([
      ['a', 'x'],
      ['a', 'x'],
      ['a', 'y'],
      ['a', 'x'],
      ['b', 'z'],
    ]);
    expect(order).toEqual(['a/x#0', 'b/z#4', 'a/y#2', 'a/x#1', 'a/x#3']);
  });

  test('serves everything once, and a branch never twice while another waits', () => {
    const path = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'));
    fc.assert(
      fc.property(fc.array(path, { maxLength: 30 }), (paths) => {
        const order = orderOf(paths);
        expect(order).toHaveLength(paths.length);
        expect(new Set(order).size).toBe(paths.length);
        const roots = order.map((name) => name[0] ?? '');
        for (let at = 0; at + 1 < roots.length; at += 1) {
          if (roots[at] !== roots[at + 1]) continue;
          expect(new Set(roots.slice(at + 1))).toEqual(new Set([roots[at]]));
        }
      }),
      { seed: SEED },
    );
  });

  test('lets an item keep its place until it is removed', () => {
    const queue = new FairQueue<string>();
    queue.add(['a'], 'large', 3);
    queue.add(['b'], 'small', 1);
    expect([queue.next(), queue.next(), queue.next()]).toEqual(['large', 'small', 'large']);
    queue.lighten(['a'], 2);
    expect(queue.weight).toBe(2);
  });

  test.each<[string, readonly string[], number, string | undefined]>([
    ['the newest of the heaviest branch', ['new', 'n'], 1, 'heavy 2'],
    ['nothing for one that would weigh as much', ['new', 'n'], 5, undefined],
    ['nothing for the heaviest itself', ['busy', 'h'], 1, undefined],
    ['the heaviest beside it, in the heaviest branch', ['busy', 'l'], 1, 'heavy 2'],
  ])('makes room by %s', (_what, path, weight, expected) => {
    const queue = new FairQueue<string>();
    queue.add(['busy', 'h'], 'heavy 1', 2);
    queue.add(['busy', 'h'], 'heavy 2', 2);
    queue.add(['busy', 'l'], 'light', 1);
    queue.add(['calm', 'c'], 'calm', 2);
    expect(queue.heaviestBeside(path, weight)).toBe(expected);
  });
});
