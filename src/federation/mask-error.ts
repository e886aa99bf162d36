import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ERROR_CODES } from '../core/error-codes.js';
import { DomainError, isOurFault } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { extensionsOf, isStandardCode, type StandardCode } from './error-extensions.js';
import { currentRequestId } from './request-scope.js';

/** Characters of a sentence that is told. */
const LONGEST_SENTENCE = 500;

/** Errors nest: the resolver's own stands under GraphQL's, and that under the router's. */
const DEEPEST_CAUSE = 6;

/**
 * Makes the errors of an Apollo server safe to show: a DomainError says its code and sentence, a
 * fault of the caller's says itself under the standard's code, and anything else says INTERNAL and stands in the log under
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
    const tell = (message: string, failure: DomainError, standard?: StandardCode) => ({
      message,
      ...place,
      extensions: { ...extensionsOf(failure, requestId, standard) },
    });
    const code = formatted.extensions?.code;
    const standard = isStandardCode(code) ? code : undefined;
    const domainError = domainErrorOf(thrown);
    if (domainError !== undefined && !isOurFault(domainError)) {
      return tell(domainError.message, domainError, standard);
    }
    if (standard !== undefined || code === 'BAD_REQUEST') {
      return tell(cut(formatted.message), new DomainError('BAD_INPUT'), standard);
    }
    logger.error({ requestId, err: domainError ?? rootOf(thrown) }, 'a request failed');
    return tell(ERROR_CODES.INTERNAL, new DomainError('INTERNAL'));
  };
}

/** A sentence of the library's may quote a value whole, which may have megabytes. */
function cut(sentence: string): string {
  return sentence.length <= LONGEST_SENTENCE ? sentence : `${sentence.slice(0, LONGEST_SENTENCE)}…`;
}

/** The DomainError that an error carries, however deep; undefined if it is not one of ours. */
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
