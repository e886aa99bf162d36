import { buildBn128, type Curve } from 'ffjavascript';

/**
 * The curve objects: one that verification computes with, one behind snarkjs, which takes whatever
 * globalThis.curve_bn128 holds.
 *
 * Building one takes 0.4 s and ending one 0.9 s, so verification keeps a single-threaded one for as long
 * as the process lives. Proving takes one with worker threads, so that the process goes on answering; it
 * ends when nothing was proven for a while, because its threads would keep the process from ending.
 */
declare global {
  var curve_bn128: Curve | null | undefined;
}

/** Idle time after which the proving threads end, in milliseconds. */
const PROVING_IDLE_MS = 3_000;

let verifying: Promise<Curve> | undefined;
let proving: Promise<Curve> | undefined;
let provers = 0;
let idle: ReturnType<typeof setTimeout> | undefined;

/** The single-threaded curve, one for the life of the process. */
export function verifyingCurve(): Promise<Curve> {
  verifying ??= buildBn128(true);
  return verifying;
}

/**
 * Makes snarkjs use this curve in the call that follows at once.
 *
 * snarkjs.groth16.verify, the tests' reference, reads the global before it first yields, so nothing can come between. (An
 * import of another copy of ffjavascript resets the global; hence before each call, not once.)
 */
export function lendToSnarkjs(curve: Curve): void {
  globalThis.curve_bn128 = curve;
}

/**
 * Runs a proof with the threaded curve lent to snarkjs. Should somebody lend another meanwhile, the
 * proof is slower and no less right.
 */
export async function withProvingCurve<T>(prove: () => Promise<T>): Promise<T> {
  clearTimeout(idle);
  provers += 1;
  try {
    lendToSnarkjs(await threadedCurve());
    return await prove();
  } finally {
    provers -= 1;
    if (provers === 0) idle = setTimeout(endThreads, PROVING_IDLE_MS);
  }
}

function threadedCurve(): Promise<Curve> {
  // buildBn128 answers with the global if it is set: without this it would be the verifier's.
  if (proving === undefined) {
    globalThis.curve_bn128 = null;
    proving = buildBn128(false);
  }
  return proving;
}

async function endThreads(): Promise<void> {
  const ended = await proving;
  if (provers > 0) return;
  proving = undefined;
  await ended?.terminate();
}
