import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import {
  dotProduct,
  MAX_TERMS,
  multiplication,
  squaring,
} from '../../../src/zk/poseidon/arithmetic.js';
import { type Lanes, ONE_LANE, TWO_LANES } from '../../../src/zk/poseidon/lanes.js';
import { ELEMENT_BYTES, LIMB_BYTES, limbsOf } from '../../../src/zk/poseidon/limbs.js';
import { ORDER_AT } from '../../../src/zk/poseidon/memory.js';
import { wasmModule } from '../../../src/zk/poseidon/wasm.js';

const SEED = 20261126;
const MONTGOMERY = 2n ** 261n;
const [TARGET, FIRST, SECOND, ADDEND] = [512, 1024, 2048, 3072];

/**
 * Values for two lanes, of so many bits: whatever nine limbs can hold, not only what hashes come
 * to. Limbs of ones fill the columns most.
 */
function below(bits: bigint) {
  const full = 2n ** bits - 1n;
  const value = fc.oneof(
    fc.constantFrom(0n, 1n, FIELD_ORDER, full, full - 2n ** 29n),
    fc.bigInt({ min: 0n, max: full }),
  );
  return fc.tuple(value, value);
}

interface Functions {
  readonly memory: { readonly buffer: ArrayBuffer };
  multiplication(target: number, a: number, b: number, addend: number): void;
  squaring(target: number, a: number): void;
  dotProduct(target: number, constants: number, elements: number, terms: number): void;
}

function load(lanes: Lanes) {
  const functions = [multiplication(lanes), squaring(lanes), dotProduct(lanes)];
  const names = { multiplication: 0, squaring: 1, dotProduct: 2 };
  const module = new WebAssembly.Module(wasmModule(functions, names, 1));
  const exports = new WebAssembly.Instance(module).exports as unknown as Functions;
  const view = new DataView(exports.memory.buffer);
  const at = (address: number, count: number, lane: number, limb: number) =>
    address + (limb * count + lane) * LIMB_BYTES;
  const write = (address: number, value: bigint, lane = 0, count = 1) => {
    limbsOf(value).forEach((limb, i) => {
      view.setUint32(at(address, count, lane, i), limb, true);
    });
  };
  write(ORDER_AT, FIELD_ORDER);
  return {
    ...exports,
    writeShared: write,
    /** A value for each lane. */
    write: (address: number, values: readonly bigint[]) => {
      values.slice(0, lanes.count).forEach((value, lane) => {
        write(address, value, lane, lanes.count);
      });
    },
    read: (address: number) =>
      Array.from({ length: lanes.count }, (_, lane) =>
        limbsOf(0n).reduceRight(
          (value, _zero, i) =>
            (value << 29n) | BigInt(view.getUint32(at(address, lanes.count, lane, i), true)),
          0n,
        ),
      ),
  };
}

/** Requires x = sum / 2^261 + addend modulo r, and no larger than one reduction leaves it. */
function expectReduced(x: bigint, sum: bigint, addend: bigint): void {
  expect((x * MONTGOMERY - sum - addend * MONTGOMERY) % FIELD_ORDER).toBe(0n);
  expect(x).toBeLessThanOrEqual(sum / MONTGOMERY + FIELD_ORDER + addend);
}

describe.each([
  ['one lane', ONE_LANE],
  ['two lanes', TWO_LANES],
])('the arithmetic in %s', (_, lanes) => {
  const module = load(lanes);
  const check = (property: fc.IRawProperty<unknown>) =>
    fc.assert(property, { seed: SEED, numRuns: 300 });

  test(`multiplies, and adds (seed ${SEED})`, () => {
    check(
      fc.property(below(259n), below(259n), below(259n), (a, b, addends) => {
        module.write(FIRST, a);
        module.write(SECOND, b);
        module.write(ADDEND, addends);
        module.multiplication(TARGET, FIRST, SECOND, ADDEND);
        module.read(TARGET).forEach((x, lane) => {
          expectReduced(x, (a[lane] ?? 0n) * (b[lane] ?? 0n), addends[lane] ?? 0n);
        });
      }),
    );
  });

  test(`squares (seed ${SEED})`, () => {
    check(
      fc.property(below(260n), (a) => {
        module.write(FIRST, a);
        module.squaring(TARGET, FIRST);
        module.read(TARGET).forEach((x, lane) => {
          expectReduced(x, (a[lane] ?? 0n) ** 2n, 0n);
        });
      }),
    );
  });

  test(`adds up at most ${MAX_TERMS} products (seed ${SEED})`, () => {
    const terms = fc.array(fc.tuple(below(253n), below(258n)), {
      minLength: 1,
      maxLength: MAX_TERMS,
    });
    check(
      fc.property(terms, below(259n), (products, addends) => {
        products.forEach(([[factor], pair], i) => {
          module.writeShared(FIRST + i * ELEMENT_BYTES, factor);
          module.write(SECOND + i * ELEMENT_BYTES * lanes.count, pair);
        });
        module.write(TARGET, addends);
        module.dotProduct(TARGET, FIRST, SECOND, products.length);
        module.read(TARGET).forEach((x, lane) => {
          const sums = products.map(([[factor], pair]) => factor * (pair[lane] ?? 0n));
          const sum = sums.reduce((a, b) => a + b);
          expectReduced(x, sum, addends[lane] ?? 0n);
        });
      }),
    );
  });

  test(`adds up ${MAX_TERMS} of the fullest products, in both factors and all terms`, () => {
    const [factor, full] = [2n ** 253n - 1n, 2n ** 258n - 1n];
    for (let i = 0; i < MAX_TERMS; i += 1) {
      module.writeShared(FIRST + i * ELEMENT_BYTES, factor);
      module.write(SECOND + i * ELEMENT_BYTES * lanes.count, [full, full]);
    }
    module.write(TARGET, [0n, 0n]);
    module.dotProduct(TARGET, FIRST, SECOND, MAX_TERMS);
    for (const x of module.read(TARGET)) {
      expectReduced(x, factor * full * BigInt(MAX_TERMS), 0n);
    }
  });
});
