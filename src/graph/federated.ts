import type { InstitutionId } from '../core/ids.js';
import { isComplete, type SourceState, type SourceStatus } from './ask.js';
import type { Builder } from './builder.js';

/** One page of rows in key order, and what each asked institution said. */
export interface Page<Row> {
  readonly nodes: readonly Row[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  readonly sources: readonly SourceState[];
}

/** A page of rows that are few and always told at once. */
export function wholePage<Row>(nodes: readonly Row[], sources: readonly SourceState[]): Page<Row> {
  return { nodes, hasNextPage: false, endCursor: null, sources };
}

const SOURCE_STATUS = {
  OK: {},
  UNAVAILABLE: { description: 'No usable answer came from this institution, for whatever reason.' },
  REFUSED: { description: "This institution's node decided not to answer." },
  NOT_PRESENTED: { description: 'This holder has shown this node nothing yet.' },
} as const satisfies Record<SourceStatus, { description?: string }>;

/**
 * Adds what every merged answer is made of: Institution (a reference; the network subgraph owns
 * it), Source, PageInfo and the Federated interface, and gives back the way to add connections.
 * Called once per subgraph.
 */
export function addFederatedTypes<Opened>(
  builder: Builder<Opened>,
  institutionRef = addInstitutionReference(builder),
) {
  const SourceStatusEnum = builder.enumType('SourceStatus', { values: SOURCE_STATUS });
  const SourceRef = builder.objectRef<SourceState>('Source').implement({
    shareable: true,
    description: "One institution's part in a merged answer.",
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        resolve: ({ institution }) => ({ id: institution }),
      }),
      status: t.field({ type: SourceStatusEnum, resolve: ({ status }) => status }),
      latencyMs: t.int({
        nullable: true,
        description: 'Until its answer was read; null without a usable one.',
        resolve: ({ latencyMs }) => latencyMs,
      }),
    }),
  });
  const PageInfoRef = builder.objectRef<Page<unknown>>('PageInfo').implement({
    shareable: true,
    description: 'Where a page ends. No total count anywhere: beside a filtered list it is a leak.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage'),
      endCursor: t.exposeString('endCursor', { nullable: true }),
    }),
  });
  const FederatedRef = builder
    .interfaceRef<{ readonly sources: readonly SourceState[] }>('Federated')
    .implement({
      description: 'An answer merged from several institutions; it says whether any is missing.',
      fields: (t) => ({
        sources: t.field({ type: [SourceRef], resolve: ({ sources }) => sources }),
        complete: t.boolean({
          description: 'Every source is OK. Otherwise rows of the others are missing, not empty.',
          resolve: ({ sources }) => isComplete(sources),
        }),
      }),
    });

  /** Adds `<Name>Connection`, a Federated page of `<Name>`. */
  function addConnection<Row>(name: string, rowRef: { readonly $inferType: Row }) {
    return builder.objectRef<Page<Row>>(`${name}Connection`).implement({
      interfaces: [FederatedRef as never],
      fields: (t) => ({
        nodes: t.field({ type: [rowRef as never], resolve: (page) => page.nodes as never }),
        pageInfo: t.field({ type: PageInfoRef, resolve: (page) => page }),
      }),
    });
  }

  return { institutionRef, SourceStatusEnum, SourceRef, PageInfoRef, FederatedRef, addConnection };
}

export type FederatedTypes<Opened> = ReturnType<typeof addFederatedTypes<Opened>>;

/** Institution as every subgraph but network's knows it: by its id alone. */
export function addInstitutionReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<{ readonly id: InstitutionId }>('Institution');
  builder.objectType(ref, { fields: (t) => ({ id: t.exposeID('id') }) });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ id: string }>('id'), false),
    resolveReference: ({ id }) => ({ id: id as InstitutionId }),
  });
  return ref;
}

export type InstitutionRef<Opened> = ReturnType<typeof addInstitutionReference<Opened>>;
