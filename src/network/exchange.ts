import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { DomainError } from '../core/errors.js';
import { JsonCounter, jsonBoundsFor } from '../core/import/json-bounds.js';
import { parseInSlices } from './json-slices.js';
import { NodeFailure } from './node-failure.js';
import type { Wire, WireRequest } from './wire.js';

/** The limits of every exchange with a node. */
export interface ExchangeLimits {
  /** Milliseconds until the whole answer must have been read. */
  readonly budgetMs: number;
  /** The most bytes of an answer that are read; the number of its values is bounded by it too. */
  readonly maxBytes: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** What a node answered, whatever its status. */
export interface NodeAnswer {
  readonly httpStatus: number;
  /** Undefined if it is not JSON. */
  readonly json: unknown;
}

/** Longer answers are parsed in slices, so that other requests need not wait. */
const LARGE_BYTES = 256 * 1024;

/** Bytes of an error's body that are read: a code and a sentence. */
const MAX_ERROR_BYTES = 16 * 1024;

/**
 * One HTTP exchange with a node, and the JSON that it answers with.
 *
 * @throws NodeFailure and nothing else: as `exchangeAny`, and MALFORMED for an answer that is not
 * JSON or has a status other than 2xx.
 */
export async function exchangeJson(
  url: string,
  request: WireRequest,
  limits: ExchangeLimits,
  wire: Wire,
  noteHeaders?: (headers: IncomingHttpHeaders) => void,
): Promise<unknown> {
  const { httpStatus, json } = await exchangeAny(url, request, limits, wire, noteHeaders);
  if (httpStatus < 200 || httpStatus > 299)
    throw new NodeFailure('MALFORMED', `HTTP ${httpStatus}`);
  if (json === undefined) throw new NodeFailure('MALFORMED', 'not JSON');
  return json;
}

/**
 * One HTTP exchange with a node, whatever status it answers with.
 *
 * A redirect is not followed: the token would go where the node says. No compression is accepted:
 * an answer could unpack to a thousand times the bytes counted. Its nesting and its values are
 * counted before it is parsed.
 *
 * @param wire - which endpoints may be reached.
 * @param noteHeaders - receives the headers of any answer, also of a refusal.
 * @throws NodeFailure and nothing else: TIMEOUT, UNREACHABLE, or MALFORMED for more than the limits.
 */
export async function exchangeAny(
  url: string,
  request: WireRequest,
  { budgetMs, maxBytes, signal: left }: ExchangeLimits,
  wire: Wire,
  noteHeaders: (headers: IncomingHttpHeaders) => void = () => undefined,
): Promise<NodeAnswer> {
  const inTime = AbortSignal.timeout(budgetMs);
  const signal = left === undefined ? inTime : AbortSignal.any([inTime, left]);
  try {
    const headers = { ...request.headers, 'accept-encoding': 'identity' };
    const answer = await wire.send(new URL(url), { ...request, headers }, signal);
    noteHeaders(answer.headers);
    const httpStatus = answer.statusCode ?? 0;
    const isError = httpStatus < 200 || httpStatus > 299;
    const body = await readBounded(
      answer,
      isError ? Math.min(maxBytes, MAX_ERROR_BYTES) : maxBytes,
    );
    return { httpStatus, json: await jsonOf(body) };
  } catch (thrown) {
    if (thrown instanceof NodeFailure) throw thrown;
    if (left?.aborted) throw new NodeFailure('CANCELLED', 'the client has left');
    if (signal.aborted) throw new NodeFailure('TIMEOUT', `${budgetMs} ms`);
    throw new NodeFailure('UNREACHABLE', causeOf(thrown));
  }
}

/** Reads a body up to its bounds: a node that streams without end costs its own rows, not our memory. */
async function readBounded(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  try {
    requireReadable(answer.headers, maxBytes);
    const counter = new JsonCounter(jsonBoundsFor(maxBytes));
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > maxBytes) throw tooLarge('bytes', maxBytes);
      counter.take(chunk);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  } catch (thrown) {
    // The rest must not be read: the connection is closed.
    answer.destroy();
    if (!(thrown instanceof DomainError)) throw thrown;
    throw tooLarge(String(thrown.facts.measure), Number(thrown.facts.most));
  }
}

/** Refuses by the headers alone what would be refused after reading it. */
function requireReadable(headers: IncomingHttpHeaders, maxBytes: number): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new NodeFailure('MALFORMED', 'encoded');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge('bytes', maxBytes);
}

function tooLarge(measure: string, most: number): NodeFailure {
  return new NodeFailure('MALFORMED', `over ${most} ${measure}`);
}

async function jsonOf(body: Buffer): Promise<unknown> {
  try {
    if (body.length > LARGE_BYTES) return await parseInSlices(body);
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The system's word for a failed connection, for example ECONNREFUSED: its message names the host. */
function causeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  const code = (cause as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'connection failed';
}
