import { readConstraintSystem, type Witness } from './constraint-system.js';
import type { SmallName } from './small-compilation.js';
import { loadSmallCompilations } from './small-pack.js';
import { buildCalculator, type Inputs } from './witness-calculator.js';

/**
 * A statement with a register of 2 + 2 levels, as an attacker sees it: the real constraints, and a witness
 * calculator that refuses nothing (circuits/permissive.ts). So the constraints decide, and no assert does.
 */
export interface SmallInstance {
  /** Runs the attacker's calculator. @returns a value per wire of the real constraint system. */
  forge(inputs: Inputs): Witness;
  /** Whether a proof could be made from what the attacker's calculator finds: every constraint holds. */
  accepts(inputs: Inputs): boolean;
  /** The wires that could take another value with nothing noticing, by name. */
  freeWires(witness: Witness): readonly string[];
}

/** Reads the instance from the committed pack; compiles it only where the circuits changed since. */
export async function loadSmallInstance(name: SmallName): Promise<SmallInstance> {
  const compiled = (await loadSmallCompilations())[name];
  const constraints = readConstraintSystem(compiled.constraints);
  const lines = new TextDecoder().decode(compiled.wires).split('\n');
  const wires = lines.map((line) => line.split(',') as [wire: string, name: string]);
  // Wire 0 is the constant one in both.
  const ofCalculator = Uint32Array.from([0, ...wires.map(([wire]) => Number(wire))]);
  const calculator = await buildCalculator(compiled.calculator, ofCalculator);
  return {
    forge: calculator.calculate,
    accepts: (inputs) => constraints.holdsFor(calculator.calculate(inputs)),
    freeWires: (witness) =>
      constraints.freeWires(witness).map((wire) => wires[wire - 1]?.[1] ?? `${wire}`),
  };
}
