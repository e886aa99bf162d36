import type { ErrorCode } from '../core/error-codes.js';
import type { DomainError, Retry } from '../core/errors.js';

/**
 * The codes that clients of GraphQL know, for what is wrong with a document or its variables. They
 * are in `extensions.code`, where those clients look; our own code is in `assentCode`.
 */
export const STANDARD_CODES = {
  GRAPHQL_PARSE_FAILED: 'The document is no GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE:
    'The document has not exactly one operation of the name that was asked for.',
  BAD_USER_INPUT: 'A variable does not have the type that the document gives it.',
  PERSISTED_QUERY_NOT_FOUND:
    'No trusted document has this hash, and this gateway answers only those. Sending the text does not help.',
  PERSISTED_QUERY_NOT_SUPPORTED:
    'No trusted document has this hash, and none is registered by sending it. Send the text without a hash.',
} as const;

export type StandardCode = keyof typeof STANDARD_CODES;

/** What a client learns about a failure in addition to its message and its path. */
export interface ErrorExtensions {
  /** The standard's code where it has one for this, or the same as `assentCode`. */
  readonly code: ErrorCode | StandardCode;
  readonly assentCode: ErrorCode;
  readonly retry: Retry;
  readonly requestId: string;
}

export function extensionsOf(
  { code: assentCode, retry }: DomainError,
  requestId: string,
  standard?: StandardCode,
): ErrorExtensions {
  return { code: standard ?? assentCode, assentCode, retry, requestId };
}

export function isStandardCode(code: unknown): code is StandardCode {
  return typeof code === 'string' && Object.hasOwn(STANDARD_CODES, code);
}
