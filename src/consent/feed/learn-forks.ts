import { z } from 'zod';
import type { Backoff } from '../../core/backoff.js';
import { listOf } from '../../core/list-of.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import { type Feed, isForked } from './feed.js';
import { acceptFork } from './forks.js';
import { type FeedPeers, inRandomOrder } from './peers.js';
import { activeInstitutions } from './sync.js';

/** Evidence fetched in one interval at most: each may take as much as a segment. */
const FORKS_PER_INTERVAL = 4;

const forkedShape = z.strictObject({ institutions: listOf(z.string().max(40), 4_096) });

/**
 * Asks one other institution for evidence of forks that this node has not seen. Each asks another at
 * random, so that what one has found is with all of n after about log n intervals.
 *
 * @param backoff - of those asked: one that failed or lied is asked ever more seldom.
 * @throws what the other did wrong: nothing that it says is taken without the two signatures.
 */
export async function learnForks(feed: Feed, peers: FeedPeers, backoff?: Backoff): Promise<void> {
  const others = activeInstitutions(feed).filter(({ id }) => id !== feed.institution);
  const due = others.filter(({ id }) => backoff?.isDue(`forks of ${id}`) ?? true);
  const [from] = inRandomOrder(due);
  if (from === undefined) return;
  try {
    await learnForksFrom(feed, peers, from);
    backoff?.succeeded(`forks of ${from.id}`);
  } catch (thrown) {
    backoff?.failed(`forks of ${from.id}`);
    throw thrown;
  }
}

async function learnForksFrom(
  feed: Feed,
  peers: FeedPeers,
  from: LedgerInstitution,
): Promise<void> {
  const active = activeInstitutions(feed);
  const { institutions } = forkedShape.parse(await peers.fetchForked(from.id));
  const named = new Set(institutions);
  const unseen = active.filter((one) => named.has(one.id) && !isForked(feed, one));
  for (const { id } of inRandomOrder(unseen).slice(0, FORKS_PER_INTERVAL)) {
    await acceptFork(feed, id, await peers.fetchFork(from.id, id));
  }
}
