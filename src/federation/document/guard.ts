import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import { type DocumentNode, GraphQLError, Kind, parse } from 'graphql';
import { DomainError } from '../../core/errors.js';
import { searchOf } from '../http/target.js';
import { statusOf } from '../http-errors.js';
import { MAX_DOCUMENT_BYTES, MAX_SIZE, MAX_TOKENS } from './limits.js';
import { type DocumentSize, measureDocument } from './measure.js';

/**
 * A fastify hook that refuses what a document comes to, before anything validates, plans or executes
 * it: each of them unfolds fragments, and none of them stops when its client leaves.
 *
 * @throws DomainError INPUT_TOO_LARGE {measure, most}; BAD_INPUT for fragments in a cycle.
 */
export async function requireSmallDocument(request: FastifyRequest): Promise<void> {
  for (const source of sourcesOf(request)) requireSmallSource(source);
}

/** Nothing to parse, to validate or to run. */
const NO_DOCUMENT: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

/**
 * Measures what Apollo itself has found in a request and is about to parse. The hook has refused what is too
 * large before any token is checked; should the two ever read a request in two ways, this one still holds.
 */
export function smallDocumentPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => {
      let refusal: GraphQLError | undefined;
      return {
        didResolveSource: async (context) => {
          try {
            requireSmallSource(context.source);
          } catch (thrown) {
            refusal = toGraphQLError(thrown);
            // A throw from here is a fault of ours to Apollo. A document that it has it neither parses nor validates.
            Object.assign(context, { document: NO_DOCUMENT });
          }
        },
        didResolveOperation: async () => {
          if (refusal !== undefined) throw refusal;
        },
      };
    },
  };
}

function toGraphQLError(thrown: unknown): GraphQLError {
  if (!(thrown instanceof DomainError)) throw thrown;
  const extensions: Readonly<Record<string, unknown>> = { http: { status: statusOf(thrown.code) } };
  return new GraphQLError(thrown.message, { originalError: thrown, extensions });
}

/** @throws as requireSmallDocument. */
export function requireSmallSource(source: string): void {
  // Before it is read at all: the reader takes a comment for nothing, and half a second for megabytes.
  if (Buffer.byteLength(source) > MAX_DOCUMENT_BYTES) refuse('bytes', MAX_DOCUMENT_BYTES);
  const document = parseOrLeave(source);
  if (document === undefined) return;
  const size = measureDocument(document);
  for (const measure of Object.keys(MAX_SIZE) as (keyof DocumentSize)[]) {
    if (size[measure] > MAX_SIZE[measure]) refuse(measure, MAX_SIZE[measure]);
  }
}

/** The documents of a request, found as Apollo finds them. */
function sourcesOf(request: FastifyRequest): readonly string[] {
  const search = new URLSearchParams(searchOf(request));
  const sent: readonly unknown[] =
    request.method === 'GET'
      ? search.getAll('query')
      : [(request.body as { readonly query?: unknown } | null | undefined)?.query];
  return sent.filter((source) => typeof source === 'string');
}

/** Undefined for what is no document: Apollo says where its error is. */
function parseOrLeave(source: string): DocumentNode | undefined {
  try {
    return parse(source, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    return undefined;
  }
}

function refuse(measure: string, most: number): never {
  throw new DomainError('INPUT_TOO_LARGE', { measure, most });
}
