import { DomainError } from '../../core/errors.js';
import { JsonCounter, jsonBoundsFor } from '../../core/import/json-bounds.js';

/** Bytes of one answer of an endpoint: the largest asked for are pages of institutions and of roots, under 1 MB. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** How many values an answer of that size may hold; applies to WebSocket answers too. */
export const ANSWER_BOUNDS = jsonBoundsFor(MAX_ANSWER_BYTES);

/**
 * `fetch` for a JSON-RPC endpoint that may lie: answers are read up to a bound, their nesting and
 * values are counted as they arrive, and compressed answers and redirects are not read at all.
 *
 * @throws DomainError LEDGER_UNAVAILABLE {measure, most} or {encoded}; what `fetch` throws.
 */
export async function fetchBounded(
  url: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('accept-encoding', 'identity');
  const response = await fetchOnOpenSocket(url, { ...init, headers, redirect: 'error' });
  try {
    const body = await readBounded(response);
    return new Response(body, { status: response.status, headers: response.headers });
  } catch (thrown) {
    await response.body?.cancel().catch(() => undefined);
    if (!(thrown instanceof DomainError)) throw thrown;
    throw new DomainError('LEDGER_UNAVAILABLE', thrown.facts, thrown);
  }
}

/**
 * `fetch`, retried once if the endpoint closed a kept-alive connection just as it was reused: a
 * process that is busy for some seconds notices the closing too late. A request that sends a
 * transaction is never repeated.
 */
async function fetchOnOpenSocket(
  url: string | URL | Request,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (thrown) {
    const onlyAsks = typeof init.body === 'string' && !init.body.includes('eth_send');
    if (!onlyAsks || !wasClosed(thrown)) throw thrown;
    return fetch(url, init);
  }
}

/** undici's errors for a connection that the other side closed or reset before it answered. */
function wasClosed(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? (thrown.cause as { readonly code?: unknown }) : undefined;
  return cause?.code === 'UND_ERR_SOCKET' || cause?.code === 'ECONNRESET';
}

/** Null for an empty body: some statuses may not have one. */
async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new DomainError('LEDGER_UNAVAILABLE', { encoded: true });
  }
  const counter = new JsonCounter(ANSWER_BOUNDS);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_ANSWER_BYTES) {
      throw new DomainError('INPUT_TOO_LARGE', { measure: 'bytes', most: MAX_ANSWER_BYTES });
    }
    counter.take(chunk);
    chunks.push(chunk);
  }
  return length === 0 ? null : new Uint8Array(Buffer.concat(chunks, length));
}
