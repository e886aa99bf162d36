import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { powersOfTau } from 'snarkjs';
import { compileCircuit } from '../../../circuits/compile.js';
import { verifyingCurve } from '../../../src/zk/arithmetic/curve.js';
import { blake2bOf } from '../../../src/zk/ceremony/folder.js';

/** Six public signals as every statement has, and as little behind them as there can be. */
function tinySource(factor: number): string {
  return `pragma circom 2.2.0;
template Tiny() {
  signal input root; signal input nym; signal input handle;
  signal input request; signal input asOf; signal input holder;
  signal input secret;
  root === secret * secret;
  nym === secret * ${factor} + root;
  signal square <== holder * holder;
  signal product <== handle * request;
  asOf === product + square;
}
component main {public [root, nym, handle, request, asOf, holder]} = Tiny();
`;
}

export const TINY_INPUTS = {
  root: 25,
  nym: 40,
  handle: 2,
  request: 3,
  asOf: 55,
  holder: 7,
  secret: 5,
};

/** 2^5 constraints: making the powers of tau takes about a second. */
const POWER = 5;

export interface SmallCeremony {
  readonly folder: string;
  readonly circuit: string;
  readonly wasm: string;
  /** Other constraints of the same shape. */
  readonly otherCircuit: string;
  readonly ptau: string;
  readonly ptauBlake2b: string;
  readonly otherPtau: string;
}

/** What a ceremony begins from: a tiny circuit and powers of tau, made here, and another of each. */
export async function makeSmallCeremony(): Promise<SmallCeremony> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-ceremony-'));
  const [{ r1cs, wasm }, other] = await Promise.all([
    compileTiny(join(folder, 'tiny'), 3),
    compileTiny(join(folder, 'other'), 4),
  ]);
  const ptau = await makePtau(folder, 'first');
  const otherPtau = await makePtau(folder, 'second');
  const ptauBlake2b = blake2bOf(await readFile(ptau));
  return { folder, circuit: r1cs, wasm, otherCircuit: other.r1cs, ptau, ptauBlake2b, otherPtau };
}

async function compileTiny(folder: string, factor: number) {
  await mkdir(folder, { recursive: true });
  const source = join(folder, 'tiny.circom');
  await writeFile(source, tinySource(factor));
  return compileCircuit(source, folder);
}

async function makePtau(folder: string, name: string): Promise<string> {
  const curve = await verifyingCurve();
  const at = (step: string) => join(folder, `${name}-${step}.ptau`);
  globalThis.curve_bn128 = curve;
  await powersOfTau.newAccumulator(curve, POWER, at('new'));
  await powersOfTau.contribute(at('new'), at('made'), name, name);
  await powersOfTau.preparePhase2(at('made'), at('final'));
  return at('final');
}
