import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import { type DocumentNode, Kind, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { DomainError } from '../../core/errors.js';
import { searchOf } from '../http/target.js';
import { MAX_DOCUMENT_BYTES, MAX_SIZE, MAX_TOKENS } from './limits.js';
import { type DocumentSize, measureDocument } from './measure.js';
import { refuseUnparsed } from './unparsed.js';

const LOST = '__proto__';

/**
 * A fastify hook that refuses what a document comes to, before anything validates, plans or executes
 * it: each of them unfolds fragments, and none of them stops when its client leaves.
 *
 * @throws DomainError INPUT_TOO_LARGE {measure, most}; BAD_INPUT for fragments in a cycle, or a variable `__proto__`.
 */
export async function requireSmallDocument(request: FastifyRequest): Promise<void> {
  for (const source of sourcesOf(request)) requireSmallSource(source);
}

/**
 * Measures what Apollo itself has found in a request and is about to parse. The hook has refused what is too
 * large before any token is checked; should the two ever read a request in two ways, this one still holds.
 */
export function smallDocumentPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => {
      let refuse: () => void = () => undefined;
      return {
        didResolveSource: async (context) => {
          try {
            requireSmallSource(context.source);
          } catch (thrown) {
            if (!(thrown instanceof DomainError)) throw thrown;
            refuse = refuseUnparsed(context, thrown);
          }
        },
        didResolveOperation: async () => refuse(),
      };
    },
  };
}

/** Characters of the documents that were found small enough and are remembered. */
const MAX_CHARACTERS = 1_000_000;

/** A portal sends the same texts all day, and each is measured twice a request. */
const small = new LRUCache<string, true>({
  maxSize: MAX_CHARACTERS,
  sizeCalculation: (_small, source) => source.length + 1,
});

/** @throws as requireSmallDocument. */
export function requireSmallSource(source: string): void {
  if (small.get(source)) return;
  // Before it is read at all: the reader takes a comment for nothing, and half a second for megabytes.
  if (Buffer.byteLength(source) > MAX_DOCUMENT_BYTES) tooLarge('bytes', MAX_DOCUMENT_BYTES);
  const document = parseOrLeave(source);
  if (document === undefined) return;
  requireKeptVariables(document);
  const size = measureDocument(document);
  for (const measure of Object.keys(MAX_SIZE) as (keyof DocumentSize)[]) {
    if (size[measure] > MAX_SIZE[measure]) tooLarge(measure, MAX_SIZE[measure]);
  }
  small.set(source, true);
}

/** graphql-js keeps variables in a plain object, and there one of this name is lost. */
function requireKeptVariables({ definitions }: DocumentNode): void {
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const names = definition.variableDefinitions?.map(({ variable }) => variable.name.value);
    if (names?.includes(LOST)) throw new DomainError('BAD_INPUT', { variable: LOST });
  }
}

/** The documents of a request, found as Apollo finds them. */
function sourcesOf(request: FastifyRequest): readonly string[] {
  const search = new URLSearchParams(searchOf(request));
  const sent: readonly unknown[] =
    request.method === 'POST'
      ? [(request.body as { readonly query?: unknown } | null | undefined)?.query]
      : search.getAll('query');
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

function tooLarge(measure: string, most: number): never {
  throw new DomainError('INPUT_TOO_LARGE', { measure, most });
}
