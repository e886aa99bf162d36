import { NetworkConsents } from '../consent/answers/network-consents.js';
import { consentSubgraph } from '../consent/graphql/subgraph.js';
import type { InstitutionId } from '../core/ids.js';
import type { AskNodes, RequestOrigin } from '../graph/ask.js';
import type { NetworkSource } from '../network/source.js';
import { networkSubgraph } from '../network/subgraph.js';
import { NetworkRecords } from '../records/answers/network-records.js';
import { recordsSubgraph } from '../records/answers/subgraph.js';
import { NetworkSupply } from '../supply/network.js';
import { supplySubgraph } from '../supply/subgraph.js';
import { NetworkTrials } from '../trials/network.js';
import { trialsSubgraph } from '../trials/subgraph.js';
import type { Subgraph } from './compose.js';
import { identificationSubgraph } from './identification/subgraph.js';

export interface DomainsOptions {
  readonly nodes: AskNodes;
  readonly network: NetworkSource;
  /** The active institutions of the ledger's newest snapshot. */
  readonly activeInstitutions: () => readonly InstitutionId[];
  /** What a node has to check the proofs of one presentation. */
  readonly presentBudgetMs?: number;
}

/** Every domain over its network source: what is composed into the supergraph, and executed. */
export function networkDomains(options: DomainsOptions): readonly Subgraph[] {
  const { nodes, network, activeInstitutions, presentBudgetMs } = options;
  const consents = new NetworkConsents(nodes, activeInstitutions, presentBudgetMs);
  const records = new NetworkRecords(nodes);
  const trials = new NetworkTrials(nodes, (id) => network.institutions([id])[0] !== undefined);
  const supply = new NetworkSupply(nodes);
  const identified = { network, consents, records, trials, supply };
  return [
    { name: 'identification', schema: identificationSubgraph(identified) },
    { name: 'network', schema: networkSubgraph<RequestOrigin>(network) },
    { name: 'consent', schema: consentSubgraph(consents) },
    { name: 'records', schema: recordsSubgraph(records) },
    { name: 'trials', schema: trialsSubgraph(trials) },
    { name: 'supply', schema: supplySubgraph(supply) },
  ];
}
