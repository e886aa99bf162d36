import {
  bigint,
  boolean,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import type { ErrorCode } from '../../core/error-codes.js';
import type { ImportReport } from '../../core/import/import-report.js';
import type { Seconds } from '../../core/time.js';

/** What an import that an operator handed in has come to. */
export type ImportState =
  /** It is whole here, and waits for its turn. */
  | 'QUEUED'
  | 'RUNNING'
  /** To its end; what was refused is in its report. */
  | 'DONE'
  /** To its end, and nothing of it was taken. */
  | 'REFUSED'
  /** By an operator; what it had stored stays. */
  | 'CANCELLED'
  /** The node ended before it did; what it had stored stays. The same again is exact. */
  | 'INTERRUPTED'
  /** By a failure of this node; what it had stored stays. */
  | 'FAILED';

/** A report without what the table of refusals has. */
export type ImportCounts = Omit<ImportReport, 'file' | 'refused' | 'refusedUnlisted'> & {
  readonly refused: number;
};

/** One row per import that an operator handed in: who, what and how it ended, never what was in it. */
export const importJob = pgTable(
  'import_job',
  {
    id: text('id').primaryKey(), // a random UUID, which the audit log has too
    key: text('key').notNull(), // thumbprint of the operator's key
    receivedAt: bigint('received_at', { mode: 'number' }).$type<Seconds>().notNull(),
    startedAt: bigint('started_at', { mode: 'number' }).$type<Seconds>(),
    endedAt: bigint('ended_at', { mode: 'number' }).$type<Seconds>(),
    standard: text('standard').notNull(),
    name: text('name').notNull(), // what reports and stored rows call it
    dryRun: boolean('dry_run').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(), // as it was sent
    sha256: text('sha256').notNull(), // of these, hexadecimal
    state: text('state').$type<ImportState>().notNull(),
    counts: json('counts').$type<ImportCounts>(), // null until it has ended by itself
    failure: text('failure').$type<ErrorCode>(),
  },
  (t) => [index('import_job_received_at_idx').on(t.receivedAt)],
);

/** One row per entry that an import refused, up to a number, for thirty days: a path names a patient by the sender's id. */
export const importRefusal = pgTable(
  'import_refusal',
  {
    job: text('job').notNull(),
    ordinal: integer('ordinal').notNull(), // from 1, in the order of the report
    path: text('path').notNull(),
    code: text('code').$type<ErrorCode>().notNull(),
    detail: text('detail').notNull(),
  },
  (t) => [primaryKey({ columns: [t.job, t.ordinal] })],
);
