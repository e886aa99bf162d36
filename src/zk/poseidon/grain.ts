import { FIELD_ORDER } from '../arithmetic/field.js';

const STATE_BITS = 80;
const TAPS = [62, 51, 38, 23, 13, 0];
/** Bits that follow from the state without each other: 80 less the highest tap. */
const FREE_BITS = 18;
const DISCARDED_BITS = 160;
const FIELD_BITS = 254;

/** The first of two bits says whether the second is used. */
const PAIR = /0.|1(.)/g;

/**
 * The Grain LFSR in self-shrinking mode, from which Poseidon's constants are drawn, so that nobody
 * chose them.
 *
 * The bits are made in blocks, each larger than the one before: over GF(2) a linear recurrence also
 * holds for every second bit, every fourth and so on, because squaring a sum squares its terms.
 *
 * @source Poseidon (eprint 2019/458), appendix F
 */
export class Grain {
  /** All bits so far, the first highest. */
  #stream: bigint;
  #length = STATE_BITS;
  /** The bits that are used, as digits. */
  #bits = '';
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
    const state = fields.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('');
    this.#stream = BigInt(`0b${state}`);
    const begin = STATE_BITS + DISCARDED_BITS;
    while (this.#length < begin) this.#extend(begin - this.#length);
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
    while (this.#bits.length < this.#at + FIELD_BITS) this.#shrink();
    const digits = this.#bits.slice(this.#at, this.#at + FIELD_BITS);
    this.#at += FIELD_BITS;
    return BigInt(`0b${digits}`);
  }

  #shrink(): void {
    const [block, length] = this.#extend(Number.POSITIVE_INFINITY);
    const digits = block.toString(2).padStart(length, '0');
    this.#bits = this.#bits.slice(this.#at) + digits.replace(PAIR, '$1');
    this.#at = 0;
  }

  /** Appends at most so many bits to the stream, an even number unless that is odd. */
  #extend(most: number): readonly [block: bigint, length: number] {
    const every = 2 ** Math.floor(Math.log2(this.#length / STATE_BITS));
    const length = Math.min(FREE_BITS * every, most);
    const state = BigInt.asUintN(STATE_BITS * every, this.#stream);
    let block = 0n;
    for (const tap of TAPS) {
      block ^= BigInt.asUintN(length, state >> BigInt((STATE_BITS - tap) * every - length));
    }
    this.#stream = (this.#stream << BigInt(length)) | block;
    this.#length += length;
    return [block, length];
  }
}
