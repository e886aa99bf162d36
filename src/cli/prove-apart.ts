import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ErrorCode } from '../core/error-codes.js';
import { DomainError } from '../core/errors.js';
import type { ProvenStatement } from '../zk/prove.js';
import type { AccreditationWitness, ConsentWitness } from '../zk/witness.js';

/** One statement to prove; bigints and all, as the process boundary clones them. */
export type ProvingTask =
  | { readonly statement: 'consent'; readonly witness: ConsentWitness }
  | { readonly statement: 'accreditation'; readonly witness: AccreditationWitness };

export type ProvingResult = { readonly proven: ProvenStatement } | { readonly code: ErrorCode };

const WORKER = fileURLToPath(new URL('./prove-worker.js', import.meta.url));

/**
 * Proves statements, one after another, in a process of their own: proving holds 250 MB and both
 * cores for seconds, and gives the memory back only with the process.
 *
 * @throws DomainError as zk's prove does; SOURCE_FAILED if the process ended by itself.
 */
export async function proveApart(
  tasks: readonly ProvingTask[],
  onProven: () => void = () => undefined,
): Promise<readonly ProvenStatement[]> {
  const worker = fork(WORKER, { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  try {
    const proven: ProvenStatement[] = [];
    for (const task of tasks) {
      const result = await new Promise<ProvingResult>((resolve, reject) => {
        worker.once('message', (message) => resolve(message as ProvingResult));
        worker.once('exit', () => reject(new DomainError('SOURCE_FAILED', { part: 'prover' })));
        worker.send(task);
      });
      worker.removeAllListeners();
      if (!('proven' in result)) throw new DomainError(result.code, { part: 'prover' });
      proven.push(result.proven);
      onProven();
    }
    return proven;
  } finally {
    worker.kill();
  }
}
