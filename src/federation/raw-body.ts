import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../core/errors.js';
import { JsonCounter, jsonBoundsFor } from '../core/import/json-bounds.js';
import { MAX_BODY_BYTES } from './document/limits.js';
import { HttpRefusal } from './http/refusal.js';

const BOUNDS = jsonBoundsFor(MAX_BODY_BYTES);

/**
 * Lets a server read JSON as it would by itself, once its nesting and its number of values are known to be within
 * bounds, and keeps the exact bytes: what a sender signs is their hash.
 *
 * What is over the bounds is refused with INPUT_TOO_LARGE {measure, most}; with 415 a character set that is not
 * UTF-8, in which JSON is always written (RFC 8259, section 8.1).
 *
 * @returns the bytes of a request's body, unpacked; none for one without, or with another content type.
 */
export function keepRawBodies(scope: FastifyInstance): (request: FastifyRequest) => Uint8Array {
  const bodies = new WeakMap<object, Uint8Array>();
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    try {
      requireUtf8(request, bytes);
      new JsonCounter(BOUNDS).take(bytes);
    } catch (refusal) {
      return done(refusal as Error);
    }
    bodies.set(request, bytes);
    return parseJson(request, bytes.toString('utf8'), done);
  });
  return (request) => bodies.get(request) ?? new Uint8Array();
}

/** @throws HttpRefusal 415; DomainError BAD_INPUT for bytes that are no UTF-8, which would be read as others. */
function requireUtf8({ headers }: FastifyRequest, bytes: Buffer): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new HttpRefusal(415, { charset: 'not UTF-8' });
  }
  if (!isUtf8(bytes)) throw new DomainError('BAD_INPUT', { charset: 'not UTF-8' });
}
