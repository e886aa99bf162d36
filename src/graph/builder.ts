import SchemaBuilder from '@pothos/core';
import DirectivesPlugin from '@pothos/plugin-directives';
import FederationPlugin from '@pothos/plugin-federation';
import type { GraphQLSchema } from 'graphql';
import type { SubgraphContext } from './context.js';
import { checkReferences } from './references.js';
import { addScalars, type ScalarTypes } from './scalars.js';

/** Federation's own definitions, at the version that Apollo Server 5 and every router tried reads. */
const FEDERATION_LINK = 'https://specs.apollo.dev/federation/v2.8';

export interface SubgraphTypes<Opened> {
  Context: SubgraphContext<Opened>;
  Scalars: ScalarTypes;
  /** A field is non-null unless it says otherwise, and then it says why. */
  DefaultFieldNullability: false;
}

/** The one builder factory: Pothos plugins widen global types, so a second one would meet them. */
export function createBuilder<Opened>() {
  const builder = new SchemaBuilder<SubgraphTypes<Opened>>({
    plugins: [DirectivesPlugin, FederationPlugin],
    defaultFieldNullability: false,
  });
  addScalars(builder as unknown as Parameters<typeof addScalars>[0]);
  return builder;
}

export type Builder<Opened> = ReturnType<typeof createBuilder<Opened>>;

/** Closes a builder into the executable subgraph schema that a router can compose. */
export function toSubgraph<Opened>(builder: Builder<Opened>): GraphQLSchema {
  return checkReferences(builder.toSubGraphSchema({ linkUrl: FEDERATION_LINK }));
}
