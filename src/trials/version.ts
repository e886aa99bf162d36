import { canonicalJson } from '../core/canonical.js';
import type { Site, Trial } from './model.js';

/** A trial's record and how new it is. */
export interface DatedTrial {
  readonly trial: Trial;
  /** When the registry posted the record last, YYYY-MM-DD; null if the file does not say. */
  readonly updated: string | null;
}

/** What becomes of a record that comes, by the one that is stored. */
export type TrialDecision =
  /** It is newer; it says the same; it is older. */
  | { readonly kind: 'STORE' | 'SAME' | 'OLDER' }
  /** It lacks elements that the stored one has, and no update explains it. */
  | { readonly kind: 'PARTIAL'; readonly lacks: readonly string[] };

type Element = readonly [name: string, read: (trial: DatedTrial) => unknown];

/** Elements of every whole record: what was asked with a list of fields lacks some. */
const ALWAYS: readonly Element[] = [
  ['briefTitle', ({ trial: { id, title } }) => (title === id ? null : title)],
  ['lastUpdatePostDateStruct', ({ updated }) => updated],
  ['briefSummary', ({ trial }) => trial.summary],
  ['conditions', ({ trial }) => trial.conditions],
  ['eligibilityCriteria', ({ trial }) => trial.eligibility.text],
  ['sex', ({ trial }) => trial.eligibility.sex],
];

/** A module that is gone whole was not asked for: an update takes elements away, not these. */
const MODULES: readonly Element[] = [
  ['designModule', ({ trial }) => [...trial.phases, ...list(trial.enrollment)]],
  // A trial that is withdrawn before it enrolled anybody has no place any more.
  [
    'locations',
    ({ trial }) => (trial.status === 'WITHDRAWN' ? [trial.status] : trial.sites.map(() => true)),
  ],
  ['locations.facility', ({ trial }) => placed(trial, 'facility')],
  ['locations.city', ({ trial }) => placed(trial, 'city')],
  ['locations.country', ({ trial }) => placed(trial, 'country')],
];

/** Elements that an update of a record can take away. */
const REMOVABLE: readonly Element[] = [
  ['phases', ({ trial }) => trial.phases],
  ['keywords', ({ trial }) => trial.keywords],
  ['locations', ({ trial }) => trial.sites],
  ['minimumAge', ({ trial }) => trial.eligibility.minimumAge],
  ['maximumAge', ({ trial }) => trial.eligibility.maximumAge],
  ['healthyVolunteers', ({ trial }) => trial.eligibility.healthyVolunteers],
  ['enrollmentInfo', ({ trial }) => trial.enrollment],
  ['startDateStruct', ({ trial }) => trial.startDate],
  ['completionDateStruct', ({ trial }) => trial.completionDate],
];

/**
 * Decides by the registry's own dates of update. A record that lacks what the stored one has is a part
 * of it, unless it is newer and what it lacks can be taken away. Of two of the same day, or without a
 * day, the later import counts.
 */
export function decideTrial(coming: DatedTrial, stored: DatedTrial): TrialDecision {
  if (canonicalJson(coming.trial) === canonicalJson(stored.trial)) return { kind: 'SAME' };
  const areDated = coming.updated !== null && stored.updated !== null;
  if (areDated && String(coming.updated) < String(stored.updated)) return { kind: 'OLDER' };
  const isNewer = areDated && coming.updated !== stored.updated;
  const required = [...ALWAYS, ...(isNewer ? MODULES : [...REMOVABLE, ...MODULES])];
  const lacks = required.flatMap(([name, read]) =>
    isThere(read(stored)) && !isThere(read(coming)) ? [name] : [],
  );
  return lacks.length > 0 ? { kind: 'PARTIAL', lacks: [...new Set(lacks)] } : { kind: 'STORE' };
}

/**
 * A stored record with the status of a newer one that is only a part of it. Every record has a status;
 * a trial that has ended must not be told as recruiting because the rest cannot be taken.
 *
 * @returns undefined if the part is not newer, or says the same status.
 */
export function withNewerStatus(part: DatedTrial, stored: DatedTrial): DatedTrial | undefined {
  const { status } = part.trial;
  const areDated = part.updated !== null && stored.updated !== null;
  const isNewer = areDated && String(part.updated) > String(stored.updated);
  if (!isNewer || status === stored.trial.status) return undefined;
  return { ...stored, trial: { ...stored.trial, status } };
}

/** An element of locations is gone if no location has it; without any, that is what is lacking. */
function placed({ sites, status }: Trial, element: keyof Site): readonly unknown[] {
  if (sites.length === 0) return [status];
  return sites.flatMap((site) => list(site[element]));
}

function list<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value];
}

function isThere(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}
