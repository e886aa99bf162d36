import type { InstitutionId } from '../../core/ids.js';
import {
  generateHospitals,
  type SeedChart,
  type SeedOptions,
  type SeedPerson,
} from '../../records/seed/hospitals.js';
import { seedLots } from '../../supply/seed.js';
import { LAKESHORE, RIVERSIDE } from './institutions.js';
import { type SeedPlan, SHARED_FRACTION } from './plan.js';

/** All charts at the pilot's two hospitals. */
export function pilotCharts(plan: SeedPlan): Generator<SeedChart> {
  return generateHospitals(optionsOf(plan, [RIVERSIDE, LAKESHORE]));
}

/** The same people's charts at another hospital: who they are does not depend on where they go. */
export function chartsElsewhere(plan: SeedPlan, hospital: InstitutionId): Generator<SeedChart> {
  return generateHospitals(optionsOf(plan, [hospital]));
}

/** The first people of a plan who are patients of both hospitals. */
export function sharedPeople(plan: SeedPlan, count: number): readonly SeedPerson[] {
  const shared = new Map<number, SeedPerson>();
  for (const { person } of pilotCharts(plan)) {
    if (person.patientIds.size > 1) shared.set(person.index, person);
    if (shared.size === count) break;
  }
  return [...shared.values()];
}

function optionsOf(
  { seed, people, nowMs }: SeedPlan,
  hospitals: SeedOptions['hospitals'],
): SeedOptions {
  const lots = seedLots({ seed, nowMs });
  return { seed, people, hospitals, sharedFraction: SHARED_FRACTION, now: nowMs, lots };
}
