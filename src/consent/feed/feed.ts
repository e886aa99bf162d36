import { asc, desc } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { SqlTransaction } from '../../store/database.js';
import type { RegisterContext } from '../base/context.js';
import { type Bytes32, type DigestPreimage, ZERO_HEAD } from '../base/digest.js';
import { feedDigest, feedHead, feedOpened } from '../tables/table-feed.js';
import { FeedCompleteness } from './completeness.js';
import { type KnownFork, readForks } from './fork-store.js';
import { acceptedGaps, readRepublished } from './gap-store.js';
import type { RecentEntries } from './recent-entries.js';
import type { FeedSegment } from './segment.js';
import { SourceLimit } from './source-limit.js';
import { signedTipOf, tipOf } from './store.js';
import type { StrangerTerms } from './stranger-terms.js';

/** Of this node's own digests, how many are remembered over a restart. */
const OWN_DIGESTS = 64;

const NOTHING_KNOWN: KnownFeed = { seq: 0, head: ZERO_HEAD, signer: undefined };

/** What of a ledger snapshot the feed goes by. */
export type FeedLedger = Pick<LedgerSnapshot, 'chainId' | 'contract' | 'institutions'>;

/** One anchor to come, as another institution acknowledges it. */
export interface AnchorToAcknowledge {
  readonly slot: number;
  /** How often the institution has anchored before. */
  readonly anchors: number;
  readonly digest: Bytes32;
}

/** Signing and recovering with ledger accounts. Signatures are r, s, v: 0x and 130 digits. */
export interface FeedKeys {
  /** By this institution's account. */
  sign(hash: Bytes32): Promise<string>;
  /** The address that signed; undefined if it is no signature at all. */
  recover(hash: Bytes32, signature: string): Promise<string | undefined>;
  /** By this institution's account, over the hash that the contract checks. */
  acknowledge(anchor: AnchorToAcknowledge): Promise<string>;
  acknowledgerOf(anchor: AnchorToAcknowledge, signature: string): Promise<string | undefined>;
}

export interface FeedOptions extends RegisterContext {
  /** The network's name. */
  readonly network: string;
  /** @throws what the ledger watch throws while it has no usable snapshot. */
  readonly ledger: () => FeedLedger;
  readonly keys: FeedKeys;
  /** Whether consents may be proven against that root now; without it, no consent can be shown. */
  readonly acceptsRoot?: (root: bigint) => boolean;
  /** What strangers pay; STRANGER_TERMS without it. */
  readonly strangers?: StrangerTerms;
  /** Called after handles were withdrawn here, whether published here or learnt from another feed. */
  readonly onWithdrawn?: (handles: readonly string[]) => void;
}

/** How far a copy reaches. */
export interface KnownFeed {
  readonly seq: number;
  readonly head: Bytes32;
  /** The account whose signature over this head is stored, in lower case; undefined if none is. */
  readonly signer: string | undefined;
}

/** This node's feed and its copies of the others': the state that its functions share. */
export interface Feed extends FeedOptions {
  readonly completeness: FeedCompleteness;
  /** What strangers brought of late, by whom they came. */
  readonly sources: SourceLimit;
  /** What is stored, so that an unchanged feed costs no statement. */
  readonly known: Map<InstitutionId, KnownFeed>;
  /** Evidence of institutions that forked their feeds. */
  readonly forks: Map<InstitutionId, KnownFork>;
  /** Where each peer's copy of this feed ended when it last acknowledged. */
  readonly acknowledgedBy: Map<InstitutionId, number>;
  /** The segment of this feed that was signed last. */
  lastServed: FeedSegment | undefined;
  /** What is in this institution's newest digests, as long as none is prepared or anchored since. */
  servedDigests:
    | { readonly anchored: Bytes32 | undefined; readonly digests: readonly DigestPreimage[] }
    | undefined;
  recent: RecentEntries | undefined;
  /** Up to which entry the feed of a suspended institution was published again here. */
  readonly republished: Map<InstitutionId, number>;
}

/** Opens the feed: from now on the copy of every institution that anchored must become complete once. */
export async function openFeed(options: FeedOptions): Promise<Feed> {
  const feed: Feed = {
    ...options,
    completeness: new FeedCompleteness(),
    sources: new SourceLimit(),
    known: new Map(),
    forks: await options.db.transaction(readForks, 'read'),
    acknowledgedBy: new Map(),
    lastServed: undefined,
    servedDigests: undefined,
    recent: undefined,
    republished: await options.db.transaction(readRepublished, 'read'),
  };
  await feed.db.transaction(async (tx) => {
    const signed = await tx.selectDistinct({ id: feedHead.institution }).from(feedHead);
    const opened = await tx.selectDistinct({ id: feedOpened.institution }).from(feedOpened);
    const held = [...signed, ...opened].map(({ id }) => id);
    for (const id of new Set([feed.institution, ...held])) await loadCopy(feed, tx, id);
    await loadCovered(feed, tx);
  }, 'read');
  return feed;
}

/** How far the copy of a feed reaches. */
export function knownFeedOf(feed: Feed, institution: InstitutionId): KnownFeed {
  return feed.known.get(institution) ?? NOTHING_KNOWN;
}

/** Notes how far a copy reaches. Never less than before: what is committed last is not told last. */
export function noteKnown(feed: Feed, institution: InstitutionId, reached: KnownFeed): void {
  const known = knownFeedOf(feed, institution);
  if (reached.seq < known.seq) return;
  const signer = reached.signer ?? (reached.seq === known.seq ? known.signer : undefined);
  feed.known.set(institution, { ...reached, signer });
}

/**
 * Requires that the feed of every institution that ever anchored is complete here, or was 120 s ago:
 * of a suspended one too, whose withdrawals end no less than others. Reads memory only: every request
 * asks.
 *
 * @throws DomainError FEED_GAP; FEED_FORKED if the gap will not close, because the institution told
 * different histories; and what the ledger watch throws.
 */
export function requireCompleteFeed(feed: Feed): void {
  const { behind, forked } = feedHealth(feed);
  const [first] = behind;
  if (first === undefined) return;
  const torn = behind.find((id) => forked.includes(id));
  throw torn === undefined
    ? new DomainError('FEED_GAP', { institution: first })
    : new DomainError('FEED_FORKED', { institution: torn });
}

/** What of the feeds an operator has to know. */
export interface FeedHealth {
  /** Institutions, suspended ones too, for whose feeds this node serves no consent now. */
  readonly behind: readonly InstitutionId[];
  /** Active institutions of which this node can show that they forked their feeds. */
  readonly forked: readonly InstitutionId[];
}

/** Reads memory only. @throws what the ledger watch throws. */
export function feedHealth(feed: Feed): FeedHealth {
  const { institutions } = feed.ledger();
  const behind = feed.completeness.gaps(institutions, feed.clock.nowMs());
  const forked = institutions.filter((listed) => isForked(feed, listed)).map(({ id }) => id);
  return { behind, forked };
}

/**
 * Whether this node can show that an active institution forked its feed, under the account that it
 * has on the ledger now: what a suspended or renewed account signed stops nobody.
 */
export function isForked(feed: Feed, { id, account, status }: LedgerInstitution): boolean {
  return status === 'ACTIVE' && feed.forks.get(id)?.account === account.toLowerCase();
}

/** @throws DomainError FEED_FORKED */
export function requireNotForked(feed: Feed, listed: LedgerInstitution): void {
  if (isForked(feed, listed)) throw new DomainError('FEED_FORKED', { institution: listed.id });
}

/** Takes what is stored of a feed into memory. */
async function loadCopy(feed: Feed, tx: SqlTransaction, institution: InstitutionId): Promise<void> {
  const tip = await tipOf(tx, institution);
  const signed = await signedTipOf(tx, institution);
  const signer = signed?.seq === tip.seq ? signed.account : undefined;
  feed.known.set(institution, { ...tip, signer });
}

/** What this node could open before it was stopped, and what its operator decided to do without. */
async function loadCovered({ completeness, institution }: Feed, tx: SqlTransaction): Promise<void> {
  const own = await tx
    .select({ digest: feedDigest.digest })
    .from(feedDigest)
    .orderBy(desc(feedDigest.number))
    .limit(OWN_DIGESTS);
  for (const { digest } of own.reverse()) completeness.cover(institution, digest);
  const opened = await tx
    .select({ id: feedOpened.institution, digest: feedOpened.digest })
    .from(feedOpened)
    .orderBy(asc(feedOpened.round));
  const accepted = await acceptedGaps(tx);
  for (const { id, digest } of [...opened, ...accepted]) completeness.cover(id, digest);
}
