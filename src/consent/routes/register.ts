import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { DomainError, isOurFault } from '../../core/errors.js';
import { toInstitutionId } from '../../core/ids.js';
import { SUBTREE_KEY_HEADER } from '../../core/subtree-key.js';
import { acknowledge } from '../anchoring/acknowledge.js';
import { requireAuditor } from '../evidence/auditor.js';
import { type Feed, feedHealth } from '../feed/feed.js';
import { acceptOffer } from '../feed/offer.js';
import { segmentOf } from '../feed/serve.js';
import { type LastTop, type PathLedger, registerPaths } from '../shard/paths.js';
import { requireSubtreeKey } from '../shard/subtree-key.js';

/** A segment of 4,096 entries takes about 330 kB. */
const ACKNOWLEDGE_BODY_BYTES = 512 * 1024;

const subtreeParameters = z.object({ number: z.string().regex(/^(?:0|[1-9][0-9]{0,3})$/) });
const anyNumber = z.object({ number: z.string() });
const feedParameters = z.object({ institution: z.string().max(40) });
const feedQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,14})$/)
    .default('0'),
});

/**
 * What a node serves besides GraphQL: whole subtrees of paths, feed segments, and acknowledgements.
 * Feeds are told to institutions alone, which sign their questions, and a subtree to those who show
 * its key: how many consents and withdrawals there are, and when, is nobody else's to know.
 *
 * @param options.pathKey - 32 secret bytes of this node: subtree keys are made with them.
 */
export function addRegisterRoutes(
  server: FastifyInstance,
  options: { readonly feed: Feed; readonly ledger: PathLedger; readonly pathKey: Uint8Array },
): void {
  const { feed, ledger, pathKey } = options;
  const last: LastTop = { top: undefined };
  server.get('/register/subtree/:number', (request, reply) =>
    answer(reply, async () => {
      const { number: asked } = parse(anyNumber, request.params);
      requireSubtreeKey(pathKey, asked, request.headers[SUBTREE_KEY_HEADER]);
      const { number } = parse(subtreeParameters, request.params);
      return registerPaths(feed.db, ledger, Number(number), last);
    }),
  );
  server.get('/feed/:institution', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      const { institution } = parse(feedParameters, request.params);
      const { after } = parse(feedQuery, request.query);
      const segment = await segmentOf(feed, toInstitutionId(institution), Number(after));
      if (segment === undefined) throw new DomainError('INSTITUTION_UNKNOWN');
      return segment;
    }),
  );
  server.get('/feed-forks', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      return { institutions: feedHealth(feed).forked };
    }),
  );
  server.get('/feed-forks/:institution', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      const { institution } = parse(feedParameters, request.params);
      const known = feed.forks.get(toInstitutionId(institution));
      if (known === undefined) throw new DomainError('INSTITUTION_UNKNOWN');
      return known.evidence;
    }),
  );
  server.post('/feed/acknowledge', { bodyLimit: ACKNOWLEDGE_BODY_BYTES }, (request, reply) =>
    answer(reply, async () => {
      // An answer says how far this node's copy reaches.
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      return acknowledge(feed, request.body);
    }),
  );
  server.post('/feed/held', { bodyLimit: ACKNOWLEDGE_BODY_BYTES }, (request, reply) =>
    answer(reply, async () => {
      await acceptOffer(feed, request.body);
      return {};
    }),
  );
}

/** Sends the answer, or the code and facts of a refusal; our own faults are left to the server. */
export async function answer(reply: FastifyReply, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof DomainError) || isOurFault(thrown)) throw thrown;
    const { code, message, facts, retry } = thrown;
    return reply.code(retry === 'LATER' ? 503 : 400).send({ code, message, facts });
  }
}

export function parse<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new DomainError('BAD_INPUT');
  return parsed.data;
}
