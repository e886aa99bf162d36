import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Bytes32, isBytes32 } from '../../core/bytes32.js';
import { EVIDENCE_LOGS } from '../../core/evidence/evidence.js';
import { requireAuditor } from '../evidence/auditor.js';
import { openDigest, proveConsistency, proveInclusion } from '../evidence/serve.js';
import { ownSuccession } from '../evidence/succession.js';
import type { Feed } from '../feed/feed.js';
import { answer, parse } from './register.js';

const bytes32 = z.custom<Bytes32>(isBytes32);
const size = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/)
  .transform(Number);
const log = z.enum(EVIDENCE_LOGS);

/** What an auditor of another institution asks of this one's logs; each request is signed by it. */
export function addEvidenceRoutes(server: FastifyInstance, feed: Feed): void {
  server.get('/evidence/digest/:digest', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      const { digest } = parse(z.object({ digest: bytes32 }), request.params);
      return openDigest(feed.db, digest);
    }),
  );
  server.get('/evidence/succession', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      return ownSuccession(feed);
    }),
  );
  server.get('/evidence/:log/consistency', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      const of = parse(z.object({ log }), request.params);
      const sizes = parse(z.strictObject({ first: size, second: size }), request.query);
      return proveConsistency(feed.db, of.log, sizes);
    }),
  );
  server.get('/evidence/:log/inclusion/:leaf', (request, reply) =>
    answer(reply, async () => {
      await requireAuditor(feed, { path: request.url, headers: request.headers });
      const of = parse(z.object({ log, leaf: bytes32 }), request.params);
      const asked = parse(z.strictObject({ size }), request.query);
      return proveInclusion(feed.db, of.log, { leaf: of.leaf, size: asked.size });
    }),
  );
}
