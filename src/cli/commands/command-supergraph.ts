import { composeDomains } from '../../federation/schema-files.js';
import { subgraphsUrlOf } from '../serve/subgraphs-url.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';

/**
 * `assent supergraph`: prints the supergraph for a GraphQL router, with the subgraph URLs from the
 * settings.
 */
export async function runSupergraph(
  options: CommonOptions & { readonly url?: string },
): Promise<void> {
  const config = settingsOf(options, { subgraphsUrl: options.url });
  const { supergraphSdl } = await composeDomains(subgraphsUrlOf(config));
  process.stdout.write(`${supergraphSdl.trim()}\n`);
}
