import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { DomainError } from '../core/errors.js';
import { MAX_ERRORS } from './document/limits.js';
import { domainErrorOf } from './mask-error.js';

/** Decides which errors of one answer are told, and counts the others. */
export class FewErrors {
  #taken = 0;
  #notTold = 0;
  readonly #codes = new Set<string>();

  /**
   * Whether an error is told: the first MAX_ERRORS are, and the first of each further code, so that many
   * errors of one kind do not hide another.
   *
   * @param places - in how many places of the answer it is, if it is not told.
   */
  takes(error: unknown, places = 1): boolean {
    const code = domainErrorOf(error)?.code ?? '';
    if (this.#taken >= MAX_ERRORS && this.#codes.has(code)) {
      this.#notTold += places;
      return false;
    }
    this.#taken += 1;
    this.#codes.add(code);
    return true;
  }

  /** Errors that are not told, at least: one that stands for more in the answer counts once. */
  get notTold(): number {
    return this.#notTold;
  }
}

/** Says how many errors an answer does not tell. None if there are no such. */
export function errorsNotTold(atLeast: number): readonly GraphQLError[] {
  if (atLeast === 0) return [];
  const originalError = new DomainError('ERRORS_NOT_TOLD', { atLeast });
  return [new GraphQLError(originalError.message, { originalError })];
}

/** Holds what a server answers from its own schema to the same bound as the answers of the executor. */
export function fewErrorsPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      // Apollo writes, counts and logs the errors of this very list afterwards, and has no other place for this.
      didEncounterErrors: async ({ errors }) => {
        if (errors.length <= MAX_ERRORS) return;
        const few = new FewErrors();
        const told = errors.filter((error) => few.takes(error));
        const list = errors as GraphQLError[];
        list.length = 0;
        list.push(...told, ...errorsNotTold(few.notTold));
      },
    }),
  };
}
