import { DomainError, invariant } from '../../core/errors.js';
import type { Caller } from './authenticate.js';
import { type Ground, requireDecidable, type Standing, stillStands } from './gate-checks.js';
import type { Holder } from './holder-key.js';
import type { ReadLive } from './live-presentations.js';
import { type PartnerPermit, type Permit, PermitSet, type Undecided } from './permit.js';
import type { PresentationRow } from './presentations.js';
import type { GateSetting } from './setting.js';

/**
 * Mints what a holder's presentations open now: one SQL statement if nothing changed, and
 * no call to a chain.
 *
 * Everything that can have ended since they were presented is checked again. What ended is left out
 * without a reason: to its requester it looks like a row that never existed. What this node cannot
 * decide now has not ended: the set throws its code only when it is read, since presenting and
 * withdrawing need no permit.
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
  const standing: Standing = { setting, now, snapshot };
  const stands = (ground: Ground) => stillStands(ground, standing);
  const gap = orRefusal(() => requireDecidable(setting));
  const all = mintedOf(rows, { holder, gateway });
  if (gap === undefined && all.grounds.every(stands)) return all.permits;
  const live = rows.filter(stands);
  if (gap === undefined) return mint(live, { holder, gateway });
  const accreditations = live.filter(({ statement }) => statement === 'accreditation');
  // A holder who has presented no consent cannot miss any, and is told NOT_PRESENTED.
  const isMissing = accreditations.length < live.length;
  return mint(accreditations, { holder, gateway }, isMissing ? { permits: gap.code } : {});
}

/**
 * What a list of presentations opens if all of them still hold, and the grounds on which they hold.
 */
interface Minted {
  /** The gateway of the last request. */
  readonly gateway: string | undefined;
  readonly permits: PermitSet;
  readonly grounds: readonly Ground[];
}

type KnownCaller = Caller & { readonly holder: Holder };

/**
 * Cached as long as the list itself: a portal's list is long and is the same for every question.
 */
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

/** Only a DomainError is a refusal: our own faults are still thrown. */
function orRefusal<T>(work: () => T): T | DomainError {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof DomainError) return thrown;
    throw thrown;
  }
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
