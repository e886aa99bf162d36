import type { Config } from '../../core/config.js';
import { drain } from '../drain.js';
import { type CommonOptions, settingsOf } from '../settings.js';
import type { Ends } from '../stopping/ends.js';
import { runUntilStopped } from '../stopping/run-until-stopped.js';
import { ownParts } from './own-parts.js';
import { startSubgraphs } from './start.js';
import { subgraphsUrlOf } from './url.js';

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
