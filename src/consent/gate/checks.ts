import { DomainError } from '../../core/errors.js';
import { MAX_TIME_SECONDS, type Seconds } from '../../core/time.js';
import type { RootedStatement } from '../../ledger/read/parameters.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { Signals } from '../../zk/statement.js';
import type { Purpose } from '../../zk/vocabulary.js';
import type { Holder } from './holder-key.js';
import type { GateParameters } from './parameters.js';

/**
 * The root was anchored on this ledger and has not ended for this statement.
 *
 * Against a holder of an old proof who waits for a revocation to be forgotten.
 *
 * @throws DomainError ROOT_UNKNOWN, ROOT_STALE
 */
export function requireAcceptedRoot(
  root: bigint,
  snapshot: LedgerSnapshot,
  when: { readonly nowSeconds: Seconds; readonly statement: RootedStatement },
): void {
  const epoch = snapshot.epochOf(root);
  if (epoch === undefined) throw new DomainError('ROOT_UNKNOWN');
  const standing = snapshot.acceptsRoot({ root, epoch }, when);
  if (standing === 'UNKNOWN') throw new DomainError('ROOT_UNKNOWN');
  if (standing === 'STALE') throw new DomainError('ROOT_STALE');
}

/**
 * The proof was made at most a day ago, and not in the future: a statement proven for tomorrow
 * would outlive a grant that ends today.
 *
 * @throws DomainError PROOF_FROM_FUTURE, PROOF_TOO_OLD
 */
export function requireTimely(
  { asOf }: Pick<Signals, 'asOf'>,
  now: Seconds,
  { aheadSeconds, proofAgeSeconds }: GateParameters,
): Seconds {
  if (asOf > BigInt(Math.min(now + aheadSeconds, MAX_TIME_SECONDS))) {
    throw new DomainError('PROOF_FROM_FUTURE', { aheadSeconds });
  }
  if (asOf < BigInt(now - proofAgeSeconds)) {
    throw new DomainError('PROOF_TOO_OLD', { proofAgeSeconds });
  }
  return Number(asOf);
}

/**
 * The presentation ends soon enough: a long one would amount to a consent of its own.
 *
 * @throws DomainError EXPIRY_TOO_FAR, CONSENT_EXPIRED
 */
export function requireExpiry(
  expires: Seconds,
  { asOf, now }: { readonly asOf: Seconds; readonly now: Seconds },
  { lifeSeconds }: Pick<GateParameters, 'lifeSeconds'>,
): void {
  if (expires > asOf + lifeSeconds) throw new DomainError('EXPIRY_TOO_FAR', { lifeSeconds });
  if (expires <= now) throw new DomainError('CONSENT_EXPIRED');
}

/**
 * The proof is for the plaintext that was sent. It is hashed here, so the prover cannot choose the
 * hash.
 *
 * @param purposeOf - the purpose under which the same plaintext has that hash, if any: asked of a
 * proof that is refused, whose sender is told by name what was changed.
 * @throws DomainError PURPOSE_MISMATCH, REQUEST_MISMATCH
 */
export function requireRequest(
  { request }: Pick<Signals, 'request'>,
  recomputed: bigint,
  purposeOf: (request: bigint) => Purpose | undefined = () => undefined,
): void {
  if (request === recomputed) return;
  const isForAnotherPurpose = purposeOf(request) !== undefined;
  throw new DomainError(isForAnotherPurpose ? 'PURPOSE_MISMATCH' : 'REQUEST_MISMATCH');
}

/**
 * The proof was made for the key that will sign the tokens, so an overheard proof opens nothing.
 *
 * @throws DomainError HOLDER_MISMATCH
 */
export function requireHolder({ holder }: Pick<Signals, 'holder'>, presented: Holder): void {
  if (holder !== presented.field) throw new DomainError('HOLDER_MISMATCH');
}

/** Its w was not published, at any institution. @throws DomainError CONSENT_WITHDRAWN */
export function requireNotWithdrawn(
  { handle }: Pick<Signals, 'handle'>,
  withdrawn: ReadonlySet<string>,
): void {
  if (withdrawn.has(handle.toString())) throw new DomainError('CONSENT_WITHDRAWN');
}
