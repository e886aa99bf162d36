import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import type { ProvenStatement } from '../../zk/prove.js';
import type { AccreditationWitness, ConsentWitness } from '../../zk/witness.js';
import { endWithThisProcess } from '../process/child.js';

/** One statement to prove. Structured cloning between the processes supports its bigints. */
export type ProvingTask =
  | { readonly statement: 'consent'; readonly witness: ConsentWitness }
  | { readonly statement: 'accreditation'; readonly witness: AccreditationWitness };

export type ProvingResult = { readonly proven: ProvenStatement } | { readonly code: ErrorCode };

const WORKER = fileURLToPath(new URL('./prove-worker.js', import.meta.url));

export interface ProvingOptions {
  readonly onProven?: (() => void) | undefined;
  /** Ends the proving at once. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Proves statements, one after another, in a separate process: proving takes 250 MB and both cores
 * for seconds, and the memory is freed only when the process ends.
 *
 * @throws DomainError as zk's prove does; SOURCE_FAILED if the process ended by itself.
 */
export async function proveApart(
  tasks: readonly ProvingTask[],
  { onProven = () => undefined, stop }: ProvingOptions = {},
): Promise<readonly ProvenStatement[]> {
  stop?.throwIfAborted();
  const worker = fork(WORKER, { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  endWithThisProcess(worker);
  const kill = () => worker.kill('SIGKILL');
  stop?.addEventListener('abort', kill, { once: true });
  try {
    const proven: ProvenStatement[] = [];
    for (const task of tasks) {
      const result = await ask(worker, task);
      if (!('proven' in result)) throw new DomainError(result.code, { part: 'prover' });
      proven.push(result.proven);
      onProven();
    }
    return proven;
  } finally {
    stop?.removeEventListener('abort', kill);
    worker.kill();
  }
}

/** @throws DomainError SOURCE_FAILED if the worker ends before it answers. */
async function ask(worker: ChildProcess, task: ProvingTask): Promise<ProvingResult> {
  const answered = new AbortController();
  const { signal } = answered;
  const answer = once(worker, 'message', { signal }).then(([message]) => message as ProvingResult);
  const ended = once(worker, 'exit', { signal }).then(() => {
    throw new DomainError('SOURCE_FAILED', { part: 'prover' });
  });
  worker.send(task);
  try {
    return await Promise.race([answer, ended]);
  } finally {
    answered.abort();
  }
}
