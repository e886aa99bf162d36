import type { Trial } from './model.js';

/** A trial's record and how new it is. */
export interface DatedTrial {
  readonly trial: Trial;
  /** When the registry posted the record last, YYYY-MM-DD; null if the file does not say. */
  readonly updated: string | null;
}

/** What becomes of a record that comes, by the one that is stored. */
export type TrialDecision =
  | { readonly kind: 'STORE' | 'KEEP' }
  /** It lacks elements that the stored one has, and no update explains it. */
  | { readonly kind: 'PARTIAL'; readonly lacks: readonly string[] };

type Element = readonly [name: string, read: (trial: Trial) => unknown];

/** Elements of every whole record: what was asked with a list of fields lacks them. */
const ALWAYS: readonly Element[] = [
  ['briefSummary', ({ summary }) => summary],
  ['conditions', ({ conditions }) => conditions],
  ['eligibilityCriteria', ({ eligibility }) => eligibility.text],
  ['sex', ({ eligibility }) => eligibility.sex],
];

/** Elements that an update of a record can take away: a trial that is withdrawn has no locations. */
const REMOVABLE: readonly Element[] = [
  ['phases', ({ phases }) => phases],
  ['keywords', ({ keywords }) => keywords],
  ['locations', ({ sites }) => sites],
  ['minimumAge', ({ eligibility }) => eligibility.minimumAge],
  ['maximumAge', ({ eligibility }) => eligibility.maximumAge],
  ['healthyVolunteers', ({ eligibility }) => eligibility.healthyVolunteers],
  ['enrollmentInfo', ({ enrollment }) => enrollment],
  ['startDateStruct', ({ startDate }) => startDate],
  ['completionDateStruct', ({ completionDate }) => completionDate],
];

/**
 * Decides by the registry's own dates of update. A record that lacks what the stored one has is a part
 * of it, unless it is newer and what it lacks can be taken away.
 */
export function decideTrial(coming: DatedTrial, stored: DatedTrial): TrialDecision {
  const areDated = coming.updated !== null && stored.updated !== null;
  if (areDated && String(coming.updated) < String(stored.updated)) return { kind: 'KEEP' };
  const isNewer = areDated && coming.updated !== stored.updated;
  const required = isNewer ? ALWAYS : [...ALWAYS, ...REMOVABLE];
  const lacks = required.flatMap(([name, read]) =>
    isThere(read(stored.trial)) && !isThere(read(coming.trial)) ? [name] : [],
  );
  return lacks.length > 0 ? { kind: 'PARTIAL', lacks } : { kind: 'STORE' };
}

function isThere(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}
