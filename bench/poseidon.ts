/**
 * What Poseidon costs: ours one by one and by the level of a tree, beside circomlibjs and
 * poseidon-lite, in interleaved rounds of processor time; and what importing ours and circomlibjs
 * costs a process of its own.
 *
 * Run: npm run build && npx tsx bench/poseidon.ts [--json] (its last line is then one of JSON)
 */
import { execFileSync } from 'node:child_process';
import { cpuUsage, execPath } from 'node:process';
import { buildPoseidon } from 'circomlibjs';
import { poseidon2 } from 'poseidon-lite';
import { hashPairs, poseidon } from '../src/zk/poseidon/poseidon.js';

const ROUNDS = 15;
const PAIRS = 2_000;
const IMPORTS = 5;

const circomlibjs = await buildPoseidon();
const [left, right] = [3n ** 150n, 5n ** 100n];
const pairs = new Uint8Array(64 * PAIRS).map((_, i) => (i % 32 === 0 ? 0 : (i * 37) % 251));
/** circomlibjs is fed the bytes of its own form, which is the fastest that it can be asked. */
const own = new Uint8Array([...circomlibjs.F.e(left), ...circomlibjs.F.e(right)]);

/** Hashes `PAIRS` pairs, or a part of them, and says how many. */
const CONTENDERS = {
  perSecond: () => times(PAIRS, () => poseidon([left, right])),
  batchPerSecond: () => hashPairs(pairs).length / 32,
  circomlibjsPerSecond: () => times(PAIRS, () => circomlibjs(own)),
  poseidonLitePerSecond: () => times(PAIRS / 10, () => poseidon2([left, right])),
};
type Contender = keyof typeof CONTENDERS;
const NAMES = Object.keys(CONTENDERS) as Contender[];

function times(count: number, hash: () => unknown): number {
  for (let i = 0; i < count; i += 1) hash();
  return count;
}

/** Seconds of this process's processor time: on a machine that others use, the clock says less. */
function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function hashesPerSecond(): Record<Contender, number> {
  const rates = NAMES.map((name) => ({ name, perSecond: [] as number[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, perSecond } of rates) {
      const start = cpuSeconds();
      perSecond.push(CONTENDERS[name]() / (cpuSeconds() - start));
    }
  }
  const medians = rates.map(({ name, perSecond }) => [name, Math.round(median(perSecond))]);
  return Object.fromEntries(medians) as Record<Contender, number>;
}

/** Milliseconds of processor time from a process's first line to its first hash. */
function firstHashMs(imported: string, hash: string): number {
  const script = `import { cpuUsage } from 'node:process';
    const before = cpuUsage();
    const module = await import(${JSON.stringify(imported)});
    await (${hash})(module);
    const { user, system } = cpuUsage(before);
    console.log((user + system) / 1000);`;
  const once = () =>
    Number(execFileSync(execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
  return Math.round(median(Array.from({ length: IMPORTS }, once)));
}

const rates = hashesPerSecond();
const compiled = new URL('../dist/zk/poseidon/poseidon.js', import.meta.url).href;
const result = {
  ...rates,
  ratio: Number((rates.batchPerSecond / rates.circomlibjsPerSecond).toFixed(2)),
  importMs: firstHashMs(compiled, '({ poseidon }) => poseidon([1n, 2n])'),
  circomlibjsImportMs: firstHashMs('circomlibjs', '({ buildPoseidon }) => buildPoseidon()'),
};
for (const [name, value] of Object.entries(result)) {
  process.stdout.write(`${name.padEnd(24)} ${value}\n`);
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`);
