import type { RequestOrigin } from '../../graph/ask.js';
import type { Builder } from '../../graph/builder.js';
import { NODE_ID, type NodeRef, type NodeType } from '../../graph/node/interface.js';
import {
  GTIN,
  INSTITUTION,
  INSTITUTION_ID,
  LOT,
  LOT_NUMBER,
  PARTICIPANT,
  PSEUDONYM,
  STUDY,
  STUDY_ID,
  TRIAL,
} from '../../graph/words.js';

/** The fields of each type's key, as the other subgraphs know an object of it, in their words. */
const KEYS = {
  Institution: { words: INSTITUTION, key: { id: INSTITUTION_ID } },
  Lot: { words: LOT, key: { gtin: GTIN, lot: LOT_NUMBER } },
  Participant: { words: PARTICIPANT, key: { pseudonym: PSEUDONYM } },
  Study: { words: STUDY, key: { registryId: STUDY_ID } },
  Trial: { words: TRIAL, key: { id: STUDY_ID } },
} as const satisfies Record<NodeType, { words: string; key: Readonly<Record<string, string>> }>;

/** An object by its key alone: everything else of it is another subgraph's to tell. */
type Reference = Readonly<Record<string, string>>;

/** Adds the types of Node as references by their keys. */
export function addNodeReferences(
  builder: Builder<RequestOrigin>,
  nodeRef: NodeRef<RequestOrigin>,
): void {
  for (const [name, { words, key }] of Object.entries(KEYS)) {
    const ref = builder.objectRef<Reference>(name);
    const own = 'id' in key ? {} : { id: NODE_ID };
    builder.objectType(ref, {
      description: words,
      interfaces: [nodeRef as never],
      fields: (t) =>
        Object.fromEntries(
          Object.entries({ ...own, ...key }).map(([field, description]) => {
            const shareable = field in own ? { shareable: true } : {};
            const resolve = (reference: Reference) => String(reference[field]);
            return [field, t.id({ description, ...shareable, resolve })];
          }),
        ),
    });
    const selection = builder.selection<Reference>(Object.keys(key).join(' ') as never);
    builder.asEntity(ref, { key: builder.keyDirective(selection, false) } as never);
  }
}
