import { and, asc, eq, gt, ne, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { feedEntry } from '../tables/table-feed.js';
import { feedFork } from '../tables/table-fork.js';
import type { ForkEvidence } from './fork.js';
import { tipOf } from './store.js';

/** Of a forked feed, how many entries each node publishes again: those since it was one, and more. */
const REPUBLISHED_ENTRIES = 4_096;

/** Evidence as a node holds it. */
export interface KnownFork {
  readonly evidence: ForkEvidence;
  /** Whose signatures these are: 0x and 40 lower-case hexadecimal digits. */
  readonly account: string;
  /** Whether what this node's copy holds beyond the fork stands in its own feed too. */
  readonly isPublished: boolean;
}

/** The evidence kept, the newest of each institution. */
export async function readForks(tx: SqlTransaction): Promise<Map<InstitutionId, KnownFork>> {
  const rows = await tx.select().from(feedFork).orderBy(asc(feedFork.seenAt));
  return new Map(
    rows.map(({ account, publishedAt, seenAt: _, ...evidence }) => [
      evidence.institution,
      { account, evidence, isPublished: publishedAt !== null },
    ]),
  );
}

/** Keeps the first evidence against an account: one contradiction is enough. */
export async function storeFork(
  tx: SqlTransaction,
  { evidence, account }: KnownFork,
  seenAt: Seconds,
): Promise<void> {
  await tx
    .insert(feedFork)
    .values({ ...evidence, account, seenAt })
    .onConflictDoNothing();
}

export async function notePublished(
  tx: SqlTransaction,
  { evidence, account }: KnownFork,
  publishedAt: Seconds,
): Promise<void> {
  const same = and(eq(feedFork.institution, evidence.institution), eq(feedFork.account, account));
  await tx.update(feedFork).set({ publishedAt }).where(same);
}

/** The newest secrets of the copy that stand in no other feed that this node holds. */
export async function secretsBeyondFork(
  tx: SqlTransaction,
  institution: InstitutionId,
): Promise<string[]> {
  const { seq } = await tipOf(tx, institution);
  const elsewhere = alias(feedEntry, 'elsewhere');
  const other = and(eq(elsewhere.handle, feedEntry.handle), ne(elsewhere.institution, institution));
  const rows = await tx
    .select({ w: feedEntry.w })
    .from(feedEntry)
    .where(
      and(
        eq(feedEntry.institution, institution),
        gt(feedEntry.seq, seq - REPUBLISHED_ENTRIES),
        notExists(tx.select({ one: sql`1` }).from(elsewhere).where(other)),
      ),
    );
  return rows.map(({ w }) => w);
}
