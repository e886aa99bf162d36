import { and, eq, gt, inArray, isNotNull, lte, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { SqlTransaction } from '../../store/database.js';
import { feedEntry } from '../tables/table-feed.js';
import { type Feed, knownFeedOf } from './feed.js';
import { noteRepublished } from './gap-store.js';
import { publishWithdrawals } from './publish.js';

/** Entries looked at in one turn: most stand in another feed, once the first node has published them. */
const ENTRIES_PER_TURN = 1_024;

/**
 * Publishes in this node's own feed what its copies hold of the feeds of suspended institutions and
 * no active institution's feed has, a stretch at a time. So a withdrawal outlives the institution
 * that took it, even one that was taken after the last anchor and told to one node alone.
 *
 * Where it got to is kept, so that it goes on after a restart and does nothing twice.
 *
 * @throws DomainError FEED_GAP, FEED_FORKED as publishing does: then it is tried again.
 */
export async function settleSuspended(feed: Feed): Promise<void> {
  const { institutions } = feed.ledger();
  const active = institutions.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id);
  // What a suspended institution publishes, nobody follows.
  if (!active.includes(feed.institution)) return;
  for (const listed of institutions) {
    if (listed.status !== 'ACTIVE') await settleOne(feed, listed, active);
  }
}

async function settleOne(
  feed: Feed,
  { id }: LedgerInstitution,
  active: readonly InstitutionId[],
): Promise<void> {
  const after = feed.republished.get(id) ?? 0;
  const until = Math.min(knownFeedOf(feed, id).seq, after + ENTRIES_PER_TURN);
  if (until <= after) return;
  const secrets = await feed.db.transaction(
    (tx) => secretsInNoOther(tx, id, { after, until, active }),
    'read',
  );
  await publishWithdrawals(feed, secrets);
  await feed.db.transaction((tx) => noteRepublished(tx, id, until));
  feed.republished.set(id, until);
}

async function secretsInNoOther(
  tx: SqlTransaction,
  institution: InstitutionId,
  range: {
    readonly after: number;
    readonly until: number;
    readonly active: readonly InstitutionId[];
  },
): Promise<string[]> {
  const elsewhere = alias(feedEntry, 'elsewhere');
  const other = and(
    eq(elsewhere.handle, feedEntry.handle),
    inArray(elsewhere.institution, [...range.active]),
  );
  const rows = await tx
    .select({ w: feedEntry.w })
    .from(feedEntry)
    .where(
      and(
        eq(feedEntry.institution, institution),
        gt(feedEntry.seq, range.after),
        isNotNull(feedEntry.handle),
        lte(feedEntry.seq, range.until),
        notExists(tx.select({ one: sql`1` }).from(elsewhere).where(other)),
      ),
    );
  return rows.map(({ w }) => w);
}
