import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';

/** A value per wire; wire 0 is the constant one. */
export type Witness = readonly bigint[];

/** The real constraints of a compiled circuit, each A·B = C over sums of wires. */
export interface ConstraintSystem {
  readonly count: number;
  /** Whether a proof could be made from this witness: every constraint holds. */
  holdsFor(witness: Witness): boolean;
  /** The wires that could take another value with nothing noticing. */
  freeWires(witness: Witness): readonly number[];
}

/** Sums of wires behind one another, three to a constraint; one sum's terms lie between two starts. */
interface Sums {
  readonly starts: Uint32Array;
  readonly wires: Uint32Array;
  readonly coefficients: readonly bigint[];
}

const FIELD_BYTES = 32;
const HEADER_SECTION = 1;
const CONSTRAINT_SECTION = 2;

/**
 * Reads an .r1cs file of circom's; snarkjs reads it too, through a second and a half of objects and texts.
 *
 * @source https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md
 */
export function readConstraintSystem(file: Uint8Array): ConstraintSystem {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sections = sectionsOf(view);
  const count = view.getUint32(sectionAt(sections, HEADER_SECTION) + 60, true);
  const sums = readSums(view, sectionAt(sections, CONSTRAINT_SECTION), count);
  return {
    count,
    holdsFor(witness) {
      for (let i = 0; i < count; i += 1) if (!isSatisfied(sums, i, witness)) return false;
      return true;
    },
    freeWires: (witness) => freeWires(sums, count, witness),
  };
}

function sectionsOf(view: DataView): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  let at = 12;
  for (let left = view.getUint32(8, true); left > 0; left -= 1) {
    starts.set(view.getUint32(at, true), at + 12);
    at += 12 + Number(view.getBigUint64(at + 4, true));
  }
  return starts;
}

function sectionAt(sections: ReadonlyMap<number, number>, type: number): number {
  const start = sections.get(type);
  if (start === undefined) throw new Error(`no section ${type} in an r1cs file`);
  return start;
}

function readSums(view: DataView, section: number, count: number): Sums {
  const starts = new Uint32Array(3 * count + 1);
  const wires: number[] = [];
  const coefficients: bigint[] = [];
  let at = section;
  for (let sum = 0; sum < 3 * count; sum += 1) {
    const terms = view.getUint32(at, true);
    at += 4;
    for (let i = 0; i < terms; i += 1) {
      wires.push(view.getUint32(at, true));
      coefficients.push(signed(readField(view, at + 4)));
      at += 4 + FIELD_BYTES;
    }
    starts[sum + 1] = wires.length;
  }
  return { starts, wires: Uint32Array.from(wires), coefficients };
}

/** A little-endian field element; most are bits, which take no arithmetic. */
export function readField(view: DataView, at: number): bigint {
  const low = view.getBigUint64(at, true);
  const [second, third] = [view.getBigUint64(at + 8, true), view.getBigUint64(at + 16, true)];
  const high = view.getBigUint64(at + 24, true);
  if ((second | third | high) === 0n) return low;
  return (((((high << 64n) | third) << 64n) | second) << 64n) | low;
}

/** r - 1 as -1: the shorter number multiplies faster. */
function signed(value: bigint): bigint {
  return value > FIELD_ORDER / 2n ? value - FIELD_ORDER : value;
}

function isSatisfied(sums: Sums, constraint: number, witness: Witness): boolean {
  const a = sumOf(sums, 3 * constraint, witness);
  const b = a === 0n ? 0n : sumOf(sums, 3 * constraint + 1, witness);
  return (a * b - sumOf(sums, 3 * constraint + 2, witness)) % FIELD_ORDER === 0n;
}

function sumOf({ starts, wires, coefficients }: Sums, sum: number, witness: Witness): bigint {
  let total = 0n;
  const end = starts[sum + 1] ?? 0;
  for (let at = starts[sum] ?? 0; at < end; at += 1) {
    const value = witness[wires[at] ?? 0];
    if (value === undefined) throw new Error(`no value for wire ${wires[at]}`);
    if (value !== 0n) total += (coefficients[at] ?? 0n) * value;
  }
  return total;
}

function freeWires(sums: Sums, count: number, witness: Witness): number[] {
  const using = new Map<number, Set<number>>();
  for (let sum = 0; sum < 3 * count; sum += 1) {
    for (const wire of sums.wires.subarray(sums.starts[sum], sums.starts[sum + 1])) {
      const constraints = using.get(wire) ?? new Set();
      using.set(wire, constraints.add(Math.floor(sum / 3)));
    }
  }
  const changed = [...witness];
  return [...witness.keys()].slice(1).filter((wire) => {
    const before = changed[wire] ?? 0n;
    changed[wire] = (before + 1n) % FIELD_ORDER;
    const noticed = [...(using.get(wire) ?? [])].some((one) => !isSatisfied(sums, one, changed));
    changed[wire] = before;
    return !noticed;
  });
}
