import { createHash } from 'node:crypto';
import type { ProofVerdict } from './verify-batch.js';

/** A verification key as its file has it, and the SHA-256 of that file as hex. */
export interface NamedKey {
  readonly sha256: string;
  readonly json: unknown;
}

/** What a thread is asked: to check and keep a key, or to judge packed proofs under a key it keeps. */
export type ThreadTask =
  | { readonly id: number; readonly load: NamedKey }
  | { readonly id: number; readonly keyHash: string; readonly proofs: Uint8Array };

/** What a thread answers. `bound` names what was judged: boundTo of the task. */
export type ThreadAnswer =
  | { readonly id: number; readonly isLoaded: boolean }
  | {
      readonly id: number;
      readonly bound: string;
      readonly verdicts: readonly ProofVerdict[];
    };

/** What a thread says once, when it can be asked. */
export const READY = 'ready';

/**
 * Names a key and packed proofs. A thread computes it of what it judged, its asker of what was asked:
 * an answer to another question is then none.
 */
export function boundTo(keyHash: string, proofs: Uint8Array): string {
  return createHash('sha256').update(keyHash).update(proofs).digest('hex');
}
