import { createLogger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import type { Ends } from '../process/ends.js';
import { type Progress, terminalProgress } from '../process/progress.js';
import type { OwnedStateFolder } from '../state/state-folder.js';
import {
  keepPharmacistPresented,
  letPortalPresent,
  portalIsPresented,
} from './personas-present.js';
import { type Pilot, startPilot } from './pilot.js';
import { readyText } from './ready.js';
import { importRealData } from './real-data.js';

/** Starts the pilot in its own folder, and prints when it is ready. */
export async function playPilot(
  folder: OwnedStateFolder,
  config: Config,
  options: {
    readonly seed: number;
    readonly people: number;
    readonly data?: string;
    readonly startedMs: number;
    readonly ends: Ends;
    readonly stop: AbortSignal;
  },
): Promise<void> {
  // People read the table printed below, so the log only shows errors.
  const level = config.logLevel === 'info' ? 'error' : config.logLevel;
  const log = createLogger({ level, name: 'pilot' });
  const { seed, people, data, startedMs, ends, stop } = options;
  const progress = terminalProgress();
  const pilot = await startPilot({
    config,
    folder,
    seed,
    people,
    progress,
    log,
    ends,
    stopSignal: stop,
  });
  const pharmacist = keepPharmacistPresented(pilot, log);
  ends.add(async () => pharmacist.stop());
  await prepare(pilot, progress);
  if (data !== undefined) {
    await importRealData(pilot.memberships, data, (lines) => process.stdout.write(`${lines}\n`));
  }
  process.stdout.write(await readyText(pilot, (Date.now() - startedMs) / 1000));
}

/** What a first query needs: the data, and today's proofs of the portal. */
async function prepare(pilot: Pilot, progress: Progress): Promise<void> {
  const present = async () => {
    if (!(await portalIsPresented(pilot))) await letPortalPresent(pilot, progress);
  };
  await Promise.all([pilot.seeded, present()]);
}
