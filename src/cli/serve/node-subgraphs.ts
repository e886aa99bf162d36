import type { ProveRows } from '../../consent/evidence/prove.js';
import type { Clock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Subgraph } from '../../federation/compose.js';
import { DatabaseRecords } from '../../records/answers/node-records.js';
import { recordsSubgraph } from '../../records/answers/subgraph.js';
import type { Database } from '../../store/database.js';
import { DatabaseSupply } from '../../supply/database.js';
import { supplySubgraph } from '../../supply/subgraph.js';
import { DatabaseTrials } from '../../trials/database.js';
import { trialsSubgraph } from '../../trials/subgraph.js';
import type { NodeKeys } from '../state/node-keys.js';

/** The sources of a node's domains. */
interface DomainParts {
  readonly institution: InstitutionId;
  readonly db: Database;
  readonly keys: NodeKeys;
  readonly clock: Clock;
  readonly prove: ProveRows;
}

/** The domains in which an institution with these roles has rows, over its own database. */
export function domainSubgraphs(
  roles: readonly string[],
  { institution, db, keys, clock, prove }: DomainParts,
): readonly Subgraph[] {
  const subgraphs: Subgraph[] = [];
  if (roles.includes('HOSPITAL')) {
    const records = new DatabaseRecords({ db, institution, nodeIdKey: keys.idKey, clock });
    subgraphs.push({ name: 'records', schema: recordsSubgraph(records) });
  }
  if (roles.includes('SPONSOR')) {
    const trials = new DatabaseTrials(db, institution, prove);
    subgraphs.push({ name: 'trials', schema: trialsSubgraph(trials) });
  }
  if (roles.includes('MANUFACTURER') || roles.includes('PHARMACY')) {
    const supply = new DatabaseSupply(db, institution, clock, prove);
    subgraphs.push({ name: 'supply', schema: supplySubgraph(supply) });
  }
  return subgraphs;
}
