import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyRanges,
  fullNodesOf,
  inclusionRanges,
  isConsistent,
  joinNodes,
  type LeafRange,
  leafHash,
  rootOfInclusion,
  treeHash,
} from '../../../src/core/evidence/merkle-tree.js';

const SEED = 6962;
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

/**
 * The entries and roots that implementations of Certificate Transparency are tested with.
 *
 * @source https://github.com/google/certificate-transparency, merkle tree tests
 */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'].concat(
  '606162636465666768696a6b6c6d6e6f',
);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leaves = Array.from({ length: 40 }, (_, i) => leafHash(Uint8Array.of(i)));
const rootAt = (size: number) => treeHash(leaves.slice(0, size));
const hashOf = ({ from, until }: LeafRange) => treeHash(leaves.slice(from, until));
const pathOf = (index: number, size: number) => inclusionRanges(index, size).map(hashOf);
const proofOf = (first: number, size: number) => consistencyRanges(first, size).map(hashOf);
const headAt = (size: number) => ({ size, root: rootAt(size) });
const leafAt = (index: number) => leaves[index] ?? new Uint8Array();

describe('the Merkle tree hash', () => {
  test.each(ROOTS)('%s is the root that Certificate Transparency has', (root) => {
    const size = ROOTS.indexOf(root) + 1;
    const hashes = ENTRIES.slice(0, size).map((entry) => leafHash(Buffer.from(entry, 'hex')));
    expect(hex(treeHash(hashes))).toBe(root);
  });

  test('of nothing is SHA-256 of nothing', () => {
    expect(hex(treeHash([]))).toBe(createHash('sha256').digest('hex'));
  });

  test('is joined from the full subtrees of any range that a proof needs', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const nodes = fullNodesOf({ from: 0, until: size }).map(({ level, index }) =>
        hashOf({ from: index * 2 ** level, until: (index + 1) * 2 ** level }),
      );
      expect(hex(joinNodes(nodes))).toBe(hex(rootAt(size)));
    }
  });
});

const places = fc
  .integer({ min: 1, max: leaves.length })
  .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));

describe('an inclusion path', () => {
  test('leads from each leaf of a tree to its root', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const root = rootOfInclusion(leafAt(index), { index, size }, pathOf(index, size));
        expect(hex(root)).toBe(hex(rootAt(size)));
      }
    }
  });

  test('leads to no root from another place, or of another length', () => {
    fc.assert(
      fc.property(places, fc.nat({ max: 39 }), ([index, size], other) => {
        const path = pathOf(index, size);
        const leaf = leafAt(index);
        const from = (at: number, along: Uint8Array[]) =>
          hex(rootOfInclusion(leaf, { index: at, size }, along));
        if (other !== index) expect(from(other, path)).not.toBe(hex(rootAt(size)));
        expect(from(index, [...path, leaf])).toBeUndefined();
        if (path.length > 0) expect(from(index, path.slice(1))).not.toBe(hex(rootAt(size)));
        if (path.length > 0) expect(from(index, path.slice(0, -1))).toBeUndefined();
      }),
      { seed: SEED },
    );
  });
});

describe('a consistency proof', () => {
  test('holds between every two sizes of one log', () => {
    for (let second = 1; second <= leaves.length; second += 1) {
      for (let first = 1; first <= second; first += 1) {
        expect(isConsistent(headAt(first), headAt(second), proofOf(first, second))).toBe(true);
      }
    }
  });

  test('does not hold for a log that changed one earlier entry, whatever is offered as proof', () => {
    const sizes = fc.integer({ min: 2, max: leaves.length });
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (one, two, which) => {
        const [first, second] = [Math.min(one, two), Math.max(one, two)];
        const changed = leaves.slice(0, second);
        changed[which % first] = leafHash(Uint8Array.of(200));
        const other = { size: second, root: treeHash(changed) };
        const honest = proofOf(first, second);
        const own = consistencyRanges(first, second).map(({ from, until }) =>
          treeHash(changed.slice(from, until)),
        );
        expect(isConsistent(headAt(first), other, honest)).toBe(false);
        expect(isConsistent(headAt(first), other, own)).toBe(false);
      }),
      { seed: SEED },
    );
  });

  test('does not hold for a shorter log, nor with a node more or less', () => {
    expect(isConsistent(headAt(9), headAt(8), [])).toBe(false);
    expect(isConsistent(headAt(8), headAt(8), [leafAt(0)])).toBe(false);
    fc.assert(
      fc.property(places, ([index, second]) => {
        const first = index + 1;
        const proof = proofOf(first, second);
        const holds = (nodes: Uint8Array[]) => isConsistent(headAt(first), headAt(second), nodes);
        expect(holds([...proof, leafAt(0)])).toBe(false);
        if (proof.length > 0) expect(holds(proof.slice(0, -1))).toBe(false);
        if (proof.length > 0) expect(holds(proof.slice(1))).toBe(false);
      }),
      { seed: SEED },
    );
  });
});
