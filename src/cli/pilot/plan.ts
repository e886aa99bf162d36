import type { StudyName } from '../../client/keys/study-keys.js';
import { type StudyId, toStudyId } from '../../core/ids.js';
import { seedTrialId } from '../../trials/seed.js';
import { SEED_PROTOCOLS } from '../../trials/seed-protocols.js';
import type { StateFolder } from '../state/state-folder.js';
import { NORTHWIND, PILOT_NETWORK } from './institutions.js';

/** Default seed of everything generated. */
export const DEFAULT_SEED = 20_261_123;
/** With fewer people, cohort counts over three sites would only be "<11". */
export const DEFAULT_PEOPLE = 600;
export const PACKS = 200;
/** The share of people who are patients of both hospitals. */
export const SHARED_FRACTION = 0.25;

/**
 * What an installation's data are generated from. It is stored, so that a later start knows the
 * patients.
 */
export interface SeedPlan {
  readonly seed: number;
  readonly people: number;
  /** Unix milliseconds of the first start. */
  readonly nowMs: number;
}

/** The study that the pilot's participants consent to: the first generated trial. */
export const PILOT_STUDY = {
  network: PILOT_NETWORK,
  sponsor: NORTHWIND,
  id: toStudyId(seedTrialId(1)),
} as const satisfies StudyName;

/** Every generated trial as a study for the hospitals. */
export function seedStudies(): readonly { readonly id: StudyId; readonly title: string }[] {
  return SEED_PROTOCOLS.map(({ title }, at) => ({ id: toStudyId(seedTrialId(at + 1)), title }));
}

const FILE = 'pilot/plan.json';

/** The plan with which this folder was seeded; undefined before the first start. */
export function readPlan(folder: StateFolder): Promise<SeedPlan | undefined> {
  return folder.readJson<SeedPlan>(FILE);
}

/**
 * The plan with which this folder was seeded; at the first start the given one, which is stored.
 */
export async function loadPlan(
  folder: StateFolder,
  wanted: { readonly seed: number; readonly people: number },
): Promise<SeedPlan> {
  const stored = await readPlan(folder);
  if (stored !== undefined) return stored;
  const plan = { ...wanted, nowMs: Date.now() };
  await folder.writeJson(FILE, plan);
  return plan;
}
