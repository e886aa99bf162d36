import { Worker } from 'node:worker_threads';
import { DomainError } from '../../core/errors.js';
import { boundTo, type NamedKey, READY, type ThreadAnswer, type ThreadTask } from './messages.js';
import { PACKED_BYTES } from './packed-proof.js';
import type { ProofVerdict } from './verify-batch.js';

/** How a thread is started and how long it is waited for. */
export interface ThreadOptions {
  /** The script that runs in it. */
  readonly script: URL;
  /** A thread that has not answered a task for so long is taken to hang, milliseconds. */
  readonly hangMs: number;
}

/** JavaScript's heap in a thread, MB: it keeps keys, and the proofs of one slice. */
const HEAP_MB = 64;
/** Ticks of a watch: while the whole process is stopped none passes. */
const TICKS = 10;
/** Starting builds the curve: a second, and more on a busy machine. */
const START_MS = 60_000;

/**
 * ffjavascript's web-worker takes every thread for one of its own, and runs the script that it finds
 * in `mod`: an empty one.
 */
const WORKER_DATA = { mod: 'data:text/javascript,' };

interface Asked {
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (reason: DomainError) => void;
}

/**
 * A thread that verifies. Whatever it answers that is not an answer to the task asked ends it, as
 * do a fault of its own and a silence of `hangMs`: its tasks then fail with VERIFIER_FAILED.
 */
export class VerifyingThread {
  readonly worker: Worker;
  /** Settles when it can be asked. Rejects with VERIFIER_FAILED. */
  readonly ready: Promise<void>;
  readonly #loaded = new Set<string>();
  readonly #asked = new Map<number, Asked>();
  readonly #options: ThreadOptions;
  #lastId = 0;
  #ended: DomainError | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  /** @param onEnd - told once, when it has ended for whatever reason. */
  constructor(options: ThreadOptions, onEnd: (thread: VerifyingThread) => void) {
    this.#options = options;
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB };
    this.worker = new Worker(options.script, { workerData: WORKER_DATA, resourceLimits });
    this.ready = new Promise((resolve, reject) => {
      this.#asked.set(0, { resolve: () => resolve(), reject });
    });
    this.ready.catch(() => undefined);
    this.#watchFor(START_MS);
    this.worker.on('message', (answer: unknown) => this.#take(answer));
    this.worker.on('error', (cause) => this.#fail(cause));
    this.worker.on('exit', () => {
      this.#fail(undefined);
      onEnd(this);
    });
  }

  /** Whether nothing is asked of it. */
  get isIdle(): boolean {
    return this.#asked.size === 0 && this.#ended === undefined;
  }

  /** Whether it checked that key, and keeps it. @throws DomainError VERIFIER_FAILED */
  async load(key: NamedKey): Promise<boolean> {
    if (this.#loaded.has(key.sha256)) return true;
    const answer = await this.#ask((id) => ({ id, load: key }));
    if (!('isLoaded' in answer)) throw this.#lie();
    if (answer.isLoaded) this.#loaded.add(key.sha256);
    return answer.isLoaded;
  }

  /**
   * Judges packed proofs, one after another in `proofs`.
   *
   * @throws DomainError VERIFIER_FAILED, also for an answer that belongs to anything else.
   */
  async judge(key: NamedKey, proofs: Uint8Array): Promise<readonly ProofVerdict[]> {
    if (!(await this.load(key))) throw this.#lie();
    const bound = boundTo(key.sha256, proofs);
    const answer = await this.#ask((id) => ({ id, keyHash: key.sha256, proofs }));
    if (!('verdicts' in answer) || answer.bound !== bound) throw this.#lie();
    if (answer.verdicts.length !== proofs.length / PACKED_BYTES) throw this.#lie();
    return answer.verdicts;
  }

  /** Ends it. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  #ask(taskOf: (id: number) => ThreadTask): Promise<ThreadAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#watchFor(this.#options.hangMs);
      this.worker.postMessage(taskOf(id));
    });
  }

  #take(answer: unknown): void {
    const told = answer === READY ? { id: 0, isLoaded: true } : (answer as ThreadAnswer);
    const asked = this.#asked.get(told.id);
    if (asked === undefined) return void this.#lie();
    this.#asked.delete(told.id);
    if (this.#asked.size === 0) this.#rest();
    asked.resolve(told);
  }

  /** Ends a thread whose answers cannot be relied on. */
  #lie(): DomainError {
    this.#fail(undefined);
    return new DomainError('VERIFIER_FAILED');
  }

  #fail(cause: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = new DomainError('VERIFIER_FAILED', {}, cause);
    this.#rest();
    for (const { reject } of this.#asked.values()) reject(this.#ended);
    this.#asked.clear();
    void this.worker.terminate();
  }

  /** Keeps the process alive and counts ticks until all is answered. */
  #watchFor(limitMs: number): void {
    this.#rest();
    this.worker.ref();
    let ticks = 0;
    this.#watch = setInterval(() => {
      ticks += 1;
      if (ticks > TICKS) this.#fail(undefined);
    }, limitMs / TICKS);
  }

  #rest(): void {
    clearInterval(this.#watch);
    this.worker.unref();
  }
}
