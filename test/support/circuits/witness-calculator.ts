import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { readField, type Witness } from './constraint-system.js';

export type Inputs = Readonly<Record<string, bigint | readonly bigint[]>>;

/**
 * What circom's WebAssembly offers. Field elements pass through one shared place of eight 32-bit words,
 * the lowest first.
 */
interface Exports {
  readonly memory: WebAssembly.Memory;
  init(checks: number): void;
  getSharedRWMemoryStart(): number;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  getInputSize(): number;
  setInputSignal(hashHigh: number, hashLow: number, position: number): void;
  getWitness(wire: number): void;
}

export interface WitnessCalculator {
  /** @returns the values of the wires that were named when it was built, in that order. */
  calculate(inputs: Inputs): Witness;
}

/**
 * Runs a calculator that circom compiled. circom's own JavaScript reads every wire out, word by word through
 * calls, which takes twice as long as the computation; this reads the wires asked for from its memory.
 *
 * @param wires - the calculator's wires to read out.
 */
export async function buildCalculator(
  wasm: Uint8Array<ArrayBuffer>,
  wires: Uint32Array,
): Promise<WitnessCalculator> {
  const runtime = {
    exceptionHandler(code: number) {
      throw new Error(`a witness calculator stopped with code ${code}`);
    },
    printErrorMessage() {},
    writeBufferMessage() {},
    showSharedRWMemory() {},
  };
  const { instance } = await WebAssembly.instantiate(wasm, { runtime });
  const circuit = instance.exports as unknown as Exports;
  return {
    calculate(inputs) {
      circuit.init(0);
      setInputs(circuit, inputs);
      return readWires(circuit, wires);
    },
  };
}

function setInputs(circuit: Exports, inputs: Inputs): void {
  let missing = circuit.getInputSize();
  for (const [name, value] of Object.entries(inputs)) {
    const hash = nameHash(name);
    const [high, low] = [Number(hash >> 32n), Number(hash & 0xffffffffn)];
    const values = typeof value === 'bigint' ? [value] : value;
    if (circuit.getInputSignalSize(high, low) !== values.length) {
      throw new Error(`not ${values.length} values for the input ${name}`);
    }
    for (const [position, element] of values.entries()) {
      writeShared(circuit, element);
      circuit.setInputSignal(high, low, position);
      missing -= 1;
    }
  }
  // The calculator starts with the last input, so nothing was computed yet.
  if (missing !== 0) throw new Error(`${missing} inputs are not set`);
}

/** Reduced, as an attacker would: what is not in the field cannot be in a witness either. */
function writeShared(circuit: Exports, value: bigint): void {
  const view = new DataView(circuit.memory.buffer, circuit.getSharedRWMemoryStart(), 32);
  let left = ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
  for (let at = 0; at < 32; at += 8) {
    view.setBigUint64(at, BigInt.asUintN(64, left), true);
    left >>= 64n;
  }
}

function readWires(circuit: Exports, wires: Uint32Array): Witness {
  const view = new DataView(circuit.memory.buffer, circuit.getSharedRWMemoryStart(), 32);
  return Array.from(wires, (wire) => {
    circuit.getWitness(wire);
    return readField(view, 0);
  });
}

/** FNV-1a of 64 bits, by which circom knows its inputs. */
function nameHash(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
