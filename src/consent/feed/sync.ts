import type { Backoff } from '../../core/backoff.js';
import { codeOf, DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import { acceptSegment } from './accept.js';
import { type Feed, knownFeedOf } from './feed.js';
import { coverAnchored } from './opened.js';
import { type FeedPeers, inRandomOrder } from './peers.js';
import { SEGMENT_ENTRIES } from './segment.js';

/** How many others are asked for a feed that its own institution does not give. */
const RELAYS = 3;
/** Segments taken from one answerer in one interval, so that no feed holds up the others for long. */
const SEGMENTS_PER_INTERVAL = 64;

/** A feed that could not be brought up to date from anyone. */
export interface SyncFailure {
  readonly institution: InstitutionId;
  readonly code: string;
  readonly check: string;
}

/**
 * Asks each institution for its feed, and others for it if it does not answer or if what it gives
 * does not reach what it anchored. Its own feed a node asks for only if it has lost it.
 */
export async function syncFeeds(feed: Feed, peers: FeedPeers): Promise<SyncFailure[]> {
  const followed = followedInstitutions(feed);
  const failures = await Promise.all(followed.map((of) => syncFeed(feed, peers, of)));
  return failures.filter((failure) => failure !== undefined);
}

/**
 * Whose feeds a node follows: those of active institutions, and those that suspended ones anchored,
 * because what was withdrawn there is withdrawn.
 */
export function followedInstitutions(feed: Feed): readonly LedgerInstitution[] {
  return feed
    .ledger()
    .institutions.filter(({ status, lastAnchor }) => status === 'ACTIVE' || lastAnchor);
}

export function activeInstitutions(feed: Feed): readonly LedgerInstitution[] {
  return feed.ledger().institutions.filter(({ status }) => status === 'ACTIVE');
}

/**
 * Brings one institution's feed up to date.
 *
 * @param backoff - of answerers: one that failed or lied about a feed is asked for it ever more seldom.
 * @returns why it could not be, from anyone that was asked.
 */
export async function syncFeed(
  feed: Feed,
  peers: FeedPeers,
  of: LedgerInstitution,
  backoff?: Backoff,
): Promise<SyncFailure | undefined> {
  // What was acknowledged here before it was anchored can be opened without asking anybody.
  await coverAnchored(feed, of, []);
  const isOwn = of.id === feed.institution;
  const isSuspended = of.status !== 'ACTIVE';
  // A suspended institution's feed ends with its last anchor: what it says since is not followed.
  if ((isOwn || isSuspended) && feed.completeness.isComplete(of)) return undefined;
  const asksNow = (from: InstitutionId) => backoff?.isDue(`${from} of ${of.id}`) ?? true;
  const relays = othersThan(feed, of.id).filter(asksNow).slice(0, RELAYS);
  let failure: SyncFailure | undefined;
  for (const from of answerers(of, { isOwn, relays }).filter(asksNow)) {
    try {
      await pull(feed, peers, from, of.id);
      backoff?.succeeded(`${from} of ${of.id}`);
      if (!isFork(failure)) failure = undefined;
      if (feed.completeness.isComplete(of)) break;
    } catch (thrown) {
      backoff?.failed(`${from} of ${of.id}`);
      if (!isFork(failure)) failure = failureOf(of.id, thrown);
    }
  }
  // Notes what is complete now, so that a gap is counted from the last time that it was. It was asked
  // for seconds ago, if nobody answered: what it has anchored since counts.
  const now = followedInstitutions(feed).filter(({ id }) => id === of.id);
  feed.completeness.gaps(now, feed.clock.nowMs());
  return failure;
}

/** Who is asked for a feed, in order: its institution first, a suspended one last. */
function answerers(
  { id, status }: LedgerInstitution,
  { isOwn, relays }: { readonly isOwn: boolean; readonly relays: readonly InstitutionId[] },
): readonly InstitutionId[] {
  if (isOwn) return relays;
  return status === 'ACTIVE' ? [id, ...relays] : [...relays, id];
}

/**
 * Asks the others once for this node's own feed, whether or not it is known to be behind. A node
 * that was set up again from a backup has forgotten what it published since, and what it would
 * publish in its place would be a second history. A peer that times out or lies cannot block
 * start-up.
 */
export async function takeBackOwnFeed(feed: Feed, peers: FeedPeers): Promise<void> {
  const { institution } = feed;
  const asked = othersThan(feed, institution);
  await Promise.all(
    asked.map((from) => pull(feed, peers, from, institution).catch(() => undefined)),
  );
}

function othersThan(feed: Feed, id: InstitutionId): InstitutionId[] {
  const active = activeInstitutions(feed).map((institution) => institution.id);
  return inRandomOrder(active.filter((one) => one !== feed.institution && one !== id));
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
    try {
      await acceptSegment(feed, of, await peers.fetchSegment(from, of, before));
    } catch (thrown) {
      if (before > 0 && checkOf(thrown) === 'head') await retrace(feed, peers, from, of);
      throw thrown;
    }
    if (knownFeedOf(feed, of).seq === before) return;
  }
}

/**
 * Entries that do not join on to this copy are the relay's doing, or another history's. Asked again
 * for what is known already, the answerer gives signed words on it: if one of them is another than
 * this copy's, that is evidence.
 *
 * @throws DomainError FEED_FORKED if it is.
 */
async function retrace(
  feed: Feed,
  peers: FeedPeers,
  from: InstitutionId,
  of: InstitutionId,
): Promise<void> {
  const { seq } = knownFeedOf(feed, of);
  let after = Math.max(0, seq - SEGMENT_ENTRIES);
  for (let taken = 0; after < seq && taken < SEGMENTS_PER_INTERVAL; taken += 1) {
    const end = await acceptSegment(feed, of, await peers.fetchSegment(from, of, after));
    if (end <= after) return;
    after = end;
  }
}

/** What one answerer has shown of the institution is not mended by what the next one says. */
function isFork(failure: SyncFailure | undefined): boolean {
  return failure?.code === 'FEED_FORKED';
}

function checkOf(thrown: unknown): string {
  return thrown instanceof DomainError ? String(thrown.facts.check ?? '') : '';
}

function failureOf(institution: InstitutionId, thrown: unknown): SyncFailure {
  return { institution, code: codeOf(thrown), check: checkOf(thrown) };
}
