import { FIELD_ORDER } from '../arithmetic/field.js';
import type { Lanes } from './lanes.js';
import { ELEMENT_BYTES, LIMB_BYTES, limbsOf, toMontgomery } from './limbs.js';
import * as at from './memory.js';
import { poseidonModule } from './permutation.js';
import { scheduleOf } from './schedule.js';

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Addresses, but for the third and the fourth. Returns 0 if an input is r or more. */
  hash(target: number, source: number, width: number, rounds: number, schedule: number): number;
}

interface LoadedSchedule {
  readonly partialRounds: number;
  readonly address: number;
}

/** A running module, with the constants for the numbers of inputs that it was asked for so far. */
export class PoseidonInstance {
  /** Where inputs are put and hashes found. */
  readonly exchange: Uint8Array<ArrayBuffer>;
  readonly #hash: Exports['hash'];
  readonly #memory: ArrayBuffer;
  readonly #loaded: LoadedSchedule[] = [];
  #end = at.SCHEDULES_AT;

  constructor(lanes: Lanes) {
    const module = new WebAssembly.Module(poseidonModule(lanes));
    const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    this.#hash = exports.hash;
    this.#memory = exports.memory.buffer;
    this.#write(at.ORDER_AT, [FIELD_ORDER]);
    this.#write(at.SQUARE_AT, [toMontgomery(toMontgomery(1n))]);
    this.exchange = new Uint8Array(this.#memory, at.EXCHANGE_AT, at.EXCHANGE_BYTES);
  }

  /**
   * Hashes one group of inputs for each lane, one group behind the other.
   *
   * @param target - the place in `exchange` of the first hash; another may follow it.
   * @param source - the place of the first input; each has 32 bytes, big-endian.
   * @param inputs - their number, from 1 to 16.
   * @returns whether all inputs are below r; if not, what is at the target means nothing.
   */
  hash(target: number, source: number, inputs: number): boolean {
    const { partialRounds, address } = this.#loaded[inputs] ?? this.#load(inputs);
    const [to, from] = [at.EXCHANGE_AT + target, at.EXCHANGE_AT + source];
    return this.#hash(to, from, inputs + 1, partialRounds, address) !== 0;
  }

  #load(inputs: number): LoadedSchedule {
    const { partialRounds, constants } = scheduleOf(inputs + 1);
    // Behind it, the one row that is not in Montgomery's form: times 1.
    const factors = [...constants.map(toMontgomery), 0n, 1n];
    const loaded = { partialRounds, address: this.#end };
    this.#end += factors.length * ELEMENT_BYTES;
    this.#write(loaded.address, factors);
    this.#loaded[inputs] = loaded;
    return loaded;
  }

  #write(address: number, elements: readonly bigint[]): void {
    const view = new DataView(this.#memory, address);
    elements.flatMap(limbsOf).forEach((limb, i) => {
      view.setUint32(i * LIMB_BYTES, limb, true);
    });
  }
}
