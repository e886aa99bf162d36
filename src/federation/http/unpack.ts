import { pipeline, type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { MAX_BODY_BYTES } from '../document/limits.js';
import { HttpRefusal } from './refusal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A body that is read as it comes, with bounds of its own. */
    streamed?: boolean;
  }
}

const UNPACKED_BY = new Map([
  ['br', () => createBrotliDecompress()],
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
]);

/** The content coding of a request's body, in lower case; `identity` for one that was sent as it is. */
export function codingOf({
  headers,
}: {
  readonly headers: NodeJS.Dict<string | string[]>;
}): string {
  const coding = String(headers['content-encoding'] ?? '').trim();
  return coding === '' ? 'identity' : coding.toLowerCase();
}

/**
 * Unpacks bodies by `Content-Encoding`. What one unpacks to is bounded like any other body, and is left where it
 * goes over: the rest is not unpacked. Packed it has no more bytes either. What a sender signs is the hash of the unpacked bytes, as those are read.
 *
 * Refuses with 415 another coding or several, with INPUT_TOO_LARGE {most} what unpacks to more than `MAX_BODY_BYTES`.
 */
export function unpackBodies(server: FastifyInstance): void {
  server.addHook('preParsing', async (request, _reply, packed) => {
    if (request.method === 'GET' || request.method === 'HEAD') return packed;
    if (isStreamed(request)) return packed;
    const coding = codingOf(request);
    if (coding === 'identity') return packed;
    const create = UNPACKED_BY.get(coding);
    if (create === undefined) {
      throw new HttpRefusal(415, { coding: 'unknown' }, { 'accept-encoding': 'br, gzip, deflate' });
    }
    return unpack(packed, create());
  });
}

/** Whether a route reads a body as it comes, with bounds of its own. */
function isStreamed({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.streamed === true;
}

function unpack(packed: RequestPayload, unpacker: Transform): RequestPayload {
  const bounded = boundedBody();
  packed.on('data', (chunk: Uint8Array) => {
    bounded.receivedEncodedLength += chunk.byteLength;
    // Empty members of gzip unpack to nothing, however many they are.
    if (bounded.receivedEncodedLength > MAX_BODY_BYTES) bounded.destroy(tooLarge());
  });
  // A client that leaves half-way ends nothing by itself, and the unpacker holds memory of its own.
  packed.once('close', () => {
    if (!(packed as Readable).readableEnded) unpacker.destroy();
  });
  // Not a pipeline from the request on: an error would close the connection before it is told.
  packed.pipe(unpacker);
  pipeline(unpacker, bounded, () => packed.unpipe(unpacker));
  return bounded;
}

/** Passes on bytes until they are too many. The server compares what came packed with the length that was said. */
function boundedBody(): Transform & { receivedEncodedLength: number } {
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) done(tooLarge());
      else done(null, chunk);
    },
  });
  return Object.assign(bounded, { receivedEncodedLength: 0 });
}

function tooLarge(): DomainError {
  return new DomainError('INPUT_TOO_LARGE', { most: MAX_BODY_BYTES });
}
