import { and, desc, eq, gt, lte } from 'drizzle-orm';
import type { EvidenceLog } from '../../core/evidence/evidence.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { Feed } from '../feed/feed.js';
import { evidenceGap, evidenceSeenTree } from '../tables/table-evidence.js';
import type { SignedSuccession } from './succession.js';

/** Entries of another institution's log that are lost, and that it said so. */
export interface EvidenceGap {
  readonly institution: InstitutionId;
  readonly log: EvidenceLog;
  /** Of its keys: governance gave them to it before it said so. */
  readonly term: number;
  /** The entries from this one on, counted from 0, ... */
  readonly kept: number;
  /** ... to before this one are lost. */
  readonly ended: number;
}

/** All that this node knows of, in order. */
export async function evidenceGaps(feed: Feed): Promise<readonly EvidenceGap[]> {
  const { institution, log, term, kept, ended } = evidenceGap;
  return feed.db.transaction(
    (tx) =>
      tx
        .select({ institution, log, term, kept, ended })
        .from(evidenceGap)
        .orderBy(institution, term, log),
    'read',
  );
}

/** Whether another succession than this one was taken in its term. */
export async function isSecond(
  tx: SqlTransaction,
  { institution, term, digest, kept }: SignedSuccession,
): Promise<boolean> {
  const of = and(eq(evidenceGap.institution, institution), eq(evidenceGap.term, term));
  const taken = await tx.select().from(evidenceGap).where(of);
  return taken.some((gap) => gap.digest !== digest || gap.kept !== kept[gap.log]);
}

/** Keeps it that a log began again, for ever. */
export async function keepGap(
  tx: SqlTransaction,
  { institution, term, digest, kept, signature }: SignedSuccession,
  of: { readonly log: EvidenceLog; readonly ended: number; readonly at: Seconds },
): Promise<EvidenceGap> {
  const gap = { institution, log: of.log, term, kept: kept[of.log], ended: of.ended };
  const row = { ...gap, digest, signature, at: of.at };
  await tx.insert(evidenceGap).values(row).onConflictDoNothing();
  // Trees of what is lost are no beginning of any log to come.
  const log = and(eq(evidenceSeenTree.institution, institution), eq(evidenceSeenTree.log, of.log));
  await tx.delete(evidenceSeenTree).where(and(log, gt(evidenceSeenTree.size, gap.kept)));
  return gap;
}

/** The newest tree of a log that was seen and has no more entries than that. */
export async function seenTreeWithin(
  tx: SqlTransaction,
  { institution, log, most }: { institution: InstitutionId; log: EvidenceLog; most: number },
) {
  const { size, root } = evidenceSeenTree;
  const of = and(eq(evidenceSeenTree.institution, institution), eq(evidenceSeenTree.log, log));
  const [tree] = await tx
    .select({ size, root })
    .from(evidenceSeenTree)
    .where(and(of, lte(size, most)))
    .orderBy(desc(size))
    .limit(1);
  return tree;
}
