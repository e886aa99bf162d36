import { execute, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../src/core/ids.js';
import { isComplete, type SourceState, type SourceStatus } from '../../src/graph/ask.js';
import { createBuilder, toSubgraph } from '../../src/graph/builder.js';
import { addFederatedTypes, type Page } from '../../src/graph/federated.js';

function source(status: SourceStatus, latencyMs: number | null = 5): SourceState {
  return { institution: toInstitutionId('riverside-hospital'), status, latencyMs };
}

/** A subgraph of one list, as every domain room builds it. */
function subgraphOf(
  sources: readonly SourceState[],
  nodes: readonly { readonly id: string }[] = [{ id: 'a' }, { id: 'b' }],
): GraphQLSchema {
  const builder = createBuilder<string>();
  const { addConnection } = addFederatedTypes(builder);
  const RowRef = builder.objectRef<{ readonly id: string }>('Row');
  RowRef.implement({ fields: (t) => ({ id: t.exposeID('id') }) });
  const page: Page<{ readonly id: string }> = {
    nodes,
    hasNextPage: true,
    cursorOf: ({ id }) => `after ${id}`,
    sources,
  };
  builder.queryType({
    fields: (t) => ({ rows: t.field({ type: addConnection('Row', RowRef), resolve: () => page }) }),
  });
  return toSubgraph(builder);
}

async function ask(schema: GraphQLSchema, query: string) {
  return JSON.parse(JSON.stringify(await execute({ schema, document: parse(query) })));
}

describe('a connection', () => {
  test('gives rows, where the page ends, and what each institution said', async () => {
    const schema = subgraphOf([source('OK'), source('UNAVAILABLE', null)]);
    const query = `{ rows { __typename nodes { id } edges { __typename cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      ... on Federated { complete sources { institution { id } status latencyMs } } } }`;
    expect(await ask(schema, query)).toEqual({
      data: {
        rows: {
          __typename: 'RowConnection',
          nodes: [{ id: 'a' }, { id: 'b' }],
          edges: [
            { __typename: 'RowEdge', cursor: 'after a', node: { id: 'a' } },
            { __typename: 'RowEdge', cursor: 'after b', node: { id: 'b' } },
          ],
          pageInfo: {
            hasNextPage: true,
            hasPreviousPage: false,
            startCursor: 'after a',
            endCursor: 'after b',
          },
          complete: false,
          sources: [
            { institution: { id: 'riverside-hospital' }, status: 'OK', latencyMs: 5 },
            { institution: { id: 'riverside-hospital' }, status: 'UNAVAILABLE', latencyMs: null },
          ],
        },
      },
    });
  });

  test('has no cursor where it has no row', async () => {
    const { data } = await ask(
      subgraphOf([], []),
      '{ rows { edges { cursor } pageInfo { startCursor endCursor } } }',
    );
    expect(data.rows).toEqual({ edges: [], pageInfo: { startCursor: null, endCursor: null } });
  });

  test('refers to Institution by its id alone, as an entity that another subgraph owns', async () => {
    const { data } = await ask(subgraphOf([]), '{ _service { sdl } }');
    expect(data._service.sdl).toMatch(
      /type Institution\s+@key\(fields: "id", resolvable: false\)\s*\{\s*"""[^"]*"""\s*id: ID!\s*\}/,
    );
    expect(data._service.sdl).toContain('https://specs.apollo.dev/federation/v2.8');
  });
});

describe('isComplete', () => {
  test('holds if every source is OK, also if there is none to ask', () => {
    expect([isComplete([]), isComplete([source('OK'), source('OK')])]).toEqual([true, true]);
  });

  test.each(['UNAVAILABLE', 'REFUSED', 'NOT_PRESENTED'] as const)(
    'does not hold beside one that is %s',
    (status) => expect(isComplete([source('OK'), source(status)])).toBe(false),
  );
});
