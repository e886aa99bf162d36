import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { Feed } from './feed.js';
import { type ForkEvidence, parseFork, requireFork } from './fork.js';
import { notePublished, secretsBeyondFork, storeFork } from './fork-store.js';
import { publishWithdrawals } from './publish.js';

/**
 * Takes evidence that another node hands over. It counts by the two signatures and by nothing else,
 * so it may come from anyone.
 *
 * @throws DomainError INSTITUTION_UNKNOWN; SOURCE_FAILED as parseFork and requireFork say.
 */
export async function acceptFork(
  feed: Feed,
  institution: InstitutionId,
  wire: unknown,
): Promise<void> {
  const evidence = parseFork(wire, institution);
  const listed = feed.ledger().institutions.find(({ id }) => id === institution);
  if (listed === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution });
  await keepFork(feed, listed, evidence);
}

/** Checks evidence, unless there is some already, and keeps it: in the database, and in memory, where every request asks. */
export async function keepFork(
  feed: Feed,
  { id, account }: LedgerInstitution,
  evidence: ForkEvidence,
): Promise<void> {
  const { network, keys, clock } = feed;
  const known = { evidence, account: account.toLowerCase(), isPublished: false };
  if (feed.forks.get(id)?.account === known.account) return;
  await requireFork(evidence, { network, account, recover: keys.recover });
  await feed.db.transaction((tx) => storeFork(tx, known, clock.nowSeconds()));
  feed.forks.set(id, known);
}

/**
 * Publishes in this node's own feed what its copies hold of forked feeds. Each node holds one of
 * the histories and none can take the other; but a secret is a withdrawal no matter who publishes
 * it, so one that was told to a single node still reaches the others.
 *
 * @throws DomainError FEED_GAP, FEED_FORKED as publishing does: then it is tried again.
 */
export async function settleForks(feed: Feed): Promise<void> {
  for (const [institution, known] of feed.forks) {
    if (known.isPublished || institution === feed.institution) continue;
    const secrets = await feed.db.transaction((tx) => secretsBeyondFork(tx, institution), 'read');
    await publishWithdrawals(feed, secrets);
    await feed.db.transaction((tx) => notePublished(tx, known, feed.clock.nowSeconds()));
    feed.forks.set(institution, { ...known, isPublished: true });
  }
}
