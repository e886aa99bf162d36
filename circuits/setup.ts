/** The Groth16 set-up of one circuit: contributions, a beacon, and the checks that it went right. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { getCurveFromName } from 'ffjavascript';
import { powersOfTau, zKey } from 'snarkjs';

/** A beacon hashes its randomness 2^10 times. */
const BEACON_ITERATIONS_EXPONENT = 10;

export type Progress = (line: string) => void;

/** Makes a file under a temporary name, so that a killed run never leaves half of one behind. */
async function makeOnce(
  path: string,
  make: (temporary: string) => Promise<unknown>,
): Promise<string> {
  if (existsSync(path)) return path;
  const temporary = `${path}.tmp`;
  await make(temporary);
  renameSync(temporary, path);
  return path;
}

/**
 * Makes a development powers-of-tau file, which takes minutes: pass --ptau to use another.
 *
 * @param power - it serves circuits of up to 2^power constraints.
 * @returns its path. Whoever ran this could have kept the secrets: never for production.
 */
export async function makePtau(folder: string, power: number, progress: Progress): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const final = join(folder, `development-${power}.ptau`);
  if (existsSync(final)) return final;
  progress('making a development powers-of-tau file: minutes');
  const curve = await getCurveFromName('bn128');
  const at = (step: string) => join(folder, `development-${power}-${step}.ptau`);
  const start = await makeOnce(at('new'), (to) => powersOfTau.newAccumulator(curve, power, to));
  const first = await makeOnce(at('first'), (to) =>
    powersOfTau.contribute(start, to, 'development 1', entropy()),
  );
  const second = await makeOnce(at('second'), (to) =>
    powersOfTau.contribute(first, to, 'development 2', entropy()),
  );
  const beacon = await makeOnce(at('beacon'), (to) =>
    powersOfTau.beacon(second, to, 'development beacon', entropy(), BEACON_ITERATIONS_EXPONENT),
  );
  return makeOnce(final, (to) => powersOfTau.preparePhase2(beacon, to));
}

/**
 * Sets a circuit up: a proving key with two contributions and a beacon, verified against circuit and ptau.
 *
 * @param folder - keeps each step, so that an interrupted run goes on where it stopped.
 * @returns the path of the proving key, and the verification key.
 */
export async function setUp(
  r1cs: string,
  ptau: string,
  folder: string,
  progress: Progress,
): Promise<{ zkey: string; verificationKey: unknown }> {
  mkdirSync(folder, { recursive: true });
  const at = (step: string) => join(folder, `${step}.zkey`);
  progress('phase 2 of the circuit');
  const start = await makeOnce(at('new'), (to) => zKey.newZKey(r1cs, ptau, to));
  progress('two contributions and a beacon');
  const first = await makeOnce(at('first'), (to) =>
    zKey.contribute(start, to, 'development 1', entropy()),
  );
  const second = await makeOnce(at('second'), (to) =>
    zKey.contribute(first, to, 'development 2', entropy()),
  );
  const zkey = await makeOnce(at('beacon'), (to) =>
    zKey.beacon(second, to, 'development beacon', entropy(), BEACON_ITERATIONS_EXPONENT),
  );
  progress('verifying the proving key against circuit and powers of tau');
  if (!(await zKey.verifyFromR1cs(r1cs, ptau, zkey))) throw new Error('zkey verify: refused');
  const verificationKey = await zKey.exportVerificationKey(zkey);
  requireContributed(verificationKey);
  return { zkey, verificationKey };
}

/** A key whose gamma equals its delta had no contribution: with it anybody forges any statement. */
function requireContributed(verificationKey: unknown): void {
  const { vk_gamma_2, vk_delta_2 } = verificationKey as Record<string, unknown>;
  if (JSON.stringify(vk_gamma_2) === JSON.stringify(vk_delta_2)) throw new Error('gamma = delta');
}

function entropy(): string {
  return randomBytes(32).toString('hex');
}
