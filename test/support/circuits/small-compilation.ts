import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCircuit } from '../../../circuits/compile.js';
import {
  CIRCUITS_FOLDER,
  hashOfSources,
  mainSource,
  type StatementName,
} from '../../../circuits/generate.js';
import { writePermissiveLibrary } from '../../../circuits/permissive.js';

/** What is left of a compiled small instance. */
export interface SmallCompilation {
  /** The attacker's calculator, circom's WebAssembly of the copy without constraints. */
  readonly calculator: Uint8Array<ArrayBuffer>;
  /** The real constraints, circom's file. */
  readonly constraints: Uint8Array<ArrayBuffer>;
  /** A line per wire of the real constraints, from 1 on: the calculator's wire, a comma, its name. */
  readonly wires: Uint8Array<ArrayBuffer>;
}

/** A statement, or its criteria alone, which take a thousandth of the time. */
export type SmallName = StatementName | 'criteria';

export type SmallCompilations = Readonly<Record<SmallName, SmallCompilation>>;

/** Levels of the shard and of the top; eligibility's are also facts, criteria and groups. */
export const SMALL_SIZES = [2, 2, 4, 4, 2] as const;

export const SMALL_NAMES = ['consent', 'accreditation', 'eligibility', 'criteria'] as const;

/** What the compiled instances depend on: the circuits, and how the attacker's copy is made. */
export function hashOfSmallSources(): string {
  return createHash('sha256')
    .update(`${hashOfSources()}\0${SMALL_NAMES.map((name) => smallMain(name, ''))}\0`)
    .update(readFileSync(join(CIRCUITS_FOLDER, 'permissive.ts')))
    .digest('hex');
}

/** Compiles a circuit twice, some 20 s: its constraints simplified, its attacker's calculator not. */
export async function compileSmall(name: SmallName): Promise<SmallCompilation> {
  const build = join(CIRCUITS_FOLDER, 'build');
  mkdirSync(build, { recursive: true });
  // Inside the project: the compiler sees only folders above where it runs.
  const folder = mkdtempSync(join(build, `small-${name}-`));
  try {
    return await compileInto(folder, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compileInto(folder: string, name: SmallName): Promise<SmallCompilation> {
  const [strict, free] = [join(folder, 'strict'), join(folder, 'permissive')];
  mkdirSync(strict);
  writePermissiveLibrary(free);
  const main = 'main.circom';
  writeFileSync(join(strict, main), smallMain(name, '../../../lib/'));
  writeFileSync(join(free, main), smallMain(name, ''));
  const [real, forging] = await Promise.all([
    compileCircuit(join(strict, main), strict),
    compileCircuit(join(free, main), free, '--O0'),
  ]);
  return {
    calculator: Uint8Array.from(readFileSync(forging.wasm)),
    constraints: Uint8Array.from(readFileSync(real.r1cs)),
    wires: new TextEncoder().encode(
      joinWires(readFileSync(real.sym, 'utf8'), readFileSync(forging.sym, 'utf8')),
    ),
  };
}

function smallMain(name: SmallName, lib: string): string {
  const [shard, top, ...criteria] = SMALL_SIZES;
  const parameters = name === 'eligibility' ? SMALL_SIZES : [shard, top];
  if (name !== 'criteria') return mainSource(name, parameters, lib);
  return `pragma circom 2.2.0;
include "${lib}criteria.circom";
component main { public [rules, keys, values] } = RequireCriteria(${criteria.join(', ')});
`;
}

/**
 * Finds every wire of the real constraints in the calculator, by name. Several names may share a wire after
 * simplification: the first is the signal nearest to main's inputs, so that a forged public signal stays
 * the one that the verifier would see.
 */
function joinWires(strictSym: string, freeSym: string): string {
  const calculatorWires = new Map(readLabels(freeSym).map(({ name, wire }) => [name, wire]));
  const lines: string[] = [];
  for (const { wire, name } of readLabels(strictSym)) {
    if (wire < 0 || lines[wire - 1] !== undefined) continue;
    const found = calculatorWires.get(name);
    if (found === undefined) throw new Error(`no wire ${name} in the calculator`);
    lines[wire - 1] = `${found},${name}`;
  }
  return lines.join('\n');
}

function readLabels(sym: string): readonly { readonly wire: number; readonly name: string }[] {
  return sym
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, wire, , name = ''] = line.split(',');
      return { wire: Number(wire), name };
    });
}
