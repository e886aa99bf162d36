import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { NodeFailure } from './node-failure.js';
import type { Wire, WireRequest } from './wire.js';

/** What every exchange with a node is bounded by. */
export interface ExchangeLimits {
  /** Milliseconds until the whole answer must have been read. */
  readonly budgetMs: number;
  /** Bytes of answer that are read at most. */
  readonly maxBytes: number;
}

/**
 * One HTTP exchange with a node, and the JSON that it answers with.
 *
 * A redirect is not followed: the token would go where the node says.
 *
 * @param wire - which endpoints may be reached.
 * @param noteHeaders - is told the headers of whatever answers, of a refusal too.
 * @throws NodeFailure and nothing else.
 */
export async function exchangeJson(
  url: string,
  request: WireRequest,
  limits: ExchangeLimits,
  wire: Wire,
  noteHeaders: (headers: IncomingHttpHeaders) => void = () => undefined,
): Promise<unknown> {
  const text = await exchangeText(url, request, limits, wire, noteHeaders);
  try {
    return JSON.parse(text);
  } catch {
    throw new NodeFailure('MALFORMED', 'not JSON');
  }
}

async function exchangeText(
  url: string,
  request: WireRequest,
  { budgetMs, maxBytes }: ExchangeLimits,
  wire: Wire,
  noteHeaders: (headers: IncomingHttpHeaders) => void,
): Promise<string> {
  const signal = AbortSignal.timeout(budgetMs);
  try {
    const answer = await wire.send(new URL(url), request, signal);
    noteHeaders(answer.headers);
    const text = await readBounded(answer, maxBytes);
    requireAnswer(answer.statusCode ?? 0, text);
    return text;
  } catch (thrown) {
    if (thrown instanceof NodeFailure) throw thrown;
    if (signal.aborted) throw new NodeFailure('TIMEOUT', `${budgetMs} ms`);
    throw new NodeFailure('UNREACHABLE', causeOf(thrown));
  }
}

/** Reads a body up to its cap: a node that streams without end costs its own rows, not our memory. */
async function readBounded(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream, which closes the connection.
    if (length > maxBytes) throw new NodeFailure('MALFORMED', `over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

/** Statuses that a proxy before a node that is down gives. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

function requireAnswer(status: number, text: string): void {
  if (status >= 200 && status < 300) return;
  if (status >= 400 && status < 500) throw new NodeFailure('REFUSED', `HTTP ${status}`);
  if (GATEWAY_STATUSES.has(status)) throw new NodeFailure('UNREACHABLE', `HTTP ${status}`);
  throw new NodeFailure('MALFORMED', `HTTP ${status}, ${text.length} characters`);
}

/** The system's word for a failed connection, for example ECONNREFUSED: its message names the host. */
function causeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  const code = (cause as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'connection failed';
}
