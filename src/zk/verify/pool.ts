import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { FairQueue, type Path } from '../../core/fair/fair-queue.js';
import type { NamedKey } from './messages.js';
import {
  Presentation,
  type ProofDecision,
  type Slice,
  type UndecidedCode,
} from './presentation.js';
import { Standings } from './standing.js';
import { type ThreadOptions, VerifyingThread } from './thread-handle.js';

/** What may wait for a pool. */
export interface WaitingLimits {
  /** Proofs of all callers: a minute of one core's work. */
  readonly proofs: number;
  /** Proofs of one caller. */
  readonly proofsOfCaller: number;
  /** Presentations of one caller. */
  readonly presentationsOfCaller: number;
}

/** How a pool works; what is absent is as a node has it. */
export interface PoolOptions extends Partial<ThreadOptions> {
  /** Threads at most. */
  readonly threads?: number;
  readonly limits?: WaitingLimits;
  /** Milliseconds until a further thread is started, after one that failed to start. */
  readonly growAgainMs?: number;
}

/** What a pool says of itself. */
export interface PoolHealth {
  readonly threads: number;
  /** Proofs that no thread was given yet. */
  readonly waiting: number;
  /** Threads that ended by a fault, since the start. */
  readonly failed: number;
}

/** Who shows proofs and how long they may take. */
export interface JudgingOptions {
  /** Whose turns they take: a gateway and a holder, for example. */
  readonly caller: Path;
  /**
   * Whether the caller is who it says, by a token for example. What a name showed counts for it only then: anybody can
   * say another's name.
   */
  readonly isProven?: boolean;
  /** Milliseconds, with the wait for others included. */
  readonly limitMs: number;
}

// A thread starts on JavaScript alone: from the sources too it is the built one.
const FOLDER = import.meta.url.endsWith('.ts') ? '../../../dist/zk/verify/' : './';
const SCRIPT = new URL(`${FOLDER}thread.js`, import.meta.url);

/** Each holds a curve and a heap, 35 MB together. One core is left for the rest of the process. */
const MAX_THREADS = 4;
const THREADS = Math.max(1, Math.min(MAX_THREADS, availableParallelism() - 1));
/** A slice takes 0.2 s at most on a core of its own. */
const HANG_MS = 15_000;
/** What kept a thread from beginning, a lack of memory for example, seldom passes within seconds. */
const GROW_AGAIN_MS = 30_000;
const LIMITS: WaitingLimits = {
  proofs: 8_000,
  proofsOfCaller: 4_000,
  presentationsOfCaller: 64,
};

/**
 * Threads that verify proofs, and what waits for them.
 *
 * Callers take turns, in slices of a presentation: proofs of two callers are never in one slice, so
 * that a wrong one costs its own sender alone. A thread that dies, hangs or answers what it was not
 * asked is replaced, and the proofs that it had are told as VERIFIER_FAILED.
 */
export class VerifyingPool {
  readonly #options: Required<PoolOptions>;
  readonly #queue = new FairQueue<Presentation>();
  readonly #standings = new Standings();
  readonly #threads = new Set<VerifyingThread>();
  readonly #busy = new Set<VerifyingThread>();
  #starting: VerifyingThread | undefined;
  #failed = 0;
  #lastFault: unknown;
  /** By performance.now(). */
  #growsFromMs = 0;
  #isClosed = false;

  constructor(options: PoolOptions = {}) {
    this.#options = {
      threads: THREADS,
      script: SCRIPT,
      hangMs: HANG_MS,
      limits: LIMITS,
      growAgainMs: GROW_AGAIN_MS,
      ...options,
    };
  }

  get health(): PoolHealth {
    const { weight: waiting } = this.#queue;
    return { threads: this.#threads.size, waiting, failed: this.#failed };
  }

  /** Why a thread was given up last. */
  get lastFault(): unknown {
    return this.#lastFault;
  }

  /** The threads as Node has them, for a test that ends one. */
  get workers(): readonly Worker[] {
    return [...this.#threads].map(({ worker }) => worker);
  }

  /** Whether a verification key can be relied on; starts the first thread. @throws VERIFIER_FAILED */
  async load(key: NamedKey): Promise<boolean> {
    const [thread = this.#start()] = this.#threads;
    await thread.ready;
    return thread.load(key);
  }

  /**
   * Judges packed proofs under a key that was loaded.
   *
   * @returns in the order shown. RATE_LIMITED for those that there was no room for.
   */
  async judge(
    key: NamedKey,
    proofs: readonly Uint8Array[],
    { caller, isProven = false, limitMs }: JudgingOptions,
  ): Promise<readonly ProofDecision[]> {
    if (proofs.length === 0) return [];
    const name = isProven ? nameOf(caller) : undefined;
    const tier = this.#standings.isTrusted(name) ? 'trusted' : 'new';
    const where = { path: [tier, ...caller], name, endsMs: performance.now() + limitMs };
    const presentation = new Presentation(key, where, proofs);
    const refusal = this.#refusalOf(presentation);
    if (refusal !== undefined) return proofs.map(() => refusal);
    this.#queue.add(presentation.path, presentation, presentation.waiting);
    const timer = setTimeout(() => this.#giveUp(presentation, 'VERIFYING_TIMEOUT'), limitMs);
    this.#dispatch();
    try {
      return await presentation.settled;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all threads. What waits is told as VERIFIER_FAILED. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failWaiting();
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #refusalOf(presentation: Presentation): UndecidedCode | undefined {
    if (this.#isClosed) return 'VERIFIER_FAILED';
    return this.#makeRoom(presentation) ? undefined : 'RATE_LIMITED';
  }

  #makeRoom({ path, waiting }: Presentation): boolean {
    const { limits } = this.#options;
    const own = this.#queue.under(path);
    const ownProofs = own.reduce((sum, one) => sum + one.waiting, waiting);
    if (own.length >= limits.presentationsOfCaller || ownProofs > limits.proofsOfCaller) {
      return false;
    }
    while (this.#queue.weight + waiting > limits.proofs) {
      const heaviest = this.#queue.heaviestBeside(path, waiting);
      if (heaviest === undefined) return false;
      this.#giveUp(heaviest, 'RATE_LIMITED');
    }
    return true;
  }

  #giveUp(presentation: Presentation, code: UndecidedCode): void {
    if (presentation.waiting === 0) return;
    this.#queue.remove(presentation.path, presentation, presentation.waiting);
    presentation.giveUp(code);
  }

  #failWaiting(): void {
    for (let one = this.#queue.next(); one !== undefined; one = this.#queue.next()) {
      this.#giveUp(one, 'VERIFIER_FAILED');
    }
  }

  /** Gives every idle thread the slice whose turn it is, and starts another if more waits. */
  #dispatch(): void {
    for (const thread of this.#threads) {
      if (!thread.isIdle || this.#busy.has(thread)) continue;
      const presentation = this.#nextInTime();
      if (presentation === undefined) return;
      void this.#judgeSlice(thread, presentation);
    }
    const { size } = this.#threads;
    const mayStart =
      size < this.#options.threads && (size === 0 || performance.now() >= this.#growsFromMs);
    if (mayStart && this.#starting === undefined && this.#queue.weight > 0) this.#start();
  }

  /** A timer may be late on a busy process: what it should have ended takes no thread's time. */
  #nextInTime(): Presentation | undefined {
    for (let one = this.#queue.next(); one !== undefined; one = this.#queue.next()) {
      if (performance.now() < one.endsMs) return one;
      this.#giveUp(one, 'VERIFYING_TIMEOUT');
    }
    return undefined;
  }

  async #judgeSlice(thread: VerifyingThread, presentation: Presentation): Promise<void> {
    const { key, path, name } = presentation;
    const slice = presentation.take(this.#standings.sliceOf(name));
    if (presentation.waiting === 0) this.#queue.remove(path, presentation, slice.count);
    else this.#queue.lighten(path, slice.count);
    this.#busy.add(thread);
    const verdicts = await thread.judge(key, slice.proofs).catch((fault: unknown) => {
      this.#lastFault = fault;
      return undefined;
    });
    this.#busy.delete(thread);
    if (verdicts !== undefined) {
      this.#standings.note(
        name,
        verdicts.every((verdict) => verdict === 'HOLDS'),
      );
    }
    decide(presentation, slice, verdicts);
    this.#dispatch();
  }

  #start(): VerifyingThread {
    const thread = new VerifyingThread(this.#options, (ended) => this.#replace(ended));
    this.#threads.add(thread);
    this.#starting = thread;
    const isReady = () => {
      if (this.#starting === thread) this.#starting = undefined;
      this.#dispatch();
    };
    thread.ready.then(isReady, () => undefined);
    return thread;
  }

  /**
   * What waits starts another; unless it never began: then what no other can judge
   * fails at once, and the next is started after a pause.
   */
  #replace(ended: VerifyingThread): void {
    this.#threads.delete(ended);
    if (this.#isClosed) return;
    this.#failed += 1;
    if (this.#starting !== ended) {
      this.#dispatch();
      return;
    }
    this.#starting = undefined;
    this.#growsFromMs = performance.now() + this.#options.growAgainMs;
    if (this.#threads.size === 0) this.#failWaiting();
  }
}

function nameOf(caller: Path): string {
  return caller.join('\n');
}

function decide(
  presentation: Presentation,
  slice: Slice,
  verdicts: readonly ProofDecision[] | undefined,
): void {
  presentation.decide(slice, (place) => verdicts?.[place] ?? 'VERIFIER_FAILED');
}
