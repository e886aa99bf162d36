import type { FastifyRequest } from 'fastify';
import { type DocumentNode, parse } from 'graphql';
import { DomainError } from '../../core/errors.js';
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
function sourcesOf({ method, body, url }: FastifyRequest): readonly string[] {
  const [, search = ''] = url.split(/\?(.*)/s, 2);
  const sent: readonly unknown[] =
    method === 'GET'
      ? new URLSearchParams(search).getAll('query')
      : [(body as { readonly query?: unknown } | null | undefined)?.query];
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
