import { invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { ImportReport } from '../../core/import/import-report.js';
import { importBundle } from '../../records/import/import-bundle.js';
import { bundlesOf } from '../../records/seed/bundles.js';
import { importEpcis } from '../../supply/import.js';
import { generateSupply } from '../../supply/seed.js';
import { importTrials } from '../../trials/import.js';
import { generateTrials } from '../../trials/seed.js';
import { type Filling, goOn } from './filling.js';
import {
  LAKESHORE,
  NORTHWIND,
  PILOT_INSTITUTIONS,
  PILOT_NAMES,
  RIVERSIDE,
} from './institutions.js';
import { databaseAt } from './membership.js';
import { pilotCharts } from './people.js';
import { PACKS } from './plan.js';

const DONE = 'pilot/seeded.json';

/**
 * Fills the pilot's databases through the same importers that users use. An interrupted part is
 * done again, which changes nothing already stored.
 */
export async function seedPilot(filling: Filling): Promise<void> {
  const { folder } = filling;
  if ((await folder.readJson(DONE)) !== undefined) return;
  await seedRecords(filling);
  await seedTrials(filling);
  await seedSupply(filling);
  await folder.writeJson(DONE, { at: new Date().toISOString() });
}

async function seedRecords({ memberships, plan, progress, stopSignal }: Filling) {
  const step = progress.begin('hospitals import FHIR R4', plan.people);
  let resources = 0;
  let shown = 0;
  for (const { institution, bundle, people } of bundlesOf(pilotCharts(plan))) {
    await goOn({ stopSignal });
    const source = `seed-to-${people}.json`;
    const report = await importBundle(databaseAt(memberships, institution), bundle, { source });
    resources += countTaken(report);
    step.advance(people - shown);
    shown = people;
  }
  step.end(`${plan.people} people, ${resources} resources`);
}

async function seedTrials({ memberships, plan: { seed, nowMs }, progress }: Filling) {
  const nameOf = (id: InstitutionId) =>
    PILOT_INSTITUTIONS.find((institution) => institution.id === id)?.name ?? id;
  const answer = generateTrials({
    seed,
    nowMs,
    sponsorName: nameOf(NORTHWIND),
    sites: [RIVERSIDE, LAKESHORE].map((id) => ({ facility: nameOf(id), city: 'Springfield' })),
  });
  const step = progress.begin('the sponsor imports trials', answer.studies.length);
  const report = await importTrials(databaseAt(memberships, NORTHWIND), answer, {
    file: 'seed-trials.json',
    names: PILOT_NAMES,
  });
  step.end(`${countTaken(report)} trials`);
}

async function seedSupply({ memberships, plan, progress, stopSignal }: Filling) {
  const { seed, nowMs } = plan;
  const documents = [...generateSupply({ seed, packs: PACKS, nowMs })].flatMap(
    ([institution, made]) => made.map((document) => ({ institution, document })),
  );
  const step = progress.begin('maker and pharmacy capture EPCIS', documents.length);
  let events = 0;
  for (const [at, { institution, document }] of documents.entries()) {
    await goOn({ stopSignal });
    const report = await importEpcis(databaseAt(memberships, institution), document, {
      file: `seed-epcis-${at}.json`,
    });
    events += countTaken(report);
    step.advance();
  }
  step.end(`${PACKS} packs, ${events} events`);
}

/** Our own generator's output must conform: a refusal here is a bug. */
function countTaken({ refused, taken, unchanged, file }: ImportReport): number {
  const [first] = refused;
  invariant(first === undefined, `${file} is imported completely: ${first?.path} ${first?.detail}`);
  return taken + unchanged;
}
