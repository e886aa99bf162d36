import type { IncomingHttpHeaders } from 'node:http';

/** Signs that a request comes from a web page, or from a program on behalf of one. */
export type SenderRefusal = 'ORIGIN' | 'HOST' | 'CONTENT_TYPE';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request can come from a web page. A browser puts an Origin on every WebSocket and every POST, its own
 * or "null". A page whose name was made to lead to this machine has that name in the Host. The port is not looked
 * at: a forwarded one differs, and no page can make its host name a loopback one.
 *
 * @returns the check that it fails; undefined if it may be taken.
 */
export function refusalOfSender(headers: IncomingHttpHeaders): 'ORIGIN' | 'HOST' | undefined {
  if (headers.origin !== undefined) return 'ORIGIN';
  const name = (headers.host ?? '').replace(/:[0-9]{1,5}$/, '').toLowerCase();
  return LOOPBACK.has(name) ? undefined : 'HOST';
}

/** The same for an HTTP request: a page may send other content types without a preflight. */
export function refusalOfRequest(headers: IncomingHttpHeaders): SenderRefusal | undefined {
  const [type] = (headers['content-type'] ?? '').split(';', 1);
  const isJson = type?.trim().toLowerCase() === 'application/json';
  return refusalOfSender(headers) ?? (isJson ? undefined : 'CONTENT_TYPE');
}
