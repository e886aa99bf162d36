import { connectGateway } from '../../../client/gateway/gateway.js';
import { createLogger } from '../../../core/log.js';
import { loadConfig } from '../../../core/settings/config.js';
import type { Ends } from '../../process/ends.js';
import { findFreePort, findFreePorts } from '../../process/ports.js';
import { terminalProgress } from '../../process/progress.js';
import { ownStateFolder } from '../../state/state-folder.js';
import { LAKESHORE } from '../institutions.js';
import { startPilot } from '../pilot.js';
import { DEFAULT_SEED } from '../plan.js';
import { PILOT_TOKEN_SECONDS } from '../settings.js';
import type { Stage } from './stage.js';

/** Enough that every participant is a patient of both hospitals, but quick to import. */
const PEOPLE = 24;

/**
 * A pilot only for the tour, independent of any other: its own ports and folder, Lakeshore in a
 * separate process.
 */
export async function ownStage(path: string, ends: Ends, stopSignal: AbortSignal): Promise<Stage> {
  const folder = await ownStateFolder(path);
  ends.add(() => folder.release());
  const config = {
    ...loadConfig({ env: {}, flags: { stateFolder: path, logLevel: 'error' } }),
    tokenMaxSeconds: PILOT_TOKEN_SECONDS,
    gatewayPort: await findFreePort(),
    ledgerPort: await findFreePort(),
    nodePort: await findFreePorts(5),
  };
  const pilot = await startPilot({
    config,
    folder,
    seed: DEFAULT_SEED,
    people: PEOPLE,
    apart: [LAKESHORE],
    ends,
    stopSignal,
    progress: terminalProgress(),
    log: createLogger({ level: 'error', name: 'tour' }),
  });
  await pilot.seeded;
  const { gateway, gatewayKey, plan, wallets, endpointOf } = pilot;
  const { thumbprint } = gatewayKey;
  return {
    gateway: await connectGateway({ url: gateway.url, fetch, thumbprint }),
    folder,
    plan,
    wallets,
    endpointOf,
    own: pilot,
    shown: undefined,
  };
}
