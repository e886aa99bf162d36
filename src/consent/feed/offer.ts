import { z } from 'zod';
import { canonicalJson } from '../../core/canonical-json.js';
import { DomainError } from '../../core/errors.js';
import { fieldText } from '../../core/field-text.js';
import type { InstitutionId } from '../../core/ids.js';
import { listOf } from '../../core/list-of.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import { type Bytes32, hashOf } from '../base/digest.js';
import { toWithdrawal } from './chain.js';
import type { Feed } from './feed.js';
import { dropExpired, heldToOffer, noteOffered } from './held.js';
import type { FeedPeers, HeldOffer } from './peers.js';
import { signatureText } from './segment.js';
import { activeInstitutions } from './sync.js';
import { takeOffered } from './withdraw.js';

/** Secrets in one offer at most. */
const MAX_OFFERED = 512;
/**
 * Peers that did not answer are asked again soon; all are asked again later, since one may know it
 * by then.
 */
const AGAIN_AFTER_SECONDS = 600;
const RETRY_AFTER_SECONDS = 15;
/** How far the clocks of two nodes may be apart, and how long an offer may travel. */
const MAX_AGE_SECONDS = 60;

const TAG = 'assent/held-offer';

const offerShape = z.strictObject({
  institution: z.string().max(40),
  at: z.number().int().min(0),
  secrets: listOf(fieldText, MAX_OFFERED, 1),
  signature: signatureText,
});

/**
 * Tells the other institutions what this one holds, so that it ends its consent everywhere within
 * seconds, and so that the one that knows the handle publishes it. Lets go of what expired.
 */
export async function offerHeld(feed: Feed, peers: FeedPeers): Promise<void> {
  const { institution, db, clock } = feed;
  const now = clock.nowSeconds();
  // First: what expired must not be told on to others, who would hold it as long again.
  await db.transaction((tx) => dropExpired(tx, now));
  const due = await db.transaction(
    (tx) => heldToOffer(tx, institution, { now, atMost: MAX_OFFERED }),
    'read',
  );
  if (due.length > 0) {
    const secrets = due.map(({ w }) => w);
    const others = activeInstitutions(feed).filter(({ id }) => id !== institution);
    const asked = await Promise.allSettled(
      others.map(async ({ id }) => peers.offerHeld(id, await signedOffer(feed, id, secrets))),
    );
    const isHeard = asked.every(({ status }) => status === 'fulfilled');
    const offerAt = now + (isHeard ? AGAIN_AFTER_SECONDS : RETRY_AFTER_SECONDS);
    const handles = due.map(({ handle }) => handle);
    await db.transaction((tx) => noteOffered(tx, handles, offerAt));
  }
}

/**
 * Takes what another institution holds, if an active one signed for it.
 *
 * @throws DomainError BAD_INPUT, INSTITUTION_UNKNOWN, SIGNATURE_INVALID, SECRET_MALFORMED; what
 * takeOffered throws.
 */
export async function acceptOffer(feed: Feed, wire: unknown): Promise<void> {
  const parsed = offerShape.safeParse(wire);
  if (!parsed.success) throw new DomainError('BAD_INPUT', { expected: 'offer of held secrets' });
  const { institution, at, secrets, signature } = parsed.data;
  const listed = activeInstitutions(feed).find(({ id }) => id === institution);
  if (listed === undefined || listed.id === feed.institution) {
    throw new DomainError('INSTITUTION_UNKNOWN');
  }
  await requireOfferedBy(feed, listed, { at, secrets, signature });
  await takeOffered(feed, listed.id, [...new Set(secrets)].map(toWithdrawal));
}

async function requireOfferedBy(
  feed: Feed,
  { id, account }: LedgerInstitution,
  { at, secrets, signature }: Omit<HeldOffer, 'institution'>,
): Promise<void> {
  const isNow = Math.abs(feed.clock.nowSeconds() - at) <= MAX_AGE_SECONDS;
  const hash = hashOfOffer(feed, { from: id, to: feed.institution, at, secrets });
  const signer = isNow ? await feed.keys.recover(hash, signature) : undefined;
  if (signer?.toLowerCase() !== account.toLowerCase()) throw new DomainError('SIGNATURE_INVALID');
}

async function signedOffer(
  feed: Feed,
  to: InstitutionId,
  secrets: readonly string[],
): Promise<HeldOffer> {
  const { institution } = feed;
  const at = feed.clock.nowSeconds();
  const hash = hashOfOffer(feed, { from: institution, to, at, secrets });
  return { institution, at, secrets, signature: await feed.keys.sign(hash) };
}

function hashOfOffer(
  { network }: Feed,
  offer: {
    readonly from: InstitutionId;
    readonly to: InstitutionId;
    readonly at: number;
    readonly secrets: readonly string[];
  },
): Bytes32 {
  return hashOf(TAG, canonicalJson({ network, ...offer }));
}
