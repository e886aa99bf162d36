import type { ErrorCode } from '../../core/error-codes.js';
import { codeOf, DomainError, type ErrorFacts } from '../../core/errors.js';
import type { TransactionMode } from '../database.js';

/** What a thread asks of the one that has the database. Each is answered under its `id`. */
export type Asked = { readonly id: number } & (
  | { readonly kind: 'begin'; readonly mode: TransactionMode }
  | {
      readonly kind: 'query';
      /** The `id` of its begin. */
      readonly transaction: number;
      readonly text: string;
      readonly params: readonly unknown[];
      /** Rows as lists rather than by their columns' names. */
      readonly asLists: boolean;
    }
  | { readonly kind: 'end'; readonly transaction: number; readonly commit: boolean }
);

/** A failure as it goes from one thread to another. */
export interface Told {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;
}

export type Answered = { readonly id: number } & (
  | { readonly rows: readonly unknown[] }
  | { readonly failure: Told }
);

/** Code and facts of a failure; nothing else of it leaves its thread. */
export function tell(failure: unknown): Told {
  return { code: codeOf(failure), facts: failure instanceof DomainError ? failure.facts : {} };
}

export function failureFrom({ code, facts }: Told): DomainError {
  return new DomainError(code, facts);
}
