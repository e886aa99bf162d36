/**
 * What proofs and signatures cost, beside the libraries that do the same: rounds of all in turn,
 * medians. A line for each figure; with --json the last line is one JSON object.
 *
 * Run: npm run bench:zk -- [--json] [rounds]
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildEddsa } from 'circomlibjs';
import { buildBn128 } from 'ffjavascript';
import { groth16 } from 'snarkjs';
import { lendToSnarkjs, verifyingCurve, withProvingCurve } from '../src/zk/arithmetic/curve.js';
import { loadVerificationKey } from '../src/zk/artifacts.js';
import { eddsaPublicKey, requireEddsa, signEddsa } from '../src/zk/eddsa.js';
import { STATEMENTS, type Statement } from '../src/zk/statement.js';
import { loadStatements, verifyStatement, verifyStatements } from '../src/zk/verify/verify.js';
import { POLICY, provingOf } from './zk-proving.js';

const ROUNDS = Number(process.argv.slice(2).find((given) => /^[0-9]+$/.test(given)) ?? 5);
const VERIFICATIONS_A_ROUND = 5;
const SIGNATURES_A_ROUND = 20;
const BATCHES = [10, 100, 1_000];

type Work = () => unknown;

/** Of the processor, for what runs on one thread: what else the machine does is not counted. */
const processorMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Median milliseconds of each: one after the other, so that a busy moment meets them all. */
async function measure<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  rounds: number,
  nowMs = () => performance.now(),
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const spent = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    // The order turns around, and the first round only warms up.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const beganMs = nowMs();
      await works[name]();
      if (round >= 0) spent.get(name)?.push(nowMs() - beganMs);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(spent.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const tell = (what: string, figure: string) =>
  process.stdout.write(`${what.padEnd(52)} ${figure}\n`);
const rounded = (value: number) => Math.round(value * 100) / 100;

await loadStatements(POLICY);
// snarkjs's own way is a curve with threads, built once and kept: what it does unless told
// otherwise.
globalThis.curve_bn128 = null;
const threaded = await buildBn128(false);
const single = await verifyingCurve();

async function benchProving(statement: Statement) {
  const { artifacts, prove, inputs } = await provingOf(statement);
  const works = {
    ours: prove,
    snarkjs: () => {
      lendToSnarkjs(threaded);
      return groth16.fullProve(inputs(), artifacts.wasm, artifacts.zkey);
    },
  };
  // Ours end their threads when nothing was proven for 3 s, which the other's turns are: both are kept.
  const { ours, snarkjs } = await withProvingCurve(() => measure(works, ROUNDS));
  const script = fileURLToPath(new URL('zk-proving.ts', import.meta.url));
  const child = [...process.execArgv, script, statement];
  const { stdout } = await promisify(execFile)(process.execPath, child);
  const figures = { ms: rounded(ours), snarkjsMs: rounded(snarkjs), rssMb: Number(stdout) };
  const ratio = `${rounded(ours / snarkjs)} of snarkjs's ${Math.round(snarkjs)} ms`;
  tell(`prove ${statement}`, `${Math.round(ours)} ms, ${ratio}, ${figures.rssMb} MB`);
  return { ...figures, constraints: constraintsOf(statement) };
}

function constraintsOf(statement: Statement): number {
  const sizes = new URL('../circuits/sizes.json', import.meta.url);
  return JSON.parse(readFileSync(sizes, 'utf8'))[statement].constraints;
}

async function benchVerifying() {
  const { proof, publicSignals } = await (await provingOf('consent')).prove();
  const { json } = await loadVerificationKey('consent', POLICY);
  type Given = Parameters<typeof groth16.verify>;
  const wire = [json, [...publicSignals], proof] as unknown as Given;
  const times = await measure(
    {
      snarkjsMs: () => {
        lendToSnarkjs(threaded);
        return groth16.verify(...wire);
      },
      snarkjsInjectedMs: () => {
        lendToSnarkjs(single);
        return groth16.verify(...wire);
      },
      singleMs: () => verifyStatement('consent', publicSignals, proof),
    },
    ROUNDS * VERIFICATIONS_A_ROUND,
  );
  for (const [name, ms] of Object.entries(times)) {
    tell(`verify, ${name}`, `${rounded(ms)}, ${rounded(ms / times.singleMs)} of a single`);
  }
  await benchBatches({ proof, publicSignals });
  return {
    snarkjsMs: rounded(times.snarkjsMs),
    snarkjsInjectedMs: rounded(times.snarkjsInjectedMs),
    singleMs: rounded(times.singleMs),
  };
}

/**
 * Good ones, and a flood of wrong ones: the most that a batch can cost beside its proofs one by
 * one.
 */
async function benchBatches(good: { proof: unknown; publicSignals: readonly string[] }) {
  const wrong = { ...good, publicSignals: good.publicSignals.with(1, '7') };
  for (const count of BATCHES) {
    const batch = (one: typeof good) => () =>
      verifyStatements(
        'consent',
        Array.from({ length: count }, () => one),
        { limitMs: 600_000 },
      );
    const alone = async () => {
      for (let i = 0; i < 10; i += 1) {
        await verifyStatement('consent', good.publicSignals, good.proof);
      }
    };
    const rounds = count > 100 ? 1 : ROUNDS;
    const times = await measure(
      { alone, together: batch(good), flood: batch(wrong) },
      rounds,
      processorMs,
    );
    const singleMs = times.alone / 10;
    for (const [name, ms] of [
      ['good', times.together],
      ['wrong', times.flood],
    ] as const) {
      const perProof = ms / count;
      tell(
        `verify ${count} ${name} ones together`,
        `${rounded(perProof)} ms a proof, ${rounded(perProof / singleMs)} of a single`,
      );
    }
  }
}

async function benchSigning() {
  const oracle = await buildEddsa();
  const seed = new Uint8Array(32).fill(7);
  const [key, message] = [eddsaPublicKey(seed), 123_456_789n << 190n];
  const signature = signEddsa(seed, message);
  const [theirKey, theirMessage] = [oracle.prv2pub(seed), oracle.F.e(message)];
  const theirs = oracle.signPoseidon(seed, theirMessage);
  const times = await measure(
    {
      sign: () => signEddsa(seed, message),
      verify: () => requireEddsa(key, message, signature),
      theirSign: () => oracle.signPoseidon(seed, theirMessage),
      theirVerify: () => oracle.verifyPoseidon(theirMessage, theirs, theirKey),
    },
    ROUNDS * SIGNATURES_A_ROUND,
    processorMs,
  );
  const [signPerSecond, verifySignaturePerSecond] = [1_000 / times.sign, 1_000 / times.verify];
  const timesFaster = (ratio: number) => `${rounded(ratio)} times circomlibjs's`;
  tell('sign', `${Math.round(signPerSecond)}/s, ${timesFaster(times.theirSign / times.sign)}`);
  tell(
    'verify a signature',
    `${Math.round(verifySignaturePerSecond)}/s, ${timesFaster(times.theirVerify / times.verify)}`,
  );
  return {
    signPerSecond: rounded(signPerSecond),
    verifySignaturePerSecond: rounded(verifySignaturePerSecond),
  };
}

const signing = await benchSigning();
const verify = await benchVerifying();
const prove: Partial<Record<Statement, Awaited<ReturnType<typeof benchProving>>>> = {};
for (const statement of STATEMENTS) prove[statement] = await benchProving(statement);
await threaded.terminate();
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ verify, prove, ...signing })}\n`);
}
