import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import { type AskedInstitution, nodeUrl } from './ask-nodes.js';
import { exchangeJson } from './exchange.js';
import { NodeFailure } from './node-failure.js';
import type { PeerClocks } from './peer-clocks.js';
import { ANY_WIRE, type Wire, type WireRequest } from './wire.js';

export interface PeersOptions {
  readonly institutions: () => readonly AskedInstitution[];
  /** Makes the headers that tell another institution who asks for that path, with its query. */
  readonly sign: (to: InstitutionId, path: string) => Promise<Readonly<Record<string, string>>>;
  /** Milliseconds that another node has to answer. */
  readonly budgetMs?: number;
  /** Which endpoints may be reached; any unless given. */
  readonly wire?: Wire;
  /** Is told the time of each other node. */
  readonly clocks?: PeerClocks;
}

/**
 * How nodes exchange their revocation feeds and logs. What is exchanged is signed by its
 * institution, and so is each question: even the size of a feed or log is not for strangers.
 */
export interface Peers {
  /** The feed of `of` after entry `afterSeq`, as `institution` holds it. Untrusted: parse it. */
  fetchSegment(institution: InstitutionId, of: InstitutionId, afterSeq: number): Promise<unknown>;
  /** The institutions that `institution` can prove to have forked their feeds. Untrusted too. */
  fetchForked(institution: InstitutionId): Promise<unknown>;
  /** The evidence against `of` that `institution` holds. */
  fetchFork(institution: InstitutionId, of: InstitutionId): Promise<unknown>;
  /** Asks another institution to hold a segment and to sign that it does. */
  requestAcknowledgement(institution: InstitutionId, request: unknown): Promise<unknown>;
  /** Tells another institution which withdrawal secrets this one holds. */
  offerHeld(institution: InstitutionId, offer: unknown): Promise<unknown>;
  /** GETs a path about another institution's logs, with the headers that say who asks. */
  fetchEvidence(
    institution: InstitutionId,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown>;
}

const BUDGET_MS = 3_000;
/** The most bytes of an honest answer of each kind: no more are read. */
const MAX_BYTES = {
  /** 4,096 secrets of 77 digits, and four digests. */
  segment: 384 * 1024,
  /** Two words, and as many secrets. */
  fork: 384 * 1024,
  /** The ids of 4,096 institutions. */
  forked: 184 * 1024,
  /** Opened heads, or 128 hashes. */
  evidence: 16 * 1024,
  /** A signature, or how much was taken. */
  receipt: 4 * 1024,
} as const;

/** Each call throws DomainError SOURCE_FAILED {institution, check} for what the other node does. */
export function createPeers(options: PeersOptions): Peers {
  const { wire = ANY_WIRE } = options;

  async function exchange(
    id: InstitutionId,
    path: string,
    maxBytes: number,
    request: WireRequest,
  ): Promise<unknown> {
    const limits = { budgetMs: options.budgetMs ?? BUDGET_MS, maxBytes };
    const peer = options.institutions().find((institution) => institution.id === id);
    if (peer === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution: id });
    try {
      const url = nodeUrl(peer.endpoint, path);
      return await exchangeJson(url, request, limits, wire, (headers) =>
        options.clocks?.noteAnswer(id, headers),
      );
    } catch (thrown) {
      if (!(thrown instanceof NodeFailure)) throw thrown;
      throw new DomainError('SOURCE_FAILED', { institution: id, check: thrown.kind });
    }
  }

  async function ask(
    id: InstitutionId,
    path: string,
    maxBytes: number,
    init: WireRequest = { method: 'GET' },
  ): Promise<unknown> {
    const headers = { ...init.headers, ...(await options.sign(id, path)) };
    return exchange(id, path.slice(1), maxBytes, { ...init, headers });
  }

  return {
    fetchSegment: (institution, of, afterSeq) =>
      ask(institution, `/feed/${encodeURIComponent(of)}?after=${afterSeq}`, MAX_BYTES.segment),
    fetchForked: (institution) => ask(institution, '/feed-forks', MAX_BYTES.forked),
    fetchFork: (institution, of) =>
      ask(institution, `/feed-forks/${encodeURIComponent(of)}`, MAX_BYTES.fork),
    requestAcknowledgement: (institution, request) =>
      ask(institution, '/feed/acknowledge', MAX_BYTES.receipt, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      }),
    offerHeld: (institution, offer) =>
      exchange(institution, 'feed/held', MAX_BYTES.receipt, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(offer),
      }),
    fetchEvidence: (institution, path, headers) =>
      exchange(institution, path.replace(/^\//, ''), MAX_BYTES.evidence, {
        method: 'GET',
        headers: { ...headers },
      }),
  };
}
