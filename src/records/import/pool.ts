import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DomainError } from '../../core/errors.js';
import type { Origin } from './bundle.js';
import { type NumberedLine, type Prepared, prepareLines } from './prepare.js';
import { fhirValidator } from './validate.js';
import type { LinesTask } from './worker.js';

/** Validates and parses lines, in this thread or in others; calls are independent. */
export interface Preparer {
  prepare(origin: Origin, lines: readonly NumberedLine[]): Promise<Prepared>;
  /** Concurrent calls that keep every core busy; 0 if only the caller's thread works. */
  readonly width: number;
  close(): Promise<void>;
}

/** Maximum number of threads: each holds HL7's definitions in memory. */
const MAX_THREADS = 64;

/** Batches queued per thread, so that it never waits for the thread that stores. */
const BATCHES_PER_THREAD = 2;

/** V8 delays garbage collection while there is room; a thread needs a third of this. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 512 };

/**
 * Number of threads that keeps this machine busy. One core is left for storing, which is half of
 * the work.
 */
export function defaultThreads(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** Works in the calling thread: a thread takes longer to start than a small file to validate. */
export function preparerHere(): Preparer {
  return {
    prepare: async (origin, lines) => prepareLines(lines, await fhirValidator(), origin),
    width: 0,
    close: async () => undefined,
  };
}

/** Works in that many threads, so that the calling thread only stores. */
export function preparerInThreads(threads: number): Preparer {
  const pool = Array.from({ length: Math.min(threads, MAX_THREADS) }, startThread);
  return {
    prepare(origin, lines) {
      const [idlest] = pool.toSorted((a, b) => a.waiting() - b.waiting());
      return (idlest ?? startThread()).run({ origin, lines });
    },
    width: pool.length * BATCHES_PER_THREAD,
    close: async () => void (await Promise.all(pool.map((thread) => thread.end()))),
  };
}

// A thread can only run JavaScript, so the built file is used even when running from sources.
const FOLDER = import.meta.url.endsWith('.ts') ? '../../../dist/records/import/' : './';
const WORKER = new URL(`${FOLDER}worker.js`, import.meta.url);

interface Asked {
  resolve(prepared: Prepared): void;
  reject(reason: unknown): void;
}

/** A thread answers in the order of the requests. */
function startThread() {
  const worker = new Worker(WORKER, { resourceLimits: THREAD_LIMITS });
  const asked: Asked[] = [];
  let ended: DomainError | undefined;
  function fail(cause?: unknown) {
    ended ??= new DomainError('SOURCE_FAILED', { part: 'validator' }, cause);
    for (const { reject } of asked.splice(0)) reject(ended);
  }
  worker.on('message', (prepared: Prepared) => asked.shift()?.resolve(prepared));
  worker.on('error', fail);
  worker.on('exit', () => fail());
  return {
    waiting: () => asked.length,
    run: (task: LinesTask) =>
      new Promise<Prepared>((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        asked.push({ resolve, reject });
        worker.postMessage(task);
      }),
    end: () => worker.terminate(),
  };
}
