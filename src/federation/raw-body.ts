import type { FastifyInstance, FastifyRequest } from 'fastify';
import { JsonCounter, jsonBoundsFor } from '../core/json-bounds.js';
import { MAX_BODY_BYTES } from './document/limits.js';

const BOUNDS = jsonBoundsFor(MAX_BODY_BYTES);

/**
 * Lets a server read JSON as it would by itself, once its nesting and its number of values are known to be within
 * bounds, and keeps the exact bytes that came: what a sender signs is their hash.
 *
 * What is over the bounds is refused with INPUT_TOO_LARGE {measure, most}.
 *
 * @returns the bytes of a request's body; none for one without, or with another content type.
 */
export function keepRawBodies(scope: FastifyInstance): (request: FastifyRequest) => Uint8Array {
  const bodies = new WeakMap<object, Uint8Array>();
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    try {
      new JsonCounter(BOUNDS).take(bytes);
    } catch (refusal) {
      return done(refusal as Error);
    }
    bodies.set(request, bytes);
    return parseJson(request, bytes.toString('utf8'), done);
  });
  return (request) => bodies.get(request) ?? new Uint8Array();
}
