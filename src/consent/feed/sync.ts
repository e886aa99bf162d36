import { codeOf, DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { LedgerInstitution } from '../../ledger/read.js';
import { type Repeated, repeat } from '../register/repeat.js';
import { acceptSegment } from './accept.js';
import { type Feed, knownFeedOf } from './feed.js';
import { type FeedPeers, inRandomOrder } from './peers.js';

/** How many others are asked for a feed that its own institution does not give. */
const RELAYS = 3;
/** Segments taken from one answerer in one interval, so that no feed holds up the others for long. */
const SEGMENTS_PER_INTERVAL = 64;

/** Brings every feed up to date at a fixed cadence; the pilot's is one second. */
export function startFeedSync(
  feed: Feed,
  options: { readonly peers: FeedPeers; readonly everyMs: number; readonly log: Logger },
): Repeated {
  const { peers, everyMs, log } = options;
  return repeat({
    everyMs,
    work: async () => {
      for (const failure of await syncFeeds(feed, peers)) log.debug(failure, 'feed not synced');
    },
    onError: (thrown) => log.warn({ code: codeOf(thrown) }, 'feeds not synced'),
  });
}

/** A feed that could not be brought up to date from anyone. */
export interface SyncFailure {
  readonly institution: InstitutionId;
  readonly code: string;
  readonly check: string;
}

/**
 * Asks each active institution for its feed, and others for it if it does not answer or if what it
 * gives does not reach what it anchored. Its own feed a node asks for only if it has lost it.
 */
export async function syncFeeds(feed: Feed, peers: FeedPeers): Promise<SyncFailure[]> {
  const active = feed.ledger().institutions.filter(({ status }) => status === 'ACTIVE');
  const failures = await Promise.all(active.map((of) => syncFeed(feed, peers, of, active)));
  // Notes what is complete now, so that a gap is counted from the last time that it was.
  feed.completeness.gaps(active, feed.clock.nowMs());
  return failures.filter((failure) => failure !== undefined);
}

async function syncFeed(
  feed: Feed,
  peers: FeedPeers,
  of: LedgerInstitution,
  active: readonly LedgerInstitution[],
): Promise<SyncFailure | undefined> {
  const isOwn = of.id === feed.institution;
  if (isOwn && feed.completeness.isComplete(of)) return undefined;
  const others = active.map(({ id }) => id).filter((id) => id !== feed.institution && id !== of.id);
  const relays = inRandomOrder(others).slice(0, RELAYS);
  let failure: SyncFailure | undefined;
  for (const from of isOwn ? relays : [of.id, ...relays]) {
    try {
      await pull(feed, peers, from, of.id);
      failure = undefined;
      if (feed.completeness.isComplete(of)) return undefined;
    } catch (thrown) {
      failure = failureOf(of.id, thrown);
    }
  }
  return failure;
}

/** Takes segments until there are no more entries. */
async function pull(
  feed: Feed,
  peers: FeedPeers,
  from: InstitutionId,
  of: InstitutionId,
): Promise<void> {
  for (let taken = 0; taken < SEGMENTS_PER_INTERVAL; taken += 1) {
    const before = knownFeedOf(feed, of).seq;
    await acceptSegment(feed, of, await peers.fetchSegment(from, of, before));
    if (knownFeedOf(feed, of).seq === before) return;
  }
}

function failureOf(institution: InstitutionId, thrown: unknown): SyncFailure {
  const check = thrown instanceof DomainError ? String(thrown.facts.check ?? '') : '';
  return { institution, code: codeOf(thrown), check };
}
