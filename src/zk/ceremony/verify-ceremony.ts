import { canonicalJson, sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { verifyingCurve } from '../arithmetic/curve.js';
import { requireVerificationKey, type VerificationKey } from '../verification-key.js';
import type { Progress } from './begin.js';
import { BEACON_NAME, MIN_CONTRIBUTORS } from './extend.js';
import { blake2bOf, readBytes, readKey, readTranscript } from './folder.js';
import { contributionsIn, type KeyContribution } from './key-contributions.js';
import { initialKey, isDerived, verificationKeyOf } from './phase-two.js';
import {
  contributorsOf,
  isBeaconApplied,
  passesThrough,
  type Step,
  type Transcript,
} from './transcript.js';

export interface CeremonyEvidence {
  readonly folder: string;
  /** The reader's own copy of the constraints, compiled from the sources. */
  readonly circuit: string;
  /** The reader's own copy of the powers of tau. */
  readonly ptau: string;
  /** A head that somebody published: the transcript must pass through it. */
  readonly head?: string;
}

/** A ceremony of which every step was checked. */
export interface VerifiedCeremony {
  readonly transcript: Transcript;
  /** Two contributions or more, and a beacon. */
  readonly isComplete: boolean;
  /** The key after the last step, and the verification key inside it. */
  readonly key: Uint8Array;
  readonly verificationKey: VerificationKey | undefined;
  readonly r1cs: Uint8Array;
}

/**
 * Verifies a whole ceremony as a stranger does, who trusts nobody that took part: the initial key is made
 * again, every key is derived from it by the contributions that it lists, each key's list is the one before
 * it and one more, and the transcript says the same as the keys.
 *
 * The files alone do not show whether the ceremony was repeated with other people: to detect that,
 * pass a head that a contributor published.
 *
 * @throws CEREMONY_TRANSCRIPT_INVALID, CEREMONY_CIRCUIT_MISMATCH, CEREMONY_PTAU_MISMATCH,
 * CEREMONY_FILE_CHANGED, CEREMONY_KEY_INVALID, CEREMONY_HEAD_UNKNOWN, ARTIFACT_MISMATCH (gamma = delta),
 * FILE_UNREADABLE; `step` says where.
 */
export async function verifyCeremony(
  { folder, circuit, ptau: ptauPath, head }: CeremonyEvidence,
  progress: Progress,
): Promise<VerifiedCeremony> {
  const transcript = await readTranscript(folder);
  const { opening, steps } = transcript;
  if (head !== undefined && !passesThrough(transcript, head)) {
    throw new DomainError('CEREMONY_HEAD_UNKNOWN');
  }
  const r1cs = await readBytes(circuit);
  if (sha256Hex(r1cs) !== opening.circuit.r1csSha256) {
    throw new DomainError('CEREMONY_CIRCUIT_MISMATCH');
  }
  const ptau = await readBytes(ptauPath);
  if (blake2bOf(ptau) !== opening.ptau.blake2b) throw new DomainError('CEREMONY_PTAU_MISMATCH');
  progress('making the initial key again');
  const initial = await initialKey(r1cs, ptau);
  if (sha256Hex(initial) !== opening.initialSha256) {
    throw new DomainError('CEREMONY_KEY_INVALID', { step: 0 });
  }
  let key = await readKey(folder, 0, opening.initialSha256);
  let before: readonly KeyContribution[] = [];
  for (const [position, { step }] of steps.entries()) {
    const number = position + 1;
    progress(`step ${number} of ${steps.length}: ${nameOf(step)}`);
    key = await readKey(folder, number, step.sha256);
    before = await requireStep(number, step, key, before);
    // After the transcript: a list of contributions that it does not bound could keep this busy for ever.
    if (!(await isDerived(initial, ptau, key))) {
      throw new DomainError('CEREMONY_KEY_INVALID', { step: number });
    }
  }
  const isComplete =
    isBeaconApplied(transcript) && contributorsOf(transcript).length >= MIN_CONTRIBUTORS;
  const verificationKey = steps.length === 0 ? undefined : await soundKeyOf(key);
  return { transcript, isComplete, key, verificationKey, r1cs };
}

/** gamma = delta, a point out of place, another count of public signals: as at load. */
async function soundKeyOf(key: Uint8Array): Promise<VerificationKey> {
  return requireVerificationKey(await verifyingCurve(), await verificationKeyOf(key));
}

/** Requires that the key lists what the key before it lists, and then what the transcript says. */
async function requireStep(
  number: number,
  step: Step,
  key: Uint8Array,
  before: readonly KeyContribution[],
): Promise<readonly KeyContribution[]> {
  const listed = await contributionsIn(key, number);
  const last = listed.at(-1);
  const extended = before.every((one, i) => areEqual(one.record, listed[i]?.record));
  if (listed.length !== number || last === undefined || !extended) {
    throw new DomainError('CEREMONY_TRANSCRIPT_INVALID', { step: number });
  }
  const { record: _, ...said } = last;
  const { sha256: __, ...written } = step;
  const expected = { ...written, name: nameOf(step) };
  const found = step.kind === 'beacon' ? said : withoutBeacon(said);
  if (canonicalJson(found) !== canonicalJson(expected)) {
    throw new DomainError('CEREMONY_TRANSCRIPT_INVALID', { step: number });
  }
  return listed;
}

function withoutBeacon({ kind, name, contributionHash }: Omit<KeyContribution, 'record'>) {
  return { kind, name, contributionHash };
}

function nameOf(step: Step): string {
  return step.kind === 'beacon' ? BEACON_NAME : step.name;
}

function areEqual(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}
