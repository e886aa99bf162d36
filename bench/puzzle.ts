/**
 * How much work a stranger's withdrawal is: hashes a second of the solver that wallets run, on one core.
 *
 * Printed: of several runs the best, by the time that this process had the core (a busy machine does
 * not change that much) and by the clock, and what 2^bits hashes take at each.
 *
 * Run: npm run bench:puzzle -- [--runs 10]
 */
import { parseArgs } from 'node:util';
import { PUZZLE_BITS, solvePuzzle } from '../src/core/signed/puzzle.js';

/** With two secrets 2^16 hashes a run, on average: short, so that some run is not disturbed. */
const BITS = 12;
const PUZZLES = 8;
const MICROSECONDS = 1_000_000;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } });

async function measure(run: number) {
  const core = process.cpuUsage();
  const startMs = performance.now();
  let hashes = 0;
  for (let i = 0; i < PUZZLES; i += 1) {
    const task = {
      institution: 'riverside-hospital',
      secrets: [`${run}`, `${i}`],
      at: 4_000_000_000,
    };
    hashes += (await solvePuzzle(task, BITS)).nonce + 1;
  }
  const { user, system } = process.cpuUsage(core);
  const ofCore = hashes / ((user + system) / MICROSECONDS);
  return { ofCore, byClock: hashes / ((performance.now() - startMs) / 1_000) };
}

const runs = [];
for (let run = 0; run < Number(values.runs); run += 1) runs.push(await measure(run));
for (const [name, title] of [
  ['ofCore', 'of a core'],
  ['byClock', 'by the clock'],
] as const) {
  const best = Math.max(...runs.map((run) => run[name]));
  const seconds = (2 ** PUZZLE_BITS / best).toFixed(2);
  const rate = Math.round(best / 1_000);
  console.log(`${title}: ${rate},000 hashes a second; 2^${PUZZLE_BITS}: ${seconds} s`);
}
