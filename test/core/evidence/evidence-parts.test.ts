import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBytes32 } from '../../../src/core/bytes32.js';
import {
  hashOfPart,
  leafOf,
  leafOfParts,
  outlineOf,
  partsOf,
  saltsOfParts,
} from '../../../src/core/evidence/evidence.js';
import { mergeParts, rootOfParts, showParts } from '../../../src/core/evidence/evidence-parts.js';
import { leafHash, treeHash } from '../../../src/core/evidence/merkle-tree.js';

const SEED = 18;
const SALT = toBytes32(leafHash(Uint8Array.of(1)));

/** An entry of so many parts, and the view of it that shows some. */
function entryOf(count: number) {
  const parts = Array.from({ length: count }, (_, i) => ({ name: `field${i}`, value: i }));
  const salts = saltsOfParts(SALT, count);
  const saltAt = (at: number) => salts[at] ?? new Uint8Array(32);
  const hashes = parts.map((part, at) => hashOfPart(saltAt(at), part));
  const view = (shown: readonly number[]) =>
    showParts(hashes, {
      outline: null,
      shown: shown.map((at) => ({
        at,
        name: `field${at}`,
        salt: toBytes32(saltAt(at)),
        hash: toBytes32(hashes[at] ?? new Uint8Array(32)),
      })),
    });
  return { parts, root: treeHash(hashes), view };
}

const entries = fc
  .integer({ min: 1, max: 60 })
  .chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.uniqueArray(fc.nat({ max: count - 1 })),
      fc.uniqueArray(fc.nat({ max: count - 1 })),
    ),
  );
const inOrder = (places: readonly number[]) => [...places].sort((a, b) => a - b);

describe('a view of an entry', () => {
  test('has the root of the whole, whichever parts it shows', () => {
    fc.assert(
      fc.property(entries, ([count, shown]) => {
        const { root, view } = entryOf(count);
        expect(rootOfParts(view(inOrder(shown)))).toEqual(root);
      }),
      { seed: SEED },
    );
  });

  test('hides a long run of parts in a few hashes', () => {
    expect(entryOf(4_096).view([7]).hidden).toHaveLength(12);
  });

  test('has no root with a hash more or less, a part twice, or one beyond the last', () => {
    const view = entryOf(9).view([3, 4]);
    const [first, second] = view.shown;
    if (first === undefined || second === undefined) throw new RangeError('two parts are shown');
    expect(rootOfParts({ ...view, hidden: view.hidden.slice(1) })).toBeUndefined();
    expect(rootOfParts({ ...view, hidden: [...view.hidden, SALT] })).toBeUndefined();
    expect(rootOfParts({ ...view, shown: [first, first, second] })).toBeUndefined();
    expect(rootOfParts({ ...view, shown: [first, { ...second, at: 9 }] })).toBeUndefined();
  });

  test('merged with another shows what either shows, and nothing else', () => {
    fc.assert(
      fc.property(entries, ([count, one, other]) => {
        const { root, view } = entryOf(count);
        const merged = mergeParts(view(inOrder(one)), view(inOrder(other)));
        const both = inOrder([...new Set([...one, ...other])]);
        expect(merged).toEqual(view(both));
        expect(merged && rootOfParts(merged)).toEqual(root);
      }),
      { seed: SEED },
    );
  });
});

describe('the parts of a record', () => {
  test('are in one order, whatever the order of its fields and of a list that is shown in part', () => {
    const one = partsOf({ id: 'a', epcs: ['y', 'x', 'y'], time: null }, ['epcs']);
    const other = partsOf({ time: null, epcs: ['x', 'y'], id: 'a' }, ['epcs']);
    expect(one).toEqual(other);
    expect(one.map(({ name }) => name)).toEqual(['#', 'epcs[]', 'epcs[]', 'id', 'time']);
    expect(outlineOf(one)).toEqual({ epcs: 2, id: 1, time: 1 });
  });

  test('make another leaf under another salt, kind, value or name', () => {
    const parts = [{ name: 'a', value: 1 }];
    const leaves = [
      leafOf('TRIAL', parts, SALT),
      leafOf('TRIAL', parts, toBytes32(leafHash(Uint8Array.of(2)))),
      leafOf('CLAIM', parts, SALT),
      leafOf('TRIAL', [{ name: 'a', value: 2 }], SALT),
      leafOf('TRIAL', [{ name: 'b', value: 1 }], SALT),
      leafOf('TRIAL', [...parts, { name: 'b', value: 1 }], SALT),
    ];
    expect(new Set(leaves).size).toBe(leaves.length);
    const [salt = new Uint8Array()] = saltsOfParts(SALT, 1);
    const root = hashOfPart(salt, { name: 'a', value: 1 });
    expect(leafOfParts('TRIAL', { count: 1, root })).toBe(leaves[0]);
  });
});
