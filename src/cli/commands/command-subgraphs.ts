import type { Config } from '../../core/settings/config.js';
import { drain } from '../process/drain.js';
import type { Ends } from '../process/ends.js';
import { runUntilStopped } from '../process/run-until-stopped.js';
import { ownParts } from '../serve/own-parts.js';
import { startSubgraphs } from '../serve/start-subgraphs.js';
import { subgraphsUrlOf } from '../serve/subgraphs-url.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';

/** `assent subgraphs`: each domain over HTTP for a router in front of it, until it is told to stop. */
export async function runSubgraphs(options: CommonOptions): Promise<void> {
  const config = settingsOf(options);
  // Before a folder is made or a ledger asked.
  subgraphsUrlOf(config);
  await runUntilStopped((ends) => start(config, ends));
}

async function start(config: Config, ends: Ends): Promise<void> {
  const parts = await ownParts(config, 'subgraphs', ends);
  const subgraphs = await startSubgraphs(parts);
  ends.add(async () => {
    await drain(subgraphs, config.drainMilliseconds);
    await subgraphs.stop();
  });
  parts.log.info({ url: subgraphs.url }, 'the subgraphs answer');
}
