import { and, asc, desc, eq, gt, inArray, lt, notInArray } from 'drizzle-orm';
import type { RefusedEntry } from '../../core/import/import-report.js';
import type { Seconds } from '../../core/time.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { importJob, importRefusal } from '../tables/table-import-job.js';

/** An import that an operator handed in, as it is logged. */
export type ImportJob = typeof importJob.$inferSelect;

/** Jobs that are remembered, and refusals of each of them. */
const MAX_JOBS = 500;
export const MAX_REFUSALS = 10_000;
/** How long refusals are kept: their paths name patients by the sender's ids. 30 days. */
const REFUSALS_KEPT_SECONDS = 30 * 86_400;

/** Logs an import that has arrived whole; the oldest are forgotten. */
export async function addJob(db: Database, job: ImportJob): Promise<void> {
  await db.transaction(async (tx) => {
    await forgetRefusals(tx, job.receivedAt);
    await tx.insert(importJob).values(job);
    const kept = tx
      .select({ id: importJob.id })
      .from(importJob)
      .orderBy(desc(importJob.receivedAt), desc(importJob.id))
      .limit(MAX_JOBS);
    await tx.delete(importJob).where(notInArray(importJob.id, kept));
    const jobs = tx.select({ id: importJob.id }).from(importJob);
    await tx.delete(importRefusal).where(notInArray(importRefusal.job, jobs));
  });
}

async function forgetRefusals(tx: SqlTransaction, now: Seconds): Promise<void> {
  const old = tx
    .select({ id: importJob.id })
    .from(importJob)
    .where(lt(importJob.receivedAt, now - REFUSALS_KEPT_SECONDS));
  await tx.delete(importRefusal).where(inArray(importRefusal.job, old));
}

/** Notes what has become of one. */
export async function changeJob(
  db: Database,
  id: string,
  change: Partial<Omit<ImportJob, 'id'>>,
  refused: readonly RefusedEntry[] = [],
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(importJob).set(change).where(eq(importJob.id, id));
    await addRefusals(tx, id, refused);
  });
}

async function addRefusals(
  tx: SqlTransaction,
  job: string,
  refused: readonly RefusedEntry[],
): Promise<void> {
  const rows = refused.map((entry, at) => ({ job, ordinal: at + 1, ...entry }));
  for (let start = 0; start < rows.length; start += 500) {
    await tx.insert(importRefusal).values(rows.slice(start, start + 500));
  }
}

/** What an earlier run of this process had not ended never ends. */
export async function interruptJobs(db: Database, endedAt: Seconds): Promise<void> {
  const open = inArray(importJob.state, ['QUEUED', 'RUNNING']);
  await db.transaction(async (tx) => {
    await tx.update(importJob).set({ state: 'INTERRUPTED', endedAt }).where(open);
    await forgetRefusals(tx, endedAt);
  });
}

/** The newest of an operator's key, the newest first. */
export async function newestJobs(
  db: Database,
  key: string,
  most: number,
): Promise<readonly ImportJob[]> {
  const order = [desc(importJob.receivedAt), desc(importJob.id)];
  return db.transaction(
    (tx) =>
      tx
        .select()
        .from(importJob)
        .where(eq(importJob.key, key))
        .orderBy(...order)
        .limit(most),
    'read',
  );
}

/** One that this key handed in; undefined for another's. */
export async function findJob(
  db: Database,
  { id, key }: { readonly id: string; readonly key: string },
): Promise<ImportJob | undefined> {
  const own = and(eq(importJob.id, id), eq(importJob.key, key));
  const [job] = await db.transaction((tx) => tx.select().from(importJob).where(own), 'read');
  return job;
}

/** Refusals of one, behind that ordinal, in order. */
export async function refusalsOf(
  db: Database,
  job: string,
  { after, most }: { readonly after: number; readonly most: number },
): Promise<readonly (RefusedEntry & { readonly ordinal: number })[]> {
  const { ordinal, path, code, detail } = importRefusal;
  const behind = and(eq(importRefusal.job, job), gt(ordinal, after));
  return db.transaction(
    (tx) =>
      tx
        .select({ ordinal, path, code, detail })
        .from(importRefusal)
        .where(behind)
        .orderBy(asc(ordinal))
        .limit(most),
    'read',
  );
}
