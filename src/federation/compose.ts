import { composeServices } from '@theguild/federation-composition';
import { buildSchema, execute, type GraphQLSchema, parse, printSchema } from 'graphql';
import { invariant } from '../core/errors.js';
import type { SubgraphName } from '../graph/ask.js';

/** One domain's executable schema, as it is composed and as the gateway runs it. */
export interface Subgraph {
  /** `identification` is the gateway's own: no node is asked for it. */
  readonly name: SubgraphName | 'identification';
  readonly schema: GraphQLSchema;
}

/** What composing gives: the texts that are written to schema/. */
export interface Supergraph {
  /** SDL of each subgraph, with federation's directives, by name. */
  readonly subgraphSdl: ReadonlyMap<Subgraph['name'], string>;
  /** SDL with join directives: what a router plans from. */
  readonly supergraphSdl: string;
  /** SDL as a client sees it. */
  readonly apiSdl: string;
}

/**
 * Where `assent subgraphs` serves subgraphs unless told. Only a router in another process asks there: this
 * gateway runs its subgraphs itself.
 */
const SUBGRAPHS_URL = 'http://127.0.0.1:4001';

const SERVICE_SDL = parse('{ _service { sdl } }');

/**
 * Composes subgraphs into one graph. The order they come in changes nothing.
 *
 * @param subgraphsUrl - where a router finds them, each under its name; without a slash at its end.
 */
export async function composeSubgraphs(
  subgraphs: readonly Subgraph[],
  subgraphsUrl = SUBGRAPHS_URL,
): Promise<Supergraph> {
  const sorted = [...subgraphs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sdl = await Promise.all(
    sorted.map(async ({ name, schema }) => [name, await sdlOf(schema)] as const),
  );
  const composed = composeServices(
    sdl.map(([name, text]) => ({
      name,
      typeDefs: parse(text),
      url: `${subgraphsUrl}/${name}`,
    })),
  );
  const { errors } = composed;
  invariant(errors === undefined, `the subgraphs compose: ${errors?.join('; ')}`);
  return {
    subgraphSdl: new Map(sdl),
    supergraphSdl: composed.supergraphSdl,
    // The composer's own print breaks lines inside arguments; people read this one.
    apiSdl: printSchema(buildSchema(composed.publicSdl)),
  };
}

/** A subgraph's own SDL as federation's protocol gives it: the schema prints its directives itself. */
async function sdlOf(schema: GraphQLSchema): Promise<string> {
  const { data } = await execute({ schema, document: SERVICE_SDL });
  const sdl = (data as { readonly _service?: { readonly sdl?: unknown } } | null)?._service?.sdl;
  invariant(typeof sdl === 'string', 'a subgraph answers _service');
  return sdl;
}
