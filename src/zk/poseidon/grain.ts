import { FIELD_ORDER } from '../field.js';

const STATE_BITS = 80;
const DISCARDED_BITS = 160;
const FIELD_BITS = 254;
const WORD_BITS = 31;

/**
 * The Grain LFSR in self-shrinking mode, from which Poseidon's constants are drawn, so that nobody chose them.
 *
 * @source Poseidon (eprint 2019/458), appendix F; generate_parameters_grain.sage of its authors
 */
export class Grain {
  /** A ring of the last 80 bits. */
  readonly #state = new Uint8Array(STATE_BITS);
  #at = 0;

  /** @param width - t, inputs and capacity together. */
  constructor(width: number, fullRounds: number, partialRounds: number) {
    const fields: readonly (readonly [value: number, bits: number])[] = [
      [1, 2], // a prime field
      [0, 4], // whose S-box is a power
      [FIELD_BITS, 12],
      [width, 12],
      [fullRounds, 10],
      [partialRounds, 10],
      [2 ** 30 - 1, 30],
    ];
    const bits = fields.map(([value, count]) => value.toString(2).padStart(count, '0')).join('');
    this.#state.set([...bits].map(Number));
    for (let i = 0; i < DISCARDED_BITS; i += 1) this.#step();
  }

  /** A uniform element: what is r or more is drawn again. */
  element(): bigint {
    for (;;) {
      const value = this.number();
      if (value < FIELD_ORDER) return value;
    }
  }

  /** 254 bits, the highest first. */
  number(): bigint {
    let value = 0n;
    for (let rest = FIELD_BITS; rest > 0; rest -= WORD_BITS) {
      const bits = Math.min(rest, WORD_BITS);
      value = (value << BigInt(bits)) | BigInt(this.#word(bits));
    }
    return value;
  }

  #word(bits: number): number {
    let word = 0;
    for (let i = 0; i < bits; i += 1) {
      // Of each pair of bits, the first says whether the second is used.
      while (this.#step() === 0) this.#step();
      word = (word << 1) | this.#step();
    }
    return word;
  }

  #step(): number {
    const bit =
      this.#tap(62) ^ this.#tap(51) ^ this.#tap(38) ^ this.#tap(23) ^ this.#tap(13) ^ this.#tap(0);
    this.#state[this.#at] = bit;
    this.#at = this.#at === STATE_BITS - 1 ? 0 : this.#at + 1;
    return bit;
  }

  #tap(position: number): number {
    const at = this.#at + position;
    return this.#state[at < STATE_BITS ? at : at - STATE_BITS] ?? 0;
  }
}
