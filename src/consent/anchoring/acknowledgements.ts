import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { codeOf, DomainError, invariant } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { AnchorToAcknowledge, Feed } from '../feed/feed.js';
import { type FeedPeers, inRandomOrder } from '../feed/peers.js';
import { endOf } from '../feed/segment.js';
import { segmentOf } from '../feed/serve.js';

/** Segments sent to one peer that is far behind, before another is asked. */
const SEGMENTS_PER_PEER = 16;
/** Another node's view of the ledger may be a poll behind this one's last anchor. */
const RETRY_AFTER_MS = 1_000;
/** Asked beyond what is needed, where there are so many: one bad answer then costs no time. */
const ASKED_BEYOND = 1;

const answerShape = z.union([
  z.strictObject({ signature: z.string().max(256) }),
  z.strictObject({ after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
]);

/**
 * Collects the acknowledgements that an anchor needs from other active institutions, in random
 * order. A signature that the contract would refuse is left out here and its giver named in the log,
 * because the contract refuses the whole anchor for it.
 *
 * @param quorum - as the contract has it; a smaller network needs as many as there are others.
 * @returns as many as are needed, never more: every anchor looks the same.
 * @throws DomainError ACKNOWLEDGEMENTS_MISSING
 */
export async function collectAcknowledgements(
  feed: Feed,
  peers: FeedPeers,
  options: { readonly anchor: AnchorToAcknowledge; readonly quorum: number; readonly log: Logger },
): Promise<string[]> {
  const { anchor, quorum, log } = options;
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

  async function ask(peer: LedgerInstitution): Promise<string> {
    try {
      return await askPeer(feed, peers, peer, anchor);
    } catch (thrown) {
      log.warn({ code: codeOf(thrown), institution: peer.id }, 'acknowledgement left out');
      throw thrown;
    }
  }
}

interface Asked {
  readonly signatures: string[];
  readonly failed: LedgerInstitution[];
}

/** Asks a few at once, another in place of each that did not sign, and waits for no more than needed. */
function askUntil(
  required: number,
  others: readonly LedgerInstitution[],
  ask: (peer: LedgerInstitution) => Promise<string>,
): Promise<Asked> {
  const asked: Asked = { signatures: [], failed: [] };
  const untried = [...others];
  let open = 0;
  return new Promise((resolve) => {
    const goOn = () => {
      const missing = required - asked.signatures.length;
      if (missing <= 0 || open + untried.length === 0) {
        resolve({ ...asked, signatures: asked.signatures.slice(0, required) });
        return;
      }
      for (const peer of untried.splice(0, missing + ASKED_BEYOND - open)) begin(peer);
    };
    const begin = (peer: LedgerInstitution) => {
      open += 1;
      ask(peer)
        .then(
          (signature) => asked.signatures.push(signature),
          () => asked.failed.push(peer),
        )
        .finally(() => {
          open -= 1;
          goOn();
        });
    };
    goOn();
  });
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
