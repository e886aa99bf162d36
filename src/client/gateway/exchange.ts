import { DomainError } from '../../core/errors.js';
import { jsonBoundsFor, parseBoundedJson } from '../../core/import/json-bounds.js';

/** How the client makes HTTP requests: the platform's fetch, or one that uses a proxy. */
export type Fetch = typeof globalThis.fetch;

/** Limits of one exchange. */
export interface ExchangeLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** An HTTP answer in JSON; the body of a refusal says why. */
export interface JsonAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly headers: Headers;
}

/**
 * One exchange with a gateway or a node, bounded in time, size, nesting and number of values.
 * Redirects are not followed, because the token would be sent along. `init.signal` aborts it.
 *
 * @throws SOURCE_FAILED for anything but JSON within the limits.
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
