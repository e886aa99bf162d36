import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { InstitutionId } from '../../core/ids.js';
import type { SeedChart } from './hospitals.js';

/**
 * People whose charts a hospital imports at once, because each SQL statement has a high fixed cost.
 */
const PEOPLE_AT_ONCE = 10;

/** Charts of several people of one hospital, as its EHR would export them together. */
export interface SeedBundle {
  readonly institution: InstitutionId;
  readonly bundle: Bundle;
  /** In this bundle and those before it. */
  readonly people: number;
}

/** The same charts in fewer bundles. */
export function* bundlesOf(charts: Iterable<SeedChart>): Generator<SeedBundle> {
  let people = 0;
  let waiting = new Map<InstitutionId, BundleEntry[]>();
  function* take(): Generator<SeedBundle> {
    for (const [institution, entry] of waiting) {
      const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry };
      yield { institution, bundle, people };
    }
    waiting = new Map();
  }
  for (const { institution, bundle, person } of charts) {
    if (person.index % PEOPLE_AT_ONCE === 0 && person.index === people) yield* take();
    people = person.index + 1;
    waiting.set(institution, [...(waiting.get(institution) ?? []), ...(bundle.entry ?? [])]);
  }
  yield* take();
}
