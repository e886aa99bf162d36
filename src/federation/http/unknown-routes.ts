import type { FastifyInstance } from 'fastify';
import { HttpRefusal } from './refusal.js';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Refuses what no route answers, before its body is read: 404 for a path that is not served, 405 for a method that
 * the path does not have. `Allow` names those that it has, and OPTIONS asks for nothing else.
 *
 * Has to be called before any route is added.
 */
export function refuseUnknownRoutes(server: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  server.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) known.methods.add(one);
    paths.set(url, known);
  });
  server.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const path = pathOf(request.url);
    const known = [...paths.values()].filter(({ pattern }) => pattern.test(path));
    if (known.length === 0) throw new HttpRefusal(404, { path: 'unknown' });
    const methods = new Set([...known.flatMap((one) => [...one.methods]), 'OPTIONS']);
    const allow = [...methods].sort().join(', ');
    if (request.method !== 'OPTIONS') throw new HttpRefusal(405, { allowed: allow }, { allow });
    await reply.code(204).header('allow', allow).send();
  });
}

/** A route's path as a pattern: what begins with a colon stands for one segment. */
function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/\W/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}

function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
