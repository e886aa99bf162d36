import { asc, inArray } from 'drizzle-orm';
import type { StudyId } from '../core/ids.js';
import type { SqlTransaction } from '../store/database.js';
import type { Site, Trial } from './model.js';
import { site, trial } from './table.js';
import type { DatedTrial } from './version.js';

/** The stored records with those ids. */
export async function readKnown(
  tx: SqlTransaction,
  ids: readonly StudyId[],
): Promise<ReadonlyMap<StudyId, DatedTrial>> {
  if (ids.length === 0) return new Map();
  const found = await tx
    .select({ updated: trial.updated, record: trial.record })
    .from(trial)
    .where(inArray(trial.id, [...ids]));
  const rows = await tx
    .select()
    .from(site)
    .where(inArray(site.trialId, [...ids]))
    .orderBy(asc(site.trialId), asc(site.ordinal));
  const sites = new Map<StudyId, Site[]>(ids.map((id) => [id, []]));
  for (const { trialId, ordinal: _, ...place } of rows) sites.get(trialId)?.push(place);
  return new Map(
    found.map(({ record, updated }) => [
      record.id,
      { updated, trial: { ...record, sites: sites.get(record.id) ?? [] } },
    ]),
  );
}

/** A record whose names cannot be resolved now, with the institutions of the stored record. */
export function withKnownInstitutions(coming: Trial, known: Trial): Trial {
  const places = new Map(known.sites.map(({ facility, institution }) => [facility, institution]));
  return {
    ...coming,
    sponsor: coming.sponsorName === known.sponsorName ? known.sponsor : null,
    sites: coming.sites.map((place) => ({
      ...place,
      institution: place.facility === null ? null : (places.get(place.facility) ?? null),
    })),
  };
}
