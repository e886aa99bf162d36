import { runUntilStopped } from '../process/run-until-stopped.js';
import type { CommonOptions } from '../state/settings.js';
import { ownStateFolder } from '../state/state-folder.js';
import { requireFreePorts } from './ports.js';
import { pilotSettings } from './settings.js';

export interface PilotCommand extends CommonOptions {
  readonly seed: number;
  readonly people: number;
  readonly data?: string;
}

/**
 * `assent pilot`: a whole network on this machine; runs until stopped. Wrong settings and taken
 * ports are reported before the network is loaded, which takes seconds.
 */
export async function runPilot(options: PilotCommand): Promise<void> {
  const startedMs = Date.now();
  const config = pilotSettings(options);
  await runUntilStopped(async (ends, stop) => {
    const folder = await ownStateFolder(config.stateFolder);
    ends.add(() => folder.release());
    await requireFreePorts(config);
    const { playPilot } = await import('./play.js');
    await playPilot(folder, config, { ...options, startedMs, ends, stop });
  });
}
