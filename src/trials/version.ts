import { canonicalJson } from '../core/canonical.js';
import type { Site, Trial } from './model.js';

/** A trial's record and how new it is. */
export interface DatedTrial {
  readonly trial: Trial;
  /** When the registry posted the record last, YYYY-MM-DD; null if the file does not say. */
  readonly updated: string | null;
}

/** What to do with an incoming record, given the stored one. */
export type TrialDecision =
  /** It is newer; it says the same; it is older. */
  | { readonly kind: 'STORE' | 'SAME' | 'OLDER' }
  /** It lacks elements that the stored one has, and an update cannot explain that. */
  | { readonly kind: 'PARTIAL'; readonly lacks: readonly string[] };

type Element = readonly [name: string, read: (trial: DatedTrial) => unknown];

/** Elements of every complete record: a download with selected fields lacks some. */
const ALWAYS: readonly Element[] = [
  ['briefTitle', ({ trial: { id, title } }) => (title === id ? null : title)],
  ['lastUpdatePostDateStruct', ({ updated }) => updated],
  ['briefSummary', ({ trial }) => trial.summary],
  ['conditions', ({ trial }) => trial.conditions],
  ['eligibilityCriteria', ({ trial }) => trial.eligibility.text],
  ['sex', ({ trial }) => trial.eligibility.sex],
];

/**
 * A module that is missing as a whole was not requested: an update removes single elements, not
 * these.
 */
const MODULES: readonly Element[] = [
  ['designModule', ({ trial }) => [...trial.phases, ...list(trial.enrollment)]],
  // A trial that is withdrawn before it enrolled anybody has no locations any more.
  [
    'locations',
    ({ trial }) => (trial.status === 'WITHDRAWN' ? [trial.status] : trial.sites.map(() => true)),
  ],
  ['locations.facility', ({ trial }) => placed(trial, 'facility')],
  ['locations.city', ({ trial }) => placed(trial, 'city')],
  ['locations.country', ({ trial }) => placed(trial, 'country')],
];

/** Elements that an update of a record can remove. */
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
 * Decides by the registry's own dates of update. A record that lacks elements of the stored one is
 * a part of it, unless it is newer and the missing elements are removable. Of two with the same
 * date, or without one, the later import counts.
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
 * The stored record with the status of a newer, partial one. Every record has a status, and a trial
 * that has ended must not be shown as recruiting because the rest cannot be used.
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

/**
 * An element of locations is missing if no location has it. Without any location, the locations
 * themselves are missing.
 */
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
