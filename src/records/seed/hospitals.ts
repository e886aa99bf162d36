import type { Bundle } from '@medplum/fhirtypes';
import type { InstitutionId } from '../../core/ids.js';
import { seededRandom } from '../../core/random.js';
import { type Chart, openChart } from './chart.js';
import { writeHistory, writePatient, writeVisit } from './history.js';
import type { SeedLot } from './medication.js';
import { makePerson, type Person } from './person.js';
import { writeStay } from './stay.js';

/** What to generate. The same values give the same bytes. */
export interface SeedOptions {
  readonly seed: number;
  readonly people: number;
  /** Each is the first hospital of an equal share of the people. */
  readonly hospitals: readonly [InstitutionId, ...InstitutionId[]];
  /** The share of people, 0 to 1, who are patients of a second hospital too. */
  readonly sharedFraction: number;
  /** Unix milliseconds; the day counts. */
  readonly now: number;
  readonly lots: readonly SeedLot[];
}

/** One patient's chart, as one hospital's EHR would export it. */
export interface SeedChart {
  readonly institution: InstitutionId;
  readonly bundle: Bundle;
  readonly person: SeedPerson;
}

/** The person, and the patient id at each hospital; the ids are unrelated. */
export interface SeedPerson {
  readonly index: number;
  readonly patientIds: ReadonlyMap<InstitutionId, string>;
}

const DAY_MS = 86_400_000;
const HOME_VISITS = 3;
const OTHER_VISITS = 2;

/** Generates people one at a time, so that only one chart is in memory. */
export function* generateHospitals(options: SeedOptions): Generator<SeedChart> {
  const now = Math.floor(options.now / DAY_MS) * DAY_MS;
  for (let index = 0; index < options.people; index += 1) {
    const person = makePerson(options.seed, index, now);
    const charts = hospitalsOf(options, index).map((institution, nth) => {
      const chart = openChart((concern) =>
        seededRandom(options.seed, 'chart', index, institution, ...(concern ? [concern] : [])),
      );
      writeChart(chart, person, nth === 0 ? HOME_VISITS : OTHER_VISITS, now, options.lots);
      return { institution, chart };
    });
    const patientIds = new Map(
      charts.map(({ institution, chart }) => [institution, chart.patientId]),
    );
    for (const { institution, chart } of charts) {
      yield { institution, bundle: chart.toBundle(), person: { index, patientIds } };
    }
  }
}

/** The hospital where a person is a patient, and for some a second one. */
function hospitalsOf(
  { seed, hospitals, sharedFraction }: SeedOptions,
  index: number,
): readonly InstitutionId[] {
  const random = seededRandom(seed, 'hospital', index);
  const home = random.pick(hospitals);
  const others = hospitals.filter((hospital) => hospital !== home);
  const second = others[random.integer(0, Math.max(0, others.length - 1))];
  return random.chance(sharedFraction) && second !== undefined ? [home, second] : [home];
}

function writeChart(
  chart: Chart,
  person: Person,
  visits: number,
  now: number,
  lots: readonly SeedLot[],
): void {
  writePatient(chart, person);
  // Visits are about 300 days apart; the last one is a few weeks old.
  for (let nth = visits - 1; nth >= 0; nth -= 1) {
    const days = nth * 300 + chart.random.integer(20, 120);
    const ms = now - days * DAY_MS + chart.random.integer(8 * 60, 17 * 60) * 60_000;
    const visit = writeVisit(chart, person, ms, nth === visits - 1);
    if (nth === visits - 1) {
      writeHistory(chart, person, visit, lots);
      writeStay(chart.beside('stay'), visit);
    }
  }
}
