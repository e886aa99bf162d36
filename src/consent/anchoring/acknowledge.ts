import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import {
  type AnchorName,
  type Bytes32,
  type DigestPreimage,
  digestOf,
  isBytes32,
  mismatchOf,
} from '../base/digest.js';
import { acceptSegment } from '../feed/accept.js';
import { type Feed, knownFeedOf, requireNotForked } from '../feed/feed.js';
import { keepAcknowledged } from '../feed/opened.js';
import type { Acknowledged } from '../feed/peers.js';
import {
  type FeedSegment,
  parseSegment,
  segmentRefused,
  segmentShape,
  sequence,
} from '../feed/segment.js';
import { entriesBetween, seqOfHead } from '../feed/store.js';

/** How long an entry held here may be missing from a digest: a publication may cross an anchor. */
const OMISSION_SECONDS = 60;

const requestShape = z.strictObject({
  institution: z.string().max(40),
  anchors: sequence,
  digest: z.custom<Bytes32>(isBytes32),
  segment: segmentShape,
});

/**
 * Acknowledges another institution's next anchor: that this node holds the feed that the digest
 * commits to. Two such signatures are needed to anchor, so nobody commits to a feed and withholds it.
 *
 * @param wire - an AcknowledgementRequest, from anyone: the segment's signature counts.
 * @returns how far this node's copy reaches instead, if the segment begins or ends elsewhere.
 * @throws DomainError BAD_INPUT, INSTITUTION_UNKNOWN; FEED_FORKED, so that an institution known to
 * have told two histories can anchor neither; SOURCE_FAILED with facts.check: what acceptSegment
 * says, or anchors (not the institution's next), digest (not opened by the segment), digest anchor
 * (made for another anchor than this), omission (leaves out an entry that is held here).
 */
export async function acknowledge(feed: Feed, wire: unknown): Promise<Acknowledged> {
  const parsed = requestShape.safeParse(wire);
  if (!parsed.success) throw new DomainError('BAD_INPUT', { expected: 'acknowledgement request' });
  const { anchors, digest } = parsed.data;
  const institution = requireOther(feed, parsed.data.institution);
  // This node's view of the ledger may be one block behind the institution's own.
  if (anchors !== institution.anchors && anchors !== institution.anchors + 1) {
    throw segmentRefused(institution.id, 'anchors');
  }
  requireNotForked(feed, institution);
  const segment = parseSegment(parsed.data.segment, institution.id);
  const known = knownFeedOf(feed, institution.id);
  if (segment.after > known.seq) return { after: known.seq };
  await acceptSegment(feed, institution.id, segment);
  const { chainId, contract } = feed.ledger();
  const anchor = { chainId, contract, slot: institution.slot, round: anchors };
  const opened = openedIn(segment, { digest, anchor });
  const reached = await reachedBy(feed, institution.id, opened);
  if (!reached) return { after: knownFeedOf(feed, institution.id).seq };
  const signature = await feed.keys.acknowledge({ slot: institution.slot, anchors, digest });
  return { signature };
}

function requireOther(feed: Feed, id: string): LedgerInstitution {
  const institution = feed.ledger().institutions.find((listed) => listed.id === id);
  const isOther = institution?.status === 'ACTIVE' && institution.id !== feed.institution;
  if (!isOther) throw new DomainError('INSTITUTION_UNKNOWN');
  return institution;
}

function openedIn(
  segment: FeedSegment,
  { digest, anchor }: { readonly digest: Bytes32; readonly anchor: AnchorName },
): DigestPreimage {
  const opened = segment.digests.find((preimage) => digestOf(preimage) === digest);
  if (opened === undefined) throw segmentRefused(segment.institution, 'digest');
  // What evidence is checked against must not be shown as another institution's, or another round's.
  if (mismatchOf(opened, anchor)) throw segmentRefused(segment.institution, 'digest anchor');
  return opened;
}

/**
 * Whether this node's copy reaches the head that is committed to: a long feed comes in several
 * segments. An institution that commits to less than it published would bury the rest. What is in the
 * digest is kept from now on.
 */
function reachedBy(
  feed: Feed,
  institution: InstitutionId,
  opened: DigestPreimage,
): Promise<boolean> {
  return feed.db.transaction(async (tx) => {
    const after = await seqOfHead(tx, institution, opened.feedHead);
    if (after === undefined) return false;
    const [omitted] = await entriesBetween(tx, institution, { after, until: after + 1 });
    if (omitted !== undefined && omitted.at < feed.clock.nowSeconds() - OMISSION_SECONDS) {
      throw segmentRefused(institution, 'omission');
    }
    await keepAcknowledged(tx, institution, opened);
    return true;
  });
}
