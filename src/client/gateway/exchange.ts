import { DomainError } from '../../core/errors.js';
import { jsonBoundsFor, parseBoundedJson } from '../../core/import/json-bounds.js';

/** How the kit reaches the world: the platform's fetch, or one that goes through a proxy. */
export type Fetch = typeof globalThis.fetch;

/** What one exchange is bounded by. */
export interface ExchangeLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** An HTTP answer that was JSON; a refusal with a JSON body says why in it. */
export interface JsonAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly headers: Headers;
}

/**
 * One exchange with a gateway or a node, bounded in time, size, nesting and number of values. A redirect is not followed: the
 * token would go with it. `init.signal` ends it, too.
 *
 * @throws SOURCE_FAILED for anything but JSON, and for more of it than the limits let honest text hold.
 */
export async function exchangeJson(
  send: Fetch,
  url: string,
  init: RequestInit,
  { timeoutMs, maxBytes }: ExchangeLimits,
): Promise<JsonAnswer> {
  try {
    const late = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([late, init.signal]) : late;
    const response = await send(url, { ...init, redirect: 'error', signal });
    const text = await readBounded(response, maxBytes);
    const json = parseBoundedJson(text, jsonBoundsFor(maxBytes));
    return { status: response.status, json, headers: response.headers };
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw new DomainError('SOURCE_FAILED', {}, cause);
    throw cause.code === 'SOURCE_FAILED' ? cause : new DomainError('SOURCE_FAILED', cause.facts);
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  let length = 0;
  for (;;) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) return text + decoder.decode();
    length += chunk.value.byteLength;
    if (length > maxBytes) {
      await reader?.cancel();
      throw new DomainError('SOURCE_FAILED', { maxBytes });
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
}
