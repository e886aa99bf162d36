import type { Config } from '../../core/settings/config.js';
import { drain } from '../process/drain.js';
import type { Ends } from '../process/ends.js';
import { runUntilStopped } from '../process/run-until-stopped.js';
import { ownParts } from '../serve/own-parts.js';
import { startSubgraphs } from '../serve/start-subgraphs.js';
import { subgraphsUrlOf } from '../serve/subgraphs-url.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';

/** `assent subgraphs`: each domain over HTTP for a GraphQL router; runs until stopped. */
export async function runSubgraphs(options: CommonOptions): Promise<void> {
  const config = settingsOf(options);
  // Checked before a folder is made or the ledger is asked.
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
