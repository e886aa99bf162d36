import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Lets a server read JSON as it would by itself, and keeps the exact bytes that came: what a sender
 * signs is their hash.
 *
 * @returns the bytes of a request's body; none for one without, or with another content type.
 */
export function keepRawBodies(scope: FastifyInstance): (request: FastifyRequest) => Uint8Array {
  const bodies = new WeakMap<object, Uint8Array>();
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    bodies.set(request, body as Buffer);
    parseJson(request, body.toString('utf8'), done);
  });
  return (request) => bodies.get(request) ?? new Uint8Array();
}
