/**
 * The thread that verifies, but for the fault that a task's first root asks for. A real thread that
 * fails so cannot be had: it would be a fault of the code under test.
 */
import { parentPort } from 'node:worker_threads';

const FAULTS = {
  1: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  2: () => process.exit(3),
  3: () => {
    throw new Error('a fault in the thread');
  },
  4: () => {
    const kept = [];
    for (;;) kept.push(new Array(1_000_000).fill(kept.length));
  },
  5: ({ id }) => parentPort.postMessage({ id, bound: 'of another', verdicts: ['HOLDS'] }),
  6: ({ id }) => parentPort.postMessage({ id: id + 1, bound: '', verdicts: ['HOLDS'] }),
  7: ({ id }) => parentPort.postMessage({ id, isLoaded: true }),
};

const on = parentPort.on.bind(parentPort);
parentPort.on = (event, listener) =>
  on(event, (task) => {
    const fault = event === 'message' ? FAULTS[rootOf(task)] : undefined;
    if (fault === undefined) listener(task);
    else fault(task);
  });

/** The root is the first of the 32-byte numbers; only a small one asks for a fault. */
function rootOf({ proofs }) {
  return proofs?.subarray(0, 31).every((byte) => byte === 0) ? proofs[31] : undefined;
}

await import('../../../dist/zk/verify/thread.js');
