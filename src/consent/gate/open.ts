import { DomainError, invariant } from '../../core/errors.js';
import type { Seconds } from '../../core/time.js';
import type { LedgerSnapshot } from '../../ledger/snapshot.js';
import type { Holder } from './holder-key.js';
import type { GateSetting } from './kind.js';
import type { ReadLive } from './live-presentations.js';
import { type PartnerPermit, type Permit, PermitSet } from './permit.js';
import type { PresentationRow } from './presentations.js';

/**
 * Mints what a holder's presentations open now: one SQL statement if nothing changed, and
 * no call to a chain.
 *
 * Everything that can have ended since they were shown is asked again. What ended is left out, and
 * nothing says why: to its requester it looks like a row that was never there.
 */
export async function openPermits(
  setting: GateSetting,
  readLive: ReadLive,
  holder: Holder | undefined,
): Promise<PermitSet> {
  const snapshot = holder && unlessRefused(() => setting.snapshot());
  if (holder === undefined || snapshot === undefined) return PermitSet.mint([], [], holder);
  const now = setting.clock.nowSeconds();
  const rows = await readLive(holder.thumbprint, now);
  const stands = rootStanding(snapshot, now);
  const standing = rows.filter(stands);
  const servesConsents = unlessRefused(() => {
    setting.feed.requireComplete();
    return true;
  });
  const consents = servesConsents ? standing.filter((row) => row.statement === 'consent') : [];
  const accreditations = standing.filter((row) => row.statement === 'accreditation');
  return PermitSet.mint(consents.map(permitOf), accreditations.map(toPartnerPermit), holder);
}

/** Only a refusal is a refusal: a fault of our own is still thrown. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof DomainError) return undefined;
    throw thrown;
  }
}

/** Whether a presentation's root stands. A thousand were proven under one root: it is judged once. */
function rootStanding(snapshot: LedgerSnapshot, now: Seconds): (row: PresentationRow) => boolean {
  const known = new Map<string, boolean>();
  return ({ root, statement }) => {
    const name = `${statement} ${root}`;
    let stands = known.get(name);
    if (stands === undefined) {
      const standing = snapshot.acceptsRoot(BigInt(root), { nowSeconds: now, statement });
      stands = standing === 'CURRENT' || standing === 'SUPERSEDED';
      known.set(name, stands);
    }
    return stands;
  };
}

const permits = new WeakMap<PresentationRow, Permit>();

/** One permit a row for as long as the row is kept: it is asked a thousand times. */
function permitOf(row: PresentationRow): Permit {
  const known = permits.get(row) ?? toPermit(row);
  permits.set(row, known);
  return known;
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
