import { randomBytes } from 'node:crypto';
import { powersOfTau, r1cs as r1csFile, zKey } from 'snarkjs';
import { DomainError, invariant } from '../../core/errors.js';
import { withProvingCurve } from '../arithmetic/curve.js';
import type { BeaconParameters } from './transcript.js';

/**
 * Phase 2 of Groth16 over bytes, by snarkjs. Files are read whole, once, so that what was hashed is what is
 * used.
 */

/** What snarkjs writes into in place of a file. */
interface MemoryFile {
  readonly type: 'mem';
  data?: Uint8Array;
}

/** The published types know files by their paths alone, and verify with other arguments than it takes. */
const verifyPtau = powersOfTau.verify as unknown as (ptau: Uint8Array) => Promise<boolean>;
const readCircuit = r1csFile.info as unknown as (
  r1cs: Uint8Array,
) => Promise<{ readonly nConstraints: number }>;

const ENTROPY_BYTES = 64;
const NO_KEY = -1;

/**
 * The proving key before any contribution: the same bytes for the same circuit and powers of tau, so that
 * anybody can make it again.
 *
 * @throws BAD_INPUT for constraints that are no r1cs file, CEREMONY_PTAU_UNFIT
 */
export async function initialKey(r1cs: Uint8Array, ptau: Uint8Array): Promise<Uint8Array> {
  await countConstraints(r1cs);
  const file: MemoryFile = { type: 'mem' };
  let made: unknown;
  try {
    made = await withProvingCurve(() => zKey.newZKey(r1cs, ptau, file));
  } catch (cause) {
    throw new DomainError('CEREMONY_PTAU_UNFIT', {}, cause);
  }
  // snarkjs does not throw for a file that is too small or not prepared.
  if (made === NO_KEY) throw new DomainError('CEREMONY_PTAU_UNFIT');
  return written(file);
}

/** Multiplies a secret into the key that nobody learns: entropy of this machine, forgotten on return. */
export async function contribute(previous: Uint8Array, name: string): Promise<Uint8Array> {
  const file: MemoryFile = { type: 'mem' };
  const entropy = randomBytes(ENTROPY_BYTES).toString('hex');
  await withProvingCurve(() => zKey.contribute(previous, file, name, entropy));
  return written(file);
}

/** Multiplies in what everybody can compute from public randomness, so that the last one chose nothing. */
export async function applyBeacon(
  previous: Uint8Array,
  name: string,
  { value, iterationsExponent }: BeaconParameters,
): Promise<Uint8Array> {
  const file: MemoryFile = { type: 'mem' };
  await withProvingCurve(() => zKey.beacon(previous, file, name, value, iterationsExponent));
  return written(file);
}

/** Whether a key follows from the initial one by the contributions that it lists. */
export async function isDerived(
  initial: Uint8Array,
  ptau: Uint8Array,
  key: Uint8Array,
): Promise<boolean> {
  try {
    return (await withProvingCurve(() => zKey.verifyFromInit(initial, ptau, key))) === true;
  } catch {
    return false;
  }
}

/** Whether the powers of tau are those of one tau, by pairings: minutes for a large file. */
export async function isPtauSound(ptau: Uint8Array): Promise<boolean> {
  try {
    return (await withProvingCurve(() => verifyPtau(ptau))) === true;
  } catch {
    return false;
  }
}

/** The verification key inside a proving key, in snarkjs's JSON form. */
export function verificationKeyOf(key: Uint8Array): Promise<unknown> {
  return withProvingCurve(() => zKey.exportVerificationKey(key));
}

/** @throws BAD_INPUT for bytes that are no r1cs file. */
export async function countConstraints(r1cs: Uint8Array): Promise<number> {
  try {
    const { nConstraints } = await withProvingCurve(() => readCircuit(r1cs));
    return nConstraints;
  } catch (cause) {
    throw new DomainError('BAD_INPUT', { circuit: 'not an r1cs file' }, cause);
  }
}

function written({ data }: MemoryFile): Uint8Array {
  invariant(data !== undefined && data.length > 0, 'snarkjs wrote a key');
  return data;
}
