import type { Config } from '../../core/config.js';
import { createLogger } from '../../core/log.js';
import { untilToldToStop } from '../exit.js';
import { type Progress, terminalProgress } from '../progress.js';
import type { OwnedStateFolder } from '../state-folder.js';
import {
  keepPharmacistPresented,
  letPortalPresent,
  portalIsPresented,
} from './personas-present.js';
import { type Pilot, startPilot } from './pilot.js';
import { readyText } from './ready.js';
import { importRealData } from './real-data.js';

/** Runs the pilot in a folder of its own, tells when it is ready, and ends it when it is told to. */
export async function playPilot(
  folder: OwnedStateFolder,
  config: Config,
  options: {
    readonly seed: number;
    readonly people: number;
    readonly data?: string;
    readonly startedMs: number;
  },
): Promise<void> {
  // What people read here is the table below; the log keeps to what is wrong.
  const level = config.logLevel === 'info' ? 'error' : config.logLevel;
  const log = createLogger({ level, name: 'pilot' });
  const { seed, people, data, startedMs } = options;
  const stopping = untilToldToStop();
  const progress = terminalProgress();
  const pilot = await startPilot({ config, folder, seed, people, progress, log });
  const pharmacist = keepPharmacistPresented(pilot, log);
  try {
    await Promise.race([prepare(pilot, progress), stopping]);
    if (data !== undefined) {
      await pilot.seeded;
      await importRealData(pilot.memberships, data, (lines) => process.stdout.write(`${lines}\n`));
    }
    process.stdout.write(await readyText(pilot, (Date.now() - startedMs) / 1000));
    await stopping;
  } finally {
    pharmacist.stop();
    await pilot.stop();
  }
}

/** What a first query needs: the data, and today's proofs of the portal. */
async function prepare(pilot: Pilot, progress: Progress): Promise<void> {
  const present = async () => {
    if (!(await portalIsPresented(pilot))) await letPortalPresent(pilot, progress);
  };
  await Promise.all([pilot.seeded, present()]);
}
