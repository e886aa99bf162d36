import { basename } from 'node:path';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import {
  blake2bOf,
  keyPath,
  makeCeremonyFolder,
  readBytes,
  writeTranscript,
  writeWhole,
} from './folder.js';
import { initialKey, isPtauSound } from './phase-two.js';
import { circuitName, openTranscript, type Transcript } from './transcript.js';

/** Says what is being done: each line is one part of it. */
export type Progress = (line: string) => void;

export interface CeremonyPlan {
  /** A new or empty folder. */
  readonly folder: string;
  /** The path of NAME.r1cs; NAME is the statement. */
  readonly circuit: string;
  /** The path of a prepared powers-of-tau file of a public ceremony, below 2 GiB. */
  readonly ptau: string;
  /** The BLAKE2b-512 that the public ceremony published for it, as hex. */
  readonly ptauBlake2b: string;
  /** Whether to check the powers themselves too, by pairings. */
  readonly checkPtau: boolean;
}

/**
 * Begins a ceremony: checks the powers of tau against their published hash and makes the initial key.
 *
 * @throws CEREMONY_EXISTS, CEREMONY_PTAU_MISMATCH, CEREMONY_PTAU_UNFIT, FILE_UNREADABLE, BAD_INPUT,
 * STATE_UNWRITABLE; the folder then holds no transcript.
 */
export async function beginCeremony(plan: CeremonyPlan, progress: Progress): Promise<Transcript> {
  const name = circuitName.safeParse(basename(plan.circuit, '.r1cs'));
  if (!name.success) throw new DomainError('BAD_INPUT', { circuit: 'named in a-z, 0-9 and -' });
  const [r1cs, ptau] = [await readBytes(plan.circuit), await readBytes(plan.ptau)];
  progress('checking the powers of tau against their hash');
  const blake2b = blake2bOf(ptau);
  if (blake2b !== plan.ptauBlake2b.toLowerCase()) throw new DomainError('CEREMONY_PTAU_MISMATCH');
  if (plan.checkPtau) {
    progress('checking the powers of tau themselves');
    if (!(await isPtauSound(ptau))) throw new DomainError('CEREMONY_PTAU_UNFIT');
  }
  progress('making the initial key');
  const key = await initialKey(r1cs, ptau);
  await makeCeremonyFolder(plan.folder);
  const initialSha256 = await writeWhole(keyPath(plan.folder, 0), key);
  const transcript = openTranscript({
    format: 'assent-ceremony-1',
    circuit: { name: name.data, r1csSha256: sha256Hex(r1cs) },
    ptau: { blake2b },
    initialSha256,
  });
  await writeTranscript(plan.folder, transcript);
  return transcript;
}
