import type { AnchoringHealth } from '../../consent/anchoring/anchoring.js';
import { type Clock, systemClock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Config } from '../../core/settings/config.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';

/** After this many intervals without an anchor, all others report an institution as late. */
const LATE_AFTER_CADENCES = 3;

/** What a node reports about itself and, only from the ledger, about the others. */
export function nodeHealth(
  parts: { readonly institution: InstitutionId; readonly config: Config; readonly clock?: Clock },
  snapshot: LedgerSnapshot,
  anchoring: AnchoringHealth,
): object {
  const { institution, config, clock = systemClock } = parts;
  const anchoredAt = snapshot.institutionById(institution)?.lastAnchor?.anchoredAt;
  const ageSeconds = anchoredAt === undefined ? null : clock.nowSeconds() - anchoredAt;
  const late = lateInstitutions(snapshot, config, clock);
  return { epoch: snapshot.epoch, anchoring: { ...anchoring, ageSeconds }, late };
}

/** The ids of the active institutions whose last anchor is older than three cadences, or that never anchored. */
export function lateInstitutions(
  snapshot: LedgerSnapshot,
  { cadenceSeconds }: Config,
  clock: Clock = systemClock,
): readonly InstitutionId[] {
  const maxAgeSeconds = LATE_AFTER_CADENCES * cadenceSeconds;
  return snapshot.lateInstitutions(clock.nowSeconds(), maxAgeSeconds).map(({ id }) => id);
}
