/**
 * A thread that verifies: it keeps the curve and the keys, and judges what it is asked, one task after
 * another. thread-handle.ts starts it.
 */
import { parentPort } from 'node:worker_threads';
import { DomainError, invariant } from '../../core/errors.js';
import { verifyingCurve } from '../arithmetic/curve.js';
import { requireVerificationKey } from '../verification-key.js';
import { boundTo, type NamedKey, READY, type ThreadAnswer, type ThreadTask } from './messages.js';
import { PACKED_BYTES, unpackProof } from './packed-proof.js';
import { type PairingKey, pairingKeyOf } from './pairing-key.js';
import { judgeProofs } from './verify-batch.js';

const curve = await verifyingCurve();
const keys = new Map<string, PairingKey>();

function answerTo(task: ThreadTask): ThreadAnswer {
  const { id } = task;
  if ('load' in task) return { id, isLoaded: load(task.load) };
  const { keyHash, proofs } = task;
  const key = keys.get(keyHash);
  invariant(key !== undefined, 'a key is loaded before proofs are judged under it');
  const read = Array.from({ length: proofs.length / PACKED_BYTES }, (_, i) =>
    unpackProof(proofs.subarray(i * PACKED_BYTES, (i + 1) * PACKED_BYTES)),
  );
  return { id, bound: boundTo(keyHash, proofs), verdicts: judgeProofs({ curve, key }, read) };
}

/** @returns whether the key can be relied on. */
function load({ sha256, json }: NamedKey): boolean {
  try {
    if (!keys.has(sha256))
      keys.set(sha256, pairingKeyOf(curve, requireVerificationKey(curve, json)));
    return true;
  } catch (thrown) {
    if (thrown instanceof DomainError) return false;
    throw thrown;
  }
}

parentPort?.on('message', (task: ThreadTask) => parentPort?.postMessage(answerTo(task)));
parentPort?.postMessage(READY);
