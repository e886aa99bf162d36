import { createLogger } from '../core/log.js';
import { untilToldToStop } from './exit.js';
import {
  keepPharmacistPresented,
  letPortalPresent,
  portalIsPresented,
} from './pilot/personas-present.js';
import { type Pilot, startPilot } from './pilot/pilot.js';
import { readyText } from './pilot/ready.js';
import { importRealData } from './pilot/real-data.js';
import { pilotSettings } from './pilot/settings.js';
import { type Progress, terminalProgress } from './progress.js';
import type { CommonOptions } from './settings.js';
import { ownStateFolder } from './state-folder.js';

export interface PilotCommand extends CommonOptions {
  readonly seed: number;
  readonly people: number;
  readonly data?: string;
}

/** `assent pilot`: a whole network on this machine, until it is told to stop. */
export async function runPilot(options: PilotCommand): Promise<void> {
  const startedMs = Date.now();
  const config = pilotSettings(options);
  // What people read here is the table below; the log keeps to what is wrong.
  const log = createLogger({
    level: config.logLevel === 'info' ? 'error' : config.logLevel,
    name: 'pilot',
  });
  const { seed, people } = options;
  const folder = await ownStateFolder(config.stateFolder);
  const stopping = untilToldToStop();
  const progress = terminalProgress();
  try {
    const pilot = await startPilot({ config, folder, seed, people, progress, log });
    const pharmacist = keepPharmacistPresented(pilot, log);
    try {
      await Promise.race([prepare(pilot, progress), stopping]);
      if (options.data !== undefined) {
        await pilot.seeded;
        await importRealData(pilot.memberships, options.data, (lines) =>
          process.stdout.write(`${lines}\n`),
        );
      }
      process.stdout.write(await readyText(pilot, (Date.now() - startedMs) / 1000));
      await stopping;
    } finally {
      pharmacist.stop();
      await pilot.stop();
    }
  } finally {
    await folder.release();
  }
}

/** What a first query needs: the data, and today's proofs of the portal. */
async function prepare(pilot: Pilot, progress: Progress): Promise<void> {
  const present = async () => {
    if (!(await portalIsPresented(pilot))) await letPortalPresent(pilot, progress);
  };
  await Promise.all([pilot.seeded, present()]);
}
