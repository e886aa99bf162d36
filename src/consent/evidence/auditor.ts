import { canonicalJson } from '../../core/canonical-json.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import { type Bytes32, hashOf } from '../base/digest.js';
import type { Feed } from '../feed/feed.js';

/** How far the clocks of two nodes may be apart, and how long a request may travel. */
const MAX_AGE_SECONDS = 60;

const TAG = 'assent/audit-request';

/** The headers by which an auditor says who it is. Names are lower-case, as they arrive. */
export const AUDIT_HEADERS = {
  institution: 'assent-institution',
  at: 'assent-at',
  signature: 'assent-signature',
} as const;

/**
 * What this institution sends with a question about another's logs. They are open to institutions
 * alone: how many entries a log has, and when it grew, is nobody else's to know.
 *
 * @param path - with its query, as the other node will see it.
 */
export async function signAuditRequest(
  feed: Feed,
  to: InstitutionId,
  path: string,
): Promise<Record<string, string>> {
  const at = feed.clock.nowSeconds();
  return {
    [AUDIT_HEADERS.institution]: feed.institution,
    [AUDIT_HEADERS.at]: String(at),
    [AUDIT_HEADERS.signature]: await feed.keys.sign(hashOfRequest(feed, { to, path, at })),
  };
}

/**
 * Requires that an active institution of the network asks. Replaying a request within the minute
 * gives the same answer to someone who already had the request, so nothing is remembered.
 *
 * @throws DomainError SIGNATURE_INVALID, INSTITUTION_UNKNOWN.
 */
export async function requireAuditor(
  feed: Feed,
  request: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> },
): Promise<void> {
  const [id, at, signature] = Object.values(AUDIT_HEADERS).map((name) => request.headers[name]);
  const auditor = feed.ledger().institutions.find((listed) => listed.id === id);
  if (auditor?.status !== 'ACTIVE') throw new DomainError('INSTITUTION_UNKNOWN');
  const atSeconds = Number(at);
  const isNow = Math.abs(feed.clock.nowSeconds() - atSeconds) <= MAX_AGE_SECONDS;
  if (!isNow || typeof signature !== 'string') throw new DomainError('SIGNATURE_INVALID');
  const hash = hashOfRequest(feed, { to: feed.institution, path: request.path, at: atSeconds });
  const signer = await feed.keys.recover(hash, signature);
  if (signer?.toLowerCase() !== auditor.account.toLowerCase()) {
    throw new DomainError('SIGNATURE_INVALID');
  }
}

function hashOfRequest(
  { network }: Feed,
  asked: { readonly to: InstitutionId; readonly path: string; readonly at: Seconds },
): Bytes32 {
  return hashOf(TAG, canonicalJson({ network, ...asked }));
}
