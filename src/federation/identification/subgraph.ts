import type { GraphQLSchema } from 'graphql';
import { DomainError } from '../../core/errors.js';
import type { RequestOrigin } from '../../graph/ask.js';
import { createBuilder, toSubgraph } from '../../graph/builder.js';
import type { SubgraphContext } from '../../graph/context.js';
import { joinLookUps } from '../../graph/join-look-ups.js';
import { identify } from '../../graph/node/identify.js';
import { addNodeInterface, NODE_TYPES, type NodeType } from '../../graph/node/interface.js';
import { QUERY } from '../../graph/words.js';
import { addNodeReferences } from './node-references.js';
import { findersOf, type IdentifiedSources, isKeyOf, type Key } from './sources.js';

/** Ids in one `nodes` at most. */
export const MAX_IDS = 100;

type Context = SubgraphContext<RequestOrigin>;
type Found = { readonly __typename: NodeType; readonly id: string };

/**
 * The subgraph of `node`: it says whether what an id names is there for the requester, asking as
 * the domains' own fields do, and leads to the domains by key for everything else. Only the gateway
 * has it; an institution's node does not.
 */
export function identificationSubgraph(sources: IdentifiedSources): GraphQLSchema {
  const builder = createBuilder<RequestOrigin>();
  const NodeRef = addNodeInterface(builder);
  addNodeReferences(builder, NodeRef);
  const find = createFind(sources);
  builder.queryType({
    description: QUERY,
    fields: (t) => ({
      node: t.field({
        type: NodeRef,
        nullable: true,
        description:
          'What has this id. Null for what nobody has and for what is not open to me, which look ' +
          'the same. While a source that could know it is silent: SOURCE_UNAVAILABLE.',
        args: { id: t.arg.id({ required: true, description: 'As `Node.id` has it.' }) },
        resolve: (_root, { id }, context) => find(context, id),
      }),
      nodes: t.field({
        type: [NodeRef],
        nullable: { list: false, items: true },
        description:
          'What has each of these ids, in their order: each place is what `node` answers for its id.',
        args: {
          ids: t.arg.idList({
            required: true,
            description: `As \`Node.id\` has them, ${MAX_IDS} at most; more is BAD_INPUT.`,
          }),
        },
        resolve: (_root, { ids }, context) => {
          if (ids.length > MAX_IDS) {
            throw new DomainError('BAD_INPUT', { argument: 'ids', most: MAX_IDS });
          }
          return ids.map((id) => find(context, id));
        },
      }),
    }),
  });
  return toSubgraph(builder);
}

/** One question to the sources for each type, however many ids of it a request has. */
function createFind(sources: IdentifiedSources) {
  const finders = findersOf(sources);
  const lookUpOf = (type: NodeType) =>
    joinLookUps(
      ({ opened }: Context, keys: readonly Key[]) => finders[type](opened, keys),
      MAX_IDS,
    );
  const lookUps = new Map(NODE_TYPES.map((type) => [type, lookUpOf(type)]));

  return async (context: Context, id: string): Promise<Found | null> => {
    const named = identify(id);
    if (named === undefined || !isKeyOf(named.type, named.key)) return null;
    const found = await lookUps.get(named.type)?.(context, named.key);
    return found ? { ...found, id, __typename: named.type } : null;
  };
}
