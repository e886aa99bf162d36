import type { InstitutionId } from '../core/ids.js';
import { isComplete, type SourceState, type SourceStatus } from './ask.js';
import type { Builder } from './builder.js';
import { describedValues, INSTITUTION, INSTITUTION_ID } from './words.js';

/** One page of rows in key order, and what each asked institution said. */
export interface Page<Row> {
  readonly nodes: readonly Row[];
  readonly hasNextPage: boolean;
  /** The cursor that continues after a row of this page: the row's place in the order, and no more. */
  cursorOf(row: Row): string;
  readonly sources: readonly SourceState[];
}

/** A page of rows that are few and always told at once. */
export function wholePage<Row>(
  nodes: readonly Row[],
  sources: readonly SourceState[],
  cursorOf: (row: NoInfer<Row>) => string,
): Page<Row> {
  return { nodes, hasNextPage: false, cursorOf, sources };
}

const SOURCE_STATUS = describedValues<SourceStatus>({
  OK: 'It answered.',
  UNAVAILABLE: 'No usable answer came from this institution, for whatever reason. Ask again later.',
  REFUSED: "This institution's node decided not to answer.",
  NOT_PRESENTED: 'The holder of this token has shown this node no proof yet, so it opens nothing.',
});

/**
 * Adds what every merged answer is made of: Institution (a reference; the network subgraph owns
 * it), Source, PageInfo and the Federated interface, and gives back the way to add connections.
 * Called once per subgraph.
 */
export function addFederatedTypes<Opened>(
  builder: Builder<Opened>,
  institutionRef = addInstitutionReference(builder),
) {
  const { SourceStatusEnum, SourceRef } = addSource(builder, institutionRef);
  const PageInfoRef = addPageInfo(builder);
  const FederatedRef = builder
    .interfaceRef<{ readonly sources: readonly SourceState[] }>('Federated')
    .implement({
      description: 'An answer merged from several institutions; it says whether any is missing.',
      fields: (t) => ({
        sources: t.field({
          type: [SourceRef],
          description: 'Every institution that was asked, and how it answered.',
          resolve: ({ sources }) => sources,
        }),
        complete: t.boolean({
          description:
            'Whether every source is OK. If not, rows of the others are missing here, not absent.',
          resolve: ({ sources }) => isComplete(sources),
        }),
      }),
    });

  const addConnection = connectionAdder<Opened>(builder, FederatedRef, PageInfoRef);
  return { institutionRef, SourceStatusEnum, SourceRef, PageInfoRef, FederatedRef, addConnection };
}

function addSource<Opened>(builder: Builder<Opened>, institutionRef: InstitutionRef<Opened>) {
  const SourceStatusEnum = builder.enumType('SourceStatus', {
    description: 'How one institution answered.',
    values: SOURCE_STATUS,
  });
  const SourceRef = builder.objectRef<SourceState>('Source').implement({
    shareable: true,
    description: "One institution's part in a merged answer.",
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: 'The institution that was asked.',
        resolve: ({ institution }) => ({ id: institution }),
      }),
      status: t.field({
        type: SourceStatusEnum,
        description: 'How it answered.',
        resolve: ({ status }) => status,
      }),
      latencyMs: t.int({
        nullable: true,
        description:
          'Milliseconds until its answer was read. Null without a usable answer, and where a node ' +
          'tells of itself.',
        resolve: ({ latencyMs }) => latencyMs,
      }),
    }),
  });
  return { SourceStatusEnum, SourceRef };
}

/** Gives back the way to add `<Name>Connection` and `<Name>Edge`: a Federated page of `<Name>`, as Relay has it. */
function connectionAdder<Opened>(
  builder: Builder<Opened>,
  federatedRef: unknown,
  pageInfoRef: ReturnType<typeof addPageInfo<Opened>>,
) {
  return function addConnection<Row>(name: string, rowRef: { readonly $inferType: Row }) {
    const EdgeRef = addEdge<Opened, Row>(builder, name, rowRef);
    return builder.objectRef<Page<Row>>(`${name}Connection`).implement({
      description: `A page of ${name}, merged from the institutions that answered.`,
      interfaces: [federatedRef as never],
      fields: (t) => ({
        nodes: t.field({
          type: [rowRef as never],
          description: 'The rows themselves, in the same order as in `edges`.',
          resolve: (page) => page.nodes as never,
        }),
        edges: t.field({
          type: [EdgeRef],
          description: 'The rows, each with its own cursor.',
          resolve: ({ nodes, cursorOf }) => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
        }),
        pageInfo: t.field({
          type: pageInfoRef,
          description: 'Where this page ends, and whether another follows.',
          resolve: (page) => page,
        }),
      }),
    });
  };
}

/** Adds PageInfo as the Relay Cursor Connections specification has it, for pages read forwards. */
function addPageInfo<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Page<unknown>>('PageInfo').implement({
    shareable: true,
    description:
      'Where a page ends. There is no total count: next to a filtered list it would be a leak.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', {
        description: 'Whether rows follow this page at the institutions that answered.',
      }),
      hasPreviousPage: t.boolean({
        description:
          'Always false, which is no word on rows before this page: pages are read forwards ' +
          'alone, and the Relay specification has such a server answer so.',
        resolve: () => false,
      }),
      startCursor: t.string({
        nullable: true,
        description: 'The cursor of the first row; null on an empty page.',
        resolve: (page) => cursorAt(page, 0),
      }),
      endCursor: t.string({
        nullable: true,
        description: 'The cursor of the last row: `after` takes it. Null on an empty page.',
        resolve: (page) => cursorAt(page, -1),
      }),
    }),
  });
}

function cursorAt<Row>({ nodes, cursorOf }: Page<Row>, place: number): string | null {
  const row = nodes.at(place);
  return row === undefined ? null : cursorOf(row);
}

interface Edge<Row> {
  readonly node: Row;
  readonly cursor: string;
}

function addEdge<Opened, Row>(
  builder: Builder<Opened>,
  name: string,
  rowRef: { readonly $inferType: Row },
) {
  return builder.objectRef<Edge<Row>>(`${name}Edge`).implement({
    description: `One ${name} of a page, and its place in the order.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description:
          'Opaque. As `after`, it continues right behind this row, at every institution.',
      }),
      node: t.field({
        type: rowRef as never,
        description: 'The row.',
        resolve: ({ node }) => node as never,
      }),
    }),
  });
}

export type FederatedTypes<Opened> = ReturnType<typeof addFederatedTypes<Opened>>;

/** Institution as every subgraph but network's knows it: by its id alone. */
function addInstitutionReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<{ readonly id: InstitutionId }>('Institution');
  builder.objectType(ref, {
    description: INSTITUTION,
    fields: (t) => ({ id: t.exposeID('id', { description: INSTITUTION_ID }) }),
  });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ id: string }>('id'), false),
    resolveReference: ({ id }) => ({ id: id as InstitutionId }),
  });
  return ref;
}

export type InstitutionRef<Opened> = ReturnType<typeof addInstitutionReference<Opened>>;
