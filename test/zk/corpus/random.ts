/** A stream of numbers that one seed pins. */
export interface Random {
  /** In [0, below). */
  int(below: number): number;
  /** Of at most this many bits. */
  bits(count: number): bigint;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32: no cryptography, the same on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (below: number) => next() % below;
  return {
    int,
    bits(count) {
      let value = 0n;
      for (let left = count; left > 0; left -= 32) value = (value << 32n) | BigInt(next());
      return BigInt.asUintN(count, value);
    },
    pick(items) {
      const item = items[int(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}
