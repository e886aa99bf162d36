import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DomainError, invariant } from '../../core/errors.js';
import type { LedgerInstitution } from '../../ledger/read.js';
import type { AnchorToAcknowledge, Feed } from '../feed/feed.js';
import { type FeedPeers, inRandomOrder } from '../feed/peers.js';
import { endOf } from '../feed/segment.js';
import { segmentOf } from '../feed/serve.js';

/** Segments sent to one peer that is far behind, before another is asked. */
const SEGMENTS_PER_PEER = 16;
/** Another node's view of the ledger may be a poll behind this one's last anchor. */
const RETRY_AFTER_MS = 1_000;

const answerShape = z.union([
  z.strictObject({ signature: z.string().regex(/^0x[0-9a-f]{130}$/) }),
  z.strictObject({ after: z.number().int().min(0) }),
]);

/**
 * Collects the acknowledgements that an anchor needs from other active institutions, in random
 * order. A wrong signature is left out here, because the contract refuses the whole anchor for it.
 *
 * @param quorum - as the contract has it; a smaller network needs as many as there are others.
 * @throws DomainError ACKNOWLEDGEMENTS_MISSING
 */
export async function collectAcknowledgements(
  feed: Feed,
  peers: FeedPeers,
  options: { readonly anchor: AnchorToAcknowledge; readonly quorum: number },
): Promise<string[]> {
  const { anchor, quorum } = options;
  const others = feed
    .ledger()
    .institutions.filter(({ id, status }) => status === 'ACTIVE' && id !== feed.institution);
  const required = Math.min(quorum, others.length);
  const first = await askUntil(required, inRandomOrder(others), ask);
  if (first.signatures.length >= required) return first.signatures;
  await delay(RETRY_AFTER_MS);
  const second = await askUntil(required - first.signatures.length, first.failed, ask);
  const signatures = [...first.signatures, ...second.signatures];
  if (signatures.length < required) {
    throw new DomainError('ACKNOWLEDGEMENTS_MISSING', { required, given: signatures.length });
  }
  return signatures;

  function ask(peer: LedgerInstitution): Promise<string> {
    return askPeer(feed, peers, peer, anchor);
  }
}

/** Asks as many at once as are missing, then others in place of those that did not sign. */
async function askUntil(
  required: number,
  others: readonly LedgerInstitution[],
  ask: (peer: LedgerInstitution) => Promise<string>,
): Promise<{ readonly signatures: string[]; readonly failed: LedgerInstitution[] }> {
  const signatures: string[] = [];
  const failed: LedgerInstitution[] = [];
  const untried = [...others];
  while (signatures.length < required && untried.length > 0) {
    const wave = untried.splice(0, required - signatures.length);
    const signed = wave.map((peer) => ask(peer).catch(() => void failed.push(peer)));
    for (const signature of await Promise.all(signed)) if (signature) signatures.push(signature);
  }
  return { signatures, failed };
}

async function askPeer(
  feed: Feed,
  peers: FeedPeers,
  peer: LedgerInstitution,
  anchor: AnchorToAcknowledge,
): Promise<string> {
  const { institution } = feed;
  let after = feed.acknowledgedBy.get(peer.id) ?? 0;
  for (let sent = 0; sent < SEGMENTS_PER_PEER; sent += 1) {
    const segment = await segmentOf(feed, institution, after);
    invariant(segment !== undefined, 'an institution has its own feed');
    const { anchors, digest } = anchor;
    const request = { institution, anchors, digest, segment };
    const answer = answerShape.parse(await peers.requestAcknowledgement(peer.id, request));
    if ('signature' in answer) {
      const signer = await feed.keys.acknowledgerOf(anchor, answer.signature);
      if (signer?.toLowerCase() === peer.account.toLowerCase()) {
        feed.acknowledgedBy.set(peer.id, endOf(segment));
        return answer.signature;
      }
      throw new DomainError('SIGNATURE_INVALID', { institution: peer.id });
    }
    after = answer.after;
  }
  throw new DomainError('SOURCE_FAILED', { institution: peer.id, check: 'after' });
}
