import { sha256Hex } from '../../core/canonical.js';
import { DomainError, invariant } from '../../core/errors.js';
import type { Progress } from './begin.js';
import { keyPath, readKey, readTranscript, writeTranscript, writeWhole } from './folder.js';
import { contributionsIn } from './key-contributions.js';
import { applyBeacon, contribute } from './phase-two.js';
import {
  type BeaconParameters,
  beaconParameters,
  contributorName,
  contributorsOf,
  isBeaconApplied,
  lastHead,
  type Step,
  type Transcript,
  withStep,
} from './transcript.js';

/** Fewer and one institution alone would hold the secret. */
export const MIN_CONTRIBUTORS = 2;
/** The name under which a beacon stands in the key. */
export const BEACON_NAME = 'beacon';

/**
 * Adds one institution's contribution. Its secret comes from this machine's randomness and is forgotten.
 *
 * Whether the ceremony so far is right is for verifyCeremony to say, which a contributor runs before.
 *
 * @throws BAD_INPUT for a name, CEREMONY_NAME_TAKEN, CEREMONY_OUT_OF_ORDER after the beacon,
 * CEREMONY_FILE_CHANGED, STATE_UNWRITABLE; the ceremony is then as it was.
 */
export async function addContribution(
  folder: string,
  name: string,
  progress: Progress,
): Promise<Transcript> {
  if (!contributorName.safeParse(name).success) {
    throw new DomainError('BAD_INPUT', { name: '1 to 40 letters, digits, spaces and marks' });
  }
  const transcript = await readTranscript(folder);
  if (contributorsOf(transcript).includes(name)) throw new DomainError('CEREMONY_NAME_TAKEN');
  const previous = await lastKey(folder, transcript);
  progress(`contributing as ${name}`);
  const key = await contribute(previous, name);
  return await commit(folder, transcript, key, (made) => ({ kind: 'contribution', name, ...made }));
}

/**
 * Closes the ceremony with public randomness that nobody could know when the last one contributed.
 *
 * @throws BAD_INPUT, CEREMONY_OUT_OF_ORDER for fewer than two contributions or a second beacon,
 * CEREMONY_FILE_CHANGED, STATE_UNWRITABLE
 */
export async function addBeacon(
  folder: string,
  given: BeaconParameters,
  progress: Progress,
): Promise<Transcript> {
  const parsed = beaconParameters.safeParse(given);
  if (!parsed.success) {
    throw new DomainError('BAD_INPUT', { value: '32 to 64 bytes as hex', iterations: '10 to 24' });
  }
  const transcript = await readTranscript(folder);
  const contributions = contributorsOf(transcript).length;
  if (contributions < MIN_CONTRIBUTORS) {
    throw new DomainError('CEREMONY_OUT_OF_ORDER', { contributions, least: MIN_CONTRIBUTORS });
  }
  const previous = await lastKey(folder, transcript);
  progress(`applying the beacon, 2^${parsed.data.iterationsExponent} hashes`);
  const key = await applyBeacon(previous, BEACON_NAME, parsed.data);
  return await commit(folder, transcript, key, (made) => ({
    kind: 'beacon',
    ...parsed.data,
    ...made,
  }));
}

async function lastKey(folder: string, transcript: Transcript): Promise<Uint8Array> {
  if (isBeaconApplied(transcript)) throw new DomainError('CEREMONY_OUT_OF_ORDER', { beacon: true });
  const { opening, steps } = transcript;
  return await readKey(folder, steps.length, steps.at(-1)?.step.sha256 ?? opening.initialSha256);
}

async function commit(
  folder: string,
  transcript: Transcript,
  key: Uint8Array,
  stepOf: (made: Pick<Step, 'sha256' | 'contributionHash'>) => Step,
): Promise<Transcript> {
  const number = transcript.steps.length + 1;
  const made = (await contributionsIn(key, number)).at(-1);
  invariant(made !== undefined, 'a key lists the contribution just made');
  const { contributionHash } = made;
  const longer = withStep(transcript, stepOf({ sha256: sha256Hex(key), contributionHash }));
  // Somebody else's step, made meanwhile in the same folder, would be lost.
  if (lastHead(await readTranscript(folder)) !== lastHead(transcript)) {
    throw new DomainError('CEREMONY_OUT_OF_ORDER', { step: number });
  }
  await writeWhole(keyPath(folder, number), key);
  await writeTranscript(folder, longer);
  return longer;
}
