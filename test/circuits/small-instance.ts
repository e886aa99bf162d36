import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { r1cs as r1csFile } from 'snarkjs';
import { compileCircuit } from '../../circuits/compile.js';
import {
  CIRCUITS_FOLDER,
  hashOfSources,
  mainSource,
  type StatementName,
} from '../../circuits/generate.js';
import { writePermissiveLibrary } from '../../circuits/permissive.js';
import { FIELD_ORDER } from '../../src/zk/field.js';

/**
 * A statement with a register of 2 + 2 levels, as an attacker sees it: the real constraints, and a witness
 * calculator that refuses nothing (circuits/permissive.ts).
 */
export interface SmallInstance {
  /** Runs the attacker's calculator. @returns a value per wire of the real constraint system. */
  forge(inputs: Inputs): Promise<readonly bigint[]>;
  /** Whether the honest calculator, that of provers, finds a witness: tens of times faster than forging. */
  accepts(inputs: Inputs): Promise<boolean>;
  /** How many constraints a witness breaks: 0 means that a proof could be made from it. */
  countBroken(witness: readonly bigint[]): number;
  /** The wires that could take another value with nothing noticing, by name. */
  freeWires(witness: readonly bigint[]): readonly string[];
}

export type Inputs = Record<string, bigint | readonly bigint[]>;

/** Longer than a compilation takes on a loaded machine, in milliseconds. */
const LOCK_MS = 90_000;

/** Levels of the shard and of the top. */
export const SMALL_LEVELS = [2, 2] as const;

/** Eligibility's are also facts, criteria and groups. */
const SMALL_PARAMETERS: Readonly<Record<StatementName, readonly number[]>> = {
  consent: SMALL_LEVELS,
  accreditation: SMALL_LEVELS,
  eligibility: [...SMALL_LEVELS, 4, 4, 2],
};

const require = createRequire(import.meta.url);

interface Calculator {
  calculateWitness(inputs: Inputs): Promise<readonly bigint[]>;
  /** Computes without reading the witness out, which takes as long again. */
  _doCalculateWitness(inputs: Inputs): Promise<void>;
}
type Terms = readonly (readonly [wire: number, coefficient: bigint])[];
type Constraint = readonly [Terms, Terms, Terms];
interface Label {
  readonly wire: number;
  readonly name: string;
}

/** Compiles once per content of circuits/, about 20 s; after that it reads circuits/build. */
export async function loadSmallInstance(name: StatementName): Promise<SmallInstance> {
  const folder = join(CIRCUITS_FOLDER, 'build', `small-${name}-${hashOfSources().slice(0, 16)}`);
  const strict = join(folder, 'strict');
  const free = join(folder, 'permissive');
  await makeAlone(folder, (made) => compileBoth(name, made));
  return instance(
    await readConstraints(join(strict, `${name}.r1cs`)),
    readLabels(join(strict, `${name}.sym`)),
    readLabels(join(free, `${name}.sym`)),
    await buildCalculator(join(free, `${name}_js`), name),
    await buildCalculator(join(strict, `${name}_js`), name),
  );
}

async function compileBoth(name: StatementName, folder: string): Promise<void> {
  const [strict, free] = [join(folder, 'strict'), join(folder, 'permissive')];
  mkdirSync(strict, { recursive: true });
  writePermissiveLibrary(free);
  const main = `${name}.circom`;
  writeFileSync(join(strict, main), mainSource(name, SMALL_PARAMETERS[name], '../../../lib/'));
  writeFileSync(join(free, main), mainSource(name, SMALL_PARAMETERS[name], ''));
  await Promise.all([
    compileCircuit(join(strict, main), strict),
    compileCircuit(join(free, main), free, '--O0'),
  ]);
  for (const one of [strict, free]) {
    // What circom writes is CommonJS, and this package is not.
    const calculator = join(one, `${name}_js`, 'witness_calculator');
    copyFileSync(`${calculator}.js`, `${calculator}.cjs`);
  }
}

/** Makes a folder whole or not at all; suites that want the same one at once wait for the first. */
async function makeAlone(folder: string, make: (made: string) => Promise<void>): Promise<void> {
  const ready = join(folder, 'strict', 'ready');
  const lock = `${folder}.lock`;
  mkdirSync(dirname(folder), { recursive: true });
  for (const deadline = Date.now() + LOCK_MS; !existsSync(ready); await sleep(200)) {
    try {
      mkdirSync(lock);
    } catch {
      // Left by a run that was killed, if it is older than any compilation takes.
      if (Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
      continue;
    }
    try {
      if (existsSync(ready)) return;
      rmSync(folder, { recursive: true, force: true });
      await make(folder);
      writeFileSync(ready, '');
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

function instance(
  constraints: readonly Constraint[],
  strictLabels: readonly Label[],
  freeLabels: readonly Label[],
  calculator: Calculator,
  honest: Calculator,
): SmallInstance {
  const wireOfName = new Map(freeLabels.map(({ name, wire }) => [name, wire]));
  // Several names may share a wire after simplification. The first is the signal nearest to main's inputs,
  // so that a forged public signal stays the one that the verifier would see.
  const nameOfWire = new Map<number, string>();
  for (const { wire, name } of strictLabels) {
    if (wire >= 0 && !nameOfWire.has(wire)) nameOfWire.set(wire, name);
  }
  return {
    async forge(inputs) {
      const values = await calculator.calculateWitness(inputs);
      const witness = [1n];
      for (const [wire, name] of nameOfWire) {
        witness[wire] = values[wireOfName.get(name) ?? -1] ?? missing(name);
      }
      return witness;
    },
    accepts: (inputs) =>
      honest._doCalculateWitness(inputs).then(
        () => true,
        () => false,
      ),
    countBroken: (witness) => constraints.filter((one) => !isSatisfied(one, witness)).length,
    freeWires: (witness) => freeWires(constraints, witness).map((w) => nameOfWire.get(w) ?? `${w}`),
  };
}

/** Circom's own, once per file of tests: compiling it takes longer than running it. */
async function buildCalculator(folder: string, name: string): Promise<Calculator> {
  const build = require(join(folder, 'witness_calculator.cjs')) as (
    wasm: Uint8Array,
  ) => Promise<Calculator>;
  return build(readFileSync(join(folder, `${name}.wasm`)));
}

function freeWires(constraints: readonly Constraint[], witness: readonly bigint[]): number[] {
  const using = new Map<number, Set<Constraint>>();
  for (const constraint of constraints) {
    for (const [wire] of constraint.flat()) {
      using.set(wire, (using.get(wire) ?? new Set()).add(constraint));
    }
  }
  const changed = [...witness];
  return [...witness.keys()].slice(1).filter((wire) => {
    const before = changed[wire] ?? 0n;
    changed[wire] = (before + 1n) % FIELD_ORDER;
    const noticed = [...(using.get(wire) ?? [])].some((one) => !isSatisfied(one, changed));
    changed[wire] = before;
    return !noticed;
  });
}

function isSatisfied([a, b, c]: Constraint, witness: readonly bigint[]): boolean {
  return (linear(a, witness) * linear(b, witness) - linear(c, witness)) % FIELD_ORDER === 0n;
}

function linear(terms: Terms, witness: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of terms)
    sum += coefficient * (witness[wire] ?? missing(`${wire}`));
  return sum % FIELD_ORDER;
}

async function readConstraints(path: string): Promise<readonly Constraint[]> {
  const { constraints } = (await r1csFile.exportJson(path)) as {
    constraints: readonly (readonly Record<string, string>[])[];
  };
  return constraints.map(
    (parts) =>
      parts.map((part) =>
        Object.entries(part).map(([wire, value]) => [Number(wire), BigInt(value)] as const),
      ) as unknown as Constraint,
  );
}

function readLabels(path: string): readonly Label[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, wire, , name] = line.split(',');
      return { wire: Number(wire), name: name ?? missing(line) };
    });
}

function missing(what: string): never {
  throw new Error(`no value for ${what}`);
}
