/** Numbers that a seed decides, alike on every machine: what failed once can be made again. */
export class Random {
  #state: number;

  constructor(seed: number | string) {
    this.#state = typeof seed === 'number' ? Math.imul(seed + 1, 0x9e3779b1) : hashOf(seed);
  }

  /** In [0, 2^32). mulberry32: its period is 2^32, and one operation takes some hundred. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** In [0, most). */
  below(most: number): number {
    return this.next() % most;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** @throws Error for an empty list. */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('nothing to pick from');
    return from[this.below(from.length)] as T;
  }
}

/** 32 bits of a text: FNV-1a, and a mix after it, because its low bits follow the last letter. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
