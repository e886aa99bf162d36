import { DomainError, invariant } from '../../core/errors.js';
import type { Seconds } from '../../core/time.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { Caller } from './authenticate.js';
import type { Holder } from './holder-key.js';
import type { GateSetting } from './kind.js';
import type { ReadLive } from './live-presentations.js';
import { type PartnerPermit, type Permit, PermitSet, type Undecided } from './permit.js';
import type { PresentationRow } from './presentations.js';

/**
 * Mints what a holder's presentations open now: one SQL statement if nothing changed, and
 * no call to a chain.
 *
 * Everything that can have ended since they were shown is asked again. What ended is left out, and
 * nothing says why: to its requester it looks like a row that was never there. What this node cannot
 * decide now has not ended: the set throws the code for it when it is asked, and not before, since
 * presenting and withdrawing need no permit.
 */
export async function openPermits(
  setting: GateSetting,
  readLive: ReadLive,
  { holder, gateway }: Caller,
): Promise<PermitSet> {
  if (holder === undefined) return PermitSet.mint([], [], undefined, gateway);
  const snapshot = orRefusal(() => setting.snapshot());
  if (snapshot instanceof DomainError) {
    const { code } = snapshot;
    return PermitSet.mint([], [], holder, gateway, { permits: code, partners: code });
  }
  const now = setting.clock.nowSeconds();
  const rows = await readLive(holder.thumbprint, now);
  const stands = standing(setting, snapshot, now);
  const gap = orRefusal(() => setting.feed.requireComplete());
  const all = mintedOf(rows, { holder, gateway });
  if (gap === undefined && all.grounds.every(stands)) return all.permits;
  const live = rows.filter(stands);
  if (gap === undefined) return mint(live, { holder, gateway });
  const accreditations = live.filter(({ statement }) => statement === 'accreditation');
  // Who has shown no consent has none to miss, and is told so.
  const isMissing = accreditations.length < live.length;
  return mint(accreditations, { holder, gateway }, isMissing ? { permits: gap.code } : {});
}

/** All that a list of presentations opens if every ground of it stands, and which grounds those are. */
interface Minted {
  /** The gateway that they were last asked through. */
  readonly gateway: string | undefined;
  readonly permits: PermitSet;
  readonly grounds: readonly Ground[];
}

type KnownCaller = Caller & { readonly holder: Holder };

/** What a presentation rests on that may end before it does. */
type Ground = Pick<PresentationRow, 'statement' | 'root' | 'epoch' | 'keyHash'>;

/** For as long as the list is kept: a portal's is long, is the same with each question, and changes nothing. */
const minted = new WeakMap<readonly PresentationRow[], Minted>();

function mintedOf(rows: readonly PresentationRow[], caller: KnownCaller): Minted {
  const { gateway } = caller;
  const known = minted.get(rows);
  if (known !== undefined && known.gateway === gateway) return known;
  const grounds = new Map(
    rows.map(({ statement, root, epoch, keyHash }) => {
      return [`${statement} ${root} ${epoch} ${keyHash}`, { statement, root, epoch, keyHash }];
    }),
  );
  const made = { permits: mint(rows, caller), grounds: [...grounds.values()], gateway };
  minted.set(rows, made);
  return made;
}

function mint(
  rows: readonly PresentationRow[],
  { holder, gateway }: KnownCaller,
  undecided: Undecided = {},
): PermitSet {
  const consents = rows.filter(({ statement }) => statement === 'consent');
  const accreditations = rows.filter(({ statement }) => statement === 'accreditation');
  return PermitSet.mint(
    consents.map(toPermit),
    accreditations.map(toPartnerPermit),
    holder,
    gateway,
    undecided,
  );
}

/** Only a refusal is a refusal: a fault of our own is still thrown. */
function orRefusal<T>(work: () => T): T | DomainError {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof DomainError) return thrown;
    throw thrown;
  }
}

/**
 * Whether the epoch under which a presentation was shown still stands, with that root, and the key
 * that it was verified with.
 */
function standing(
  { isKeyInForce }: GateSetting,
  snapshot: LedgerSnapshot,
  now: Seconds,
): (row: Ground) => boolean {
  return ({ root, epoch, statement, keyHash }) => {
    const when = { nowSeconds: now, statement };
    const worth = snapshot.acceptsRoot({ root: BigInt(root), epoch }, when);
    return (worth === 'CURRENT' || worth === 'SUPERSEDED') && isKeyInForce(statement, keyHash);
  };
}

function toPermit(row: PresentationRow): Permit {
  const { study, nym, handle, purpose, dataClasses, labels, windowFrom, windowUntil } = row;
  invariant(study !== null && purpose !== null, 'a consent is stored with its study and purpose');
  const dataWindow = { from: windowFrom, until: windowUntil };
  const { expires } = row;
  return { study, pseudonym: nym, handle, purpose, dataClasses, labels, dataWindow, expires };
}

function toPartnerPermit({ role, party, study, nym, expires }: PresentationRow): PartnerPermit {
  invariant(role !== null, 'an accreditation is stored with its role');
  return { role, party, study: study ?? undefined, nullifier: nym, expires };
}
