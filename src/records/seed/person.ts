import { type Random, seededRandom } from '../../core/random.js';
import { DISEASES, type Disease } from './terms.js';

/** A fictitious person, before any hospital has a chart. */
export interface Person {
  readonly index: number;
  readonly sex: 'male' | 'female';
  readonly birthMs: number;
  readonly given: string;
  readonly family: string;
  readonly city: string;
  readonly heightCm: number;
  readonly weightKg: number;
  readonly diseases: readonly Disease[];
}

const DAY_MS = 86_400_000;
const YEAR_MS = 365.25 * DAY_MS;
const YOUNGEST = 18;
const OLDEST = 94;

// Names end in digits, as in other synthetic data, so that nobody takes them for real people.
const FEMALE = ['Ada', 'Beatriz', 'Chiara', 'Dagny', 'Esi', 'Farida', 'Greta', 'Hana'] as const;
const MALE = ['Anton', 'Bela', 'Chidi', 'Dmitri', 'Emre', 'Fionn', 'Goran', 'Haruki'] as const;
const FAMILY = ['Abara', 'Brandt', 'Castel', 'Dvorak', 'Engel', 'Falk', 'Grane', 'Holm'] as const;
const CITIES = ['Riverside', 'Lakeshore', 'Millbrook', 'Ashford'] as const;

/** Makes the person with this index: the same for the same seed, whatever others are made. */
export function makePerson(seed: number, index: number, nowMs: number): Person {
  const random = seededRandom(seed, 'person', index);
  const sex = random.chance(0.51) ? 'female' : 'male';
  const years = random.integer(YOUNGEST, OLDEST);
  const heightCm = Math.round(random.around(sex === 'female' ? 162 : 176, 12));
  const diseases = DISEASES.filter((disease) => random.chance(prevalenceAt(disease, years)));
  const obese = diseases.some(({ term }) => term.display === 'Obesity');
  const bmi = random.around(obese ? 34 : 25, obese ? 4 : 4.5);
  return {
    index,
    sex,
    birthMs: nowMs - years * YEAR_MS - random.integer(1, 360) * DAY_MS,
    given: nameOf(random, sex === 'female' ? FEMALE : MALE),
    family: nameOf(random, FAMILY),
    city: random.pick(CITIES),
    heightCm,
    weightKg: Math.round((bmi * heightCm * heightCm) / 1_000) / 10,
    diseases,
  };
}

function prevalenceAt({ prevalence: [at20, at80] }: Disease, years: number): number {
  return Math.max(0, at20 + ((at80 - at20) * (years - 20)) / 60);
}

function nameOf(random: Random, names: readonly [string, ...string[]]): string {
  return `${random.pick(names)}${random.integer(100, 999)}`;
}
