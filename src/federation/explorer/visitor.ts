import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { isLoopbackAddress } from '../../network/ip-address.js';

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The header in which the explorer's page shows that it was given out by this process. */
const PAGE_KEY_HEADER = 'x-assent-page';

/**
 * Whether the connection itself comes from this machine, wherever the gateway listens and whatever a header says of
 * an earlier hop; and under a name of this machine, or a page of an attacker's whose name suddenly resolves here
 * could read its own visitor's. Behind a proxy on this machine every visitor comes from here: then the name alone
 * tells, so a proxy must pass on the Host that it was asked under.
 */
function isVisitorHere({ socket, headers }: FastifyRequest): boolean {
  const [, name = ''] = /^(.*?)(?::\d+)?$/s.exec(headers.host ?? '') ?? [];
  return isLoopbackAddress(socket.remoteAddress) && LOOPBACK_NAMES.has(name);
}

/**
 * Whether a page may carry what is a persona's: for a visitor on this machine who opens it as a page of its own. No
 * script may read it, for Sandbox's comes from elsewhere and runs in the same origin. A browser says that a script or
 * a frame asks, and no script can make it say otherwise. What says nothing is no browser, or one that is older than 2023.
 */
export function isPersonaVisit(request: FastifyRequest): boolean {
  const opens = request.headers['sec-fetch-dest'];
  return isVisitorHere(request) && (opens === undefined || opens === 'document');
}

/**
 * Whether the explorer's own page asks, in the browser of a visitor on this machine. A page of another site cannot:
 * it does not know the key, may not send the header that carries it, and a browser says whose page asks.
 *
 * @param pageKey - what the pages that this process gave out carry.
 */
export function isOwnPage(request: FastifyRequest, pageKey: string): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  return (
    isVisitorHere(request) &&
    (site === undefined || site === 'same-origin') &&
    (headers.origin === undefined || headers.origin === `http://${headers.host}`) &&
    isSame(headers[PAGE_KEY_HEADER], pageKey)
  );
}

function isSame(shown: string | readonly string[] | undefined, expected: string): boolean {
  const [one, other] = [Buffer.from(String(shown)), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
