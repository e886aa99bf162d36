import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Merge, survivorsOf } from '../../../../src/records/import/merge/survivors.js';

/** `a>b`: a says that b survives it. `b<a`: b says so. `s/a` is another server's. */
function merges(...told: readonly string[]): Merge[] {
  return told.map((text) => {
    const [one = '', other = ''] = text.split(/[<>]/);
    const serverOf = (name: string) => name.split('/').toReversed()[1];
    const isAcross = serverOf(one) !== serverOf(other);
    return text.includes('>')
      ? { saidBy: one, replaced: one, survivor: other, isAcross }
      : { saidBy: one, replaced: other, survivor: one, isAcross };
  });
}

const found = (...told: readonly string[]) => {
  const survivors = survivorsOf(merges(...told));
  return survivors.kind === 'ONE' ? Object.fromEntries(survivors.of) : survivors.kind;
};

describe('survivors of merges', () => {
  test.each([
    ['both say it', ['a>b', 'b<a'], { a: 'b' }],
    ['the replaced one alone says it', ['a>b'], { a: 'b' }],
    ['the survivor alone says it', ['b<a'], { a: 'b' }],
    ['a chain', ['a>b', 'b>c', 'c>d'], { a: 'd', b: 'd', c: 'd' }],
    ['a chain that its end tells whole', ['a>b', 'b>c', 'c<a', 'c<b'], { a: 'c', b: 'c' }],
    ['two into one', ['a>c', 'b>c'], { a: 'c', b: 'c' }],
    ['its own word against that of others', ['a>b', 'c<a'], { a: 'b' }],
    ['none', [], {}],
    ['another server that alone claims it', ['s/a<b'], {}],
    ['another server that alone gives itself away', ['s/a>b'], {}],
    ['two servers that both say it', ['s/a<b', 'b>s/a'], { b: 's/a' }],
    ['a server within itself', ['s/a>s/b'], { 's/a': 's/b' }],
    ['a claim of another server beside its own word', ['a>b', 's/c<a'], { a: 'b' }],
    ['claims of two other servers', ['s/c<a', 't/c<a'], {}],
    ['a third that says what neither does', ['s/a<b', 'c<b'], { b: 'c' }],
  ])('%s', (_, told, expected) => {
    expect(found(...told)).toEqual(expected);
  });

  test.each([
    ['itself', ['a>a'], 'CIRCLE'],
    ['two of each other', ['a>b', 'b>a'], 'CIRCLE'],
    ['a long circle', ['a>b', 'b>c', 'c>d', 'd>b'], 'CIRCLE'],
    ['two survivors', ['a>b', 'a>c'], 'SEVERAL'],
    ['two that both claim it', ['b<a', 'c<a'], 'SEVERAL'],
  ])('%s is refused', (_, told, kind) => {
    expect(found(...told)).toBe(kind);
  });

  test('of a chain longer than a stack are found', () => {
    const chain = Array.from({ length: 2_000 }, (_, i) => `p${i}>p${i + 1}`);
    const survivors = survivorsOf(merges(...chain));
    expect(survivors.kind === 'ONE' && new Set(survivors.of.values())).toEqual(new Set(['p2000']));
  });

  test('are at the end of their chain in every forest, and told by either side', () => {
    const parents = fc.array(fc.nat(9), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        parents,
        fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
        (list, own) => {
          // Each points to a lower number, or to itself: then it survives.
          const parentOf = list.map((n, i) => n % (i + 1));
          const told = parentOf.flatMap((to, i) =>
            to === i ? [] : [own[i] === true ? `${i}>${to}` : `${to}<${i}`],
          );
          const end = (i: number): number => (parentOf[i] === i ? i : end(parentOf[i] ?? 0));
          const expected = parentOf.flatMap((to, i) => (to === i ? [] : [[i, String(end(i))]]));
          expect(found(...told)).toEqual(Object.fromEntries(expected));
        },
      ),
      { seed: 20_261_130, numRuns: 300 },
    );
  });
});

test('a record that names more survivors than a call takes arguments is refused', () => {
  const told = Array.from({ length: 200_000 }, (_, i) => ({
    saidBy: 'a',
    replaced: 'a',
    survivor: `p${i}`,
    isAcross: false,
  }));
  expect(survivorsOf(told).kind).toBe('SEVERAL');
});
