import type { GraphQLSchema } from 'graphql';
import { createBuilder, toSubgraph } from '../graph/builder.js';
import type { NetworkSource } from './source.js';
import { addInstitutionType, addNetworkType } from './type.js';

/** The network subgraph: public, the same for everybody, and read from memory. */
export function networkSubgraph<Opened>(source: NetworkSource): GraphQLSchema {
  const builder = createBuilder<Opened>();
  addNetworkType(builder, source, addInstitutionType(builder, source));
  return toSubgraph(builder);
}
