import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ERROR_CODES, type ErrorCode } from '../core/error-codes.js';
import { DomainError, isOurFault, type Retry } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { currentRequestId } from './request-scope.js';

/** What a client learns of a failure beside its sentence and its place. */
export interface ErrorExtensions {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly requestId: string;
}

/** Apollo's own codes for what a caller got wrong. Their sentences name only what the caller sent. */
const CALLERS_FAULTS: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Characters of a sentence that is told. */
const LONGEST_SENTENCE = 500;

/** Errors nest: the resolver's own stands under GraphQL's, and that under the router's. */
const DEEPEST_CAUSE = 6;

/**
 * Makes the errors of an Apollo server safe to show: a DomainError says its code and sentence, a
 * fault of the caller's says itself, and anything else says INTERNAL and stands in the log under
 * the request id. No host name, stack or SQL leaves.
 */
export function createErrorMask(logger: Logger) {
  return (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const { locations, path } = formatted;
    const place = {
      ...(locations === undefined ? {} : { locations }),
      ...(path === undefined ? {} : { path }),
    };
    const requestId = currentRequestId();
    const domainError = domainErrorOf(thrown);
    if (domainError !== undefined && !isOurFault(domainError)) {
      const { code, retry, message } = domainError;
      return { message, ...place, extensions: { code, retry, requestId } };
    }
    if (CALLERS_FAULTS.has(formatted.extensions?.code)) {
      const extensions: ErrorExtensions = { code: 'BAD_INPUT', retry: 'NEVER', requestId };
      const message = cut(formatted.message);
      return { message, ...place, extensions: { ...extensions } };
    }
    logger.error({ requestId, err: domainError ?? rootOf(thrown) }, 'a request failed');
    const extensions: ErrorExtensions = { code: 'INTERNAL', retry: 'LATER', requestId };
    return { message: ERROR_CODES.INTERNAL, ...place, extensions: { ...extensions } };
  };
}

/** A sentence of the library's may quote a value whole, which may have megabytes. */
function cut(sentence: string): string {
  return sentence.length <= LONGEST_SENTENCE ? sentence : `${sentence.slice(0, LONGEST_SENTENCE)}…`;
}

/** The DomainError that an error carries, however deep; undefined if it is none of ours. */
export function domainErrorOf(thrown: unknown): DomainError | undefined {
  return causesOf(thrown).find((cause) => cause instanceof DomainError);
}

function rootOf(thrown: unknown): unknown {
  return causesOf(thrown).at(-1);
}

function causesOf(thrown: unknown): unknown[] {
  const causes = [thrown];
  for (let cause = thrown; cause instanceof GraphQLError && causes.length < DEEPEST_CAUSE; ) {
    if (cause.originalError === undefined) break;
    cause = cause.originalError;
    causes.push(cause);
  }
  return causes;
}
