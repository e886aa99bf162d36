import { sha256OfParts } from './canonical.js';

/**
 * A stream of numbers that one seed fixes for ever: for made-up data and tests, never for keys.
 */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** An integer in [least, most]. */
  integer(least: number, most: number): number;
  /** Whether something with that probability happens. */
  chance(probability: number): boolean;
  /** One item of a list that has any. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** A number around a mean, near normal (the sum of four), within two standard deviations. */
  around(mean: number, deviation: number): number;
  /** An RFC 4122 UUID, version 4 in form. */
  uuid(): string;
}

/**
 * mulberry32 over a label: streams of different labels have nothing to do with each other, so
 * that adding a draw to one changes no other.
 *
 * @source Tommy Ettinger's mulberry32, public domain
 */
export function seededRandom(seed: number, ...label: readonly (string | number)[]): Random {
  let state = sha256OfParts([seed, ...label].join('/')).readUInt32BE(0);

  function uint32(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  const fraction = () => uint32() / 2 ** 32;
  const integer = (least: number, most: number) =>
    least + Math.floor(fraction() * (most - least + 1));

  return {
    fraction,
    integer,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    around: (mean, deviation) => {
      const sum = fraction() + fraction() + fraction() + fraction();
      return mean + (sum - 2) * deviation;
    },
    uuid: () => {
      const hex = [0, 0, 0, 0].map(() => uint32().toString(16).padStart(8, '0')).join('');
      const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
      const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
      return [...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
    },
  };
}
