import { type DocumentNode, GraphQLError, Kind } from 'graphql';
import type { DomainError } from '../../core/errors.js';
import { statusOf } from '../http-errors.js';

/** Nothing to parse, to validate or to run. */
const NO_DOCUMENT: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

/**
 * Refuses a request whose text was found, before anything reads it. Apollo takes a throw from there for a fault of
 * ours, and a document that it has it neither parses nor validates: it is given an empty one, and keeps it.
 *
 * @param context - the request's, in `didResolveSource`.
 * @returns what throws the refusal, to be called in `didResolveOperation`.
 */
export function refuseUnparsed(context: object, refusal: DomainError): () => never {
  Object.defineProperty(context, 'document', {
    get: () => NO_DOCUMENT,
    // Apollo writes over it what it remembers of the same text, or nothing.
    set: () => undefined,
    // Two rules may refuse one request; the first throws.
    configurable: true,
  });
  return () => {
    const extensions: Readonly<Record<string, unknown>> = {
      http: { status: statusOf(refusal.code) },
    };
    throw new GraphQLError(refusal.message, { originalError: refusal, extensions });
  };
}
