import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  findJob,
  type ImportJob,
  newestJobs,
  refusalsOf,
} from '../../../consent/operators/import-jobs.js';
import type { Clock } from '../../../core/clock.js';
import { DomainError } from '../../../core/errors.js';
import { HttpRefusal } from '../../../federation/http/refusal.js';
import type { OperatorServer } from '../../../federation/operator/server.js';
import { receiveUpload } from '../../../federation/operator/upload.js';
import type { Database } from '../../../store/database.js';
import { viewOf } from './job-view.js';
import type { ImportJobs } from './jobs.js';
import { isJobId, newJobId, type Spool } from './spool.js';
import { readUploadRequest, UPLOAD_TYPES } from './upload-request.js';

const LISTED_JOBS = 50;

const Page = z.strictObject({
  after: z.coerce.number().int().min(0).max(1_000_000).default(0),
  first: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** What the routes need. */
export interface ImportRoutesParts {
  readonly db: Database;
  readonly jobs: ImportJobs;
  readonly spool: Spool;
  readonly clock: Clock;
  /** Maximum size of one upload, both as sent and decompressed. */
  readonly mostBytes: number;
}

/** Adds the routes for importers: upload a file, and see what became of uploads. */
export function addImportRoutes(
  { add, addUpload }: OperatorServer,
  parts: ImportRoutesParts,
): void {
  const { db, jobs } = parts;
  addUpload(
    'POST /import',
    Object.keys(UPLOAD_TYPES),
    newJobId,
    async (operator, request, reply) => {
      const { about: id, key } = operator;
      if (id === undefined) throw new DomainError('INTERNAL');
      try {
        const job = await jobs.take(key, () => receive(parts, request, { id, key }));
        return reply.code(202).header('location', `/import/${id}`).send(viewOf(job, undefined));
      } catch (refusal) {
        // The rest of the body may still be arriving, and is not waited for.
        if (!request.raw.complete) void reply.header('connection', 'close');
        throw refusal;
      }
    },
  );
  add('GET /import', async ({ key }) => {
    const found = await newestJobs(db, key, LISTED_JOBS);
    return { jobs: found.map((job) => viewOf(job, jobs.progressOf(job.id))) };
  });
  add('GET /import/:job', async ({ key }, request) => {
    const job = await requireJob(db, key, request);
    const page = Page.safeParse(request.query);
    if (!page.success) throw new DomainError('BAD_INPUT', { query: 'after, first' });
    const { after, first } = page.data;
    const refused = await refusalsOf(db, job.id, { after, most: first });
    const last = refused.at(-1)?.ordinal;
    return {
      ...viewOf(job, jobs.progressOf(job.id)),
      refused,
      ...(refused.length < first || last === undefined ? {} : { next: last }),
    };
  });
  add('DELETE /import/:job', async ({ key }, request, reply) => {
    const { id } = await requireJob(db, key, request);
    if (!(await jobs.cancel(id))) throw new HttpRefusal(409, { job: 'has ended' });
    return reply.code(200).send(viewOf(await requireJob(db, key, request), undefined));
  });
}

async function receive(
  { spool, clock, mostBytes }: ImportRoutesParts,
  request: FastifyRequest,
  { id, key }: { readonly id: string; readonly key: string },
) {
  const {
    standard,
    form,
    name = id,
    dryRun,
    read,
    ...limit
  } = readUploadRequest(request, mostBytes);
  const { bytes, sha256 } = await receiveUpload(request, spool.pathOf(id), limit.mostBytes);
  const job: ImportJob = {
    id,
    key,
    standard,
    name,
    dryRun,
    bytes,
    sha256,
    state: 'QUEUED',
    receivedAt: clock.nowSeconds(),
    startedAt: null,
    endedAt: null,
    counts: null,
    failure: null,
  };
  return { job, form, read };
}

/** One of the operator's own: another key's job is unknown to it. @throws HttpRefusal 404 */
async function requireJob(
  db: Database,
  key: string,
  { params }: FastifyRequest,
): Promise<ImportJob> {
  const { job: id = '' } = params as { readonly job?: string };
  const job = isJobId(id) ? await findJob(db, { id, key }) : undefined;
  if (job === undefined) throw new HttpRefusal(404, { job: 'unknown' });
  return job;
}
