import { type Bytes32, fromBytes32, toBytes32 } from '../bytes32.js';
import type { EvidenceProof } from './evidence.js';
import { nodeHash, treeHash } from './merkle-tree.js';

type Parts = EvidenceProof['parts'];

/** Hashes by the range of parts that they stand for. */
type Hashes = ReadonlyMap<string, Bytes32>;

const keyOf = (from: number, until: number): string => `${from}-${until}`;

/**
 * Walks an entry's parts from left to right: `shown` for each that is shown, `hidden` for each
 * longest full subtree of which none is. Both sides walk so, and none needs to say where a hash stands.
 */
function walk<T>(
  count: number,
  shownAt: ReadonlySet<number>,
  visit: {
    readonly shown: (at: number) => T;
    readonly hidden: (from: number, until: number) => T;
    readonly join: (left: T, right: T) => T;
  },
): T {
  const inOrder = [...shownAt].sort((a, b) => a - b);
  const over = (from: number, until: number): T => {
    if (!inOrder.some((at) => from <= at && at < until)) return visit.hidden(from, until);
    if (until - from === 1) return visit.shown(from);
    const middle = from + 2 ** (Math.ceil(Math.log2(until - from)) - 1);
    return visit.join(over(from, middle), over(middle, until));
  };
  return over(0, count);
}

/** Shows some parts of an entry and only a hash of each run of the others. */
export function showParts(
  hashes: readonly Uint8Array[],
  { outline, shown }: Pick<Parts, 'outline' | 'shown'>,
): Parts {
  const hidden: Bytes32[] = [];
  walk(hashes.length, new Set(shown.map(({ at }) => at)), {
    shown: () => undefined,
    hidden: (from, until) => void hidden.push(toBytes32(treeHash(hashes.slice(from, until)))),
    join: () => undefined,
  });
  return { count: hashes.length, outline, shown, hidden };
}

/** The root over all parts; undefined if what is given is not exactly what the root needs. */
export function rootOfParts(parts: Parts): Uint8Array | undefined {
  const byPlace = new Map(parts.shown.map((part) => [part.at, fromBytes32(part.hash)]));
  const inside = parts.shown.every(({ at }) => at < parts.count);
  if (!inside || byPlace.size !== parts.shown.length || parts.count < 1) return undefined;
  const hidden = parts.hidden.map(fromBytes32);
  const root = walk<Uint8Array | undefined>(parts.count, new Set(byPlace.keys()), {
    shown: (at) => byPlace.get(at),
    hidden: () => hidden.shift(),
    join: (left, right) => (left && right ? nodeHash(left, right) : undefined),
  });
  return hidden.length === 0 ? root : undefined;
}

/**
 * Everything that either of two views of one entry shows.
 *
 * A run that neither shows ends where one of the two is cut: so one of them has its hash.
 *
 * @returns undefined if they are not views of one entry, as far as their form tells.
 */
export function mergeParts(one: Parts, other: Parts): Parts | undefined {
  if (one.count !== other.count) return undefined;
  const shown = new Map([...one.shown, ...other.shown].map((part) => [part.at, part]));
  const known = new Map([...hiddenIn(one), ...hiddenIn(other)]);
  const hidden: (Bytes32 | undefined)[] = [];
  walk(one.count, new Set(shown.keys()), {
    shown: () => undefined,
    hidden: (from, until) => void hidden.push(known.get(keyOf(from, until))),
    join: () => undefined,
  });
  const found = hidden.filter((hash) => hash !== undefined);
  if (found.length < hidden.length) return undefined;
  const inOrder = [...shown.values()].sort((a, b) => a.at - b.at);
  return { count: one.count, outline: one.outline, shown: inOrder, hidden: found };
}

function hiddenIn(parts: Parts): Hashes {
  const hashes = new Map<string, Bytes32>();
  const left = [...parts.hidden];
  walk(parts.count, new Set(parts.shown.map(({ at }) => at)), {
    shown: () => undefined,
    hidden: (from, until) => {
      const hash = left.shift();
      if (hash !== undefined) hashes.set(keyOf(from, until), hash);
    },
    join: () => undefined,
  });
  return hashes;
}
