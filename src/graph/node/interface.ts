import type { Builder } from '../builder.js';

/** The types that `node` finds objects of. */
export const NODE_TYPES = ['Institution', 'Lot', 'Participant', 'Study', 'Trial'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/** Adds Node. Each subgraph that owns a type of it has the interface. */
export function addNodeInterface<Opened>(builder: Builder<Opened>) {
  return builder.interfaceRef<{ readonly __typename: NodeType }>('Node').implement({
    description:
      'What `node` finds again by its id. The rows of a participant are no such thing: they are ' +
      'found through their participant alone.',
    resolveType: ({ __typename }) => __typename,
    fields: (t) => ({
      id: t.id({
        description: 'Unique over all types, and the same for ever. Do not take it apart.',
        resolve: () => {
          throw new Error('each type has an id of its own');
        },
      }),
    }),
  });
}

export type NodeRef<Opened> = ReturnType<typeof addNodeInterface<Opened>>;

/** How every type of Node describes its id. */
export const NODE_ID = 'Unique over all types: what `node` takes.';
