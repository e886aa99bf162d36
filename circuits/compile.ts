/** Compiles one main with circom2 --O2 and reads what came out. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

export interface Compiled {
  readonly r1cs: string;
  readonly wasm: string;
  readonly sym: string;
}

/**
 * Compiles a circuit; the paths of its constraints, its witness calculator and its names.
 *
 * @param main - the path of a .circom file.
 * @param simplification - --O2 by default, because --O1 keeps linear constraints and passes the budget.
 */
export async function compileCircuit(
  main: string,
  outputFolder: string,
  simplification: '--O2' | '--O0' = '--O2',
): Promise<Compiled> {
  mkdirSync(outputFolder, { recursive: true });
  const compiler = join(dirname(require.resolve('circom2/package.json')), 'cli.js');
  const libraries = join(dirname(require.resolve('circomlib/package.json')), 'circuits');
  const outputs = [simplification, '--r1cs', '--wasm', '--sym'];
  const args = [compiler, main, ...outputs, '-l', libraries, '-o', outputFolder];
  const { stdout, stderr } = await run(process.execPath, args, { maxBuffer: 1 << 26 });
  if (!stdout.includes('Everything went okay')) throw new Error(`circom: ${stdout}${stderr}`);
  const name = basename(main, '.circom');
  return {
    r1cs: join(outputFolder, `${name}.r1cs`),
    wasm: join(outputFolder, `${name}_js`, `${name}.wasm`),
    sym: join(outputFolder, `${name}.sym`),
  };
}

export function sha256OfFile(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/**
 * The names of the public signals as the compiler numbered them: what the order really is.
 *
 * @param sym - lines of label, wire, component, name; wire 0 is the constant one.
 */
export function publicSignalsOf(sym: string, count: number): readonly string[] {
  const names = new Map<number, string>();
  for (const line of readFileSync(sym, 'utf8').split('\n')) {
    const [, wire, , name] = line.split(',');
    if (wire !== undefined && name !== undefined && !names.has(Number(wire))) {
      names.set(Number(wire), name.replace(/^main\./, ''));
    }
  }
  return Array.from({ length: count }, (_, i) => names.get(i + 1) ?? '');
}
