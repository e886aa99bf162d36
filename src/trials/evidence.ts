import { type EvidencePart, partsOf } from '../core/evidence/evidence.js';
import type { Trial } from './model.js';

/**
 * What the evidence log contains for a trial: each field of the API's Trial except `custodian` and
 * `evidence`, as it is answered, so that a client can check the fields that it selected.
 */
export function partsOfTrial(trial: Trial): EvidencePart[] {
  const { id, phases, sponsor, sites, ...rest } = trial;
  return partsOf({
    ...rest,
    id,
    // By its registry number: the API's form of ids is not part of a record.
    study: { registryId: id },
    phase: phases,
    sponsor: toReference(sponsor),
    sites: sites.map(({ institution, ...place }) => ({
      ...place,
      institution: toReference(institution),
    })),
  });
}

function toReference(id: string | null): { readonly id: string } | null {
  return id === null ? null : { id };
}
