import { beforeAll, describe, expect, test } from 'vitest';
import { type Graph, graphOf } from './graph-of.js';

let graph: Graph;
beforeAll(async () => {
  const things = [
    { __typename: 'Apple', id: '1', name: 'a', pips: 5 },
    { __typename: 'Brick', id: '2', name: 'b', weight: 7 },
    { __typename: 'Cloud', id: '3' },
  ];
  graph = await graphOf({
    things: {
      typeDefs: `
        interface Thing { id: ID! }
        interface Named implements Thing { id: ID! name: String! }
        type Apple implements Thing & Named { id: ID! name: String! pips: Int! }
        type Brick implements Thing & Named { id: ID! name: String! weight: Int! }
        type Cloud implements Thing { id: ID! }
        union Solid = Apple | Brick
        type Query { things: [Thing!]! solids: [Solid!]! }
      `,
      resolvers: {
        Query: { things: () => things, solids: () => things.slice(0, 2) },
      },
    },
  });
});

const brick = { id: '2', __typename: 'Brick' };

const BRICK = 'fragment Brick on Brick { __typename }';

/** Nothing of these is asked of a subgraph but the kind itself. */
describe('a kind that is asked for of some objects alone', () => {
  test.each<[string, string, string, readonly object[]]>([
    ['of one kind', 'things', 'id ... on Brick { __typename }', [{ id: '1' }, brick, { id: '3' }]],
    [
      'under an alias',
      'things',
      'id ... on Brick { kind: __typename }',
      [{ id: '1' }, { id: '2', kind: 'Brick' }, { id: '3' }],
    ],
    [
      'of an interface within it',
      'things',
      'id ... on Named { __typename }',
      [{ id: '1', __typename: 'Apple' }, brick, { id: '3' }],
    ],
    [
      'of one kind within an interface',
      'things',
      'id ... on Named { ... on Brick { __typename } }',
      [{ id: '1' }, brick, { id: '3' }],
    ],
    [
      'of one kind within a union',
      'things',
      'id ... on Solid { ... on Brick { __typename } }',
      [{ id: '1' }, brick, { id: '3' }],
    ],
    [
      'of the first kind',
      'things',
      'id ... on Apple { __typename }',
      [{ id: '1', __typename: 'Apple' }, { id: '2' }, { id: '3' }],
    ],
    ['by a fragment', 'things', 'id ...Brick', [{ id: '1' }, brick, { id: '3' }]],
    ['of a union', 'solids', '... on Brick { __typename }', [{}, { __typename: 'Brick' }]],
    [
      'of what is left out',
      'things',
      'id ... on Brick @skip(if: true) { __typename }',
      [{ id: '1' }, { id: '2' }, { id: '3' }],
    ],
    [
      'and with a field of it',
      'things',
      'id ... on Brick { __typename weight }',
      [{ id: '1' }, { ...brick, weight: 7 }, { id: '3' }],
    ],
  ])('%s is told of those', async (_how, field, selections, expected) => {
    const answer = await graph.ask(
      `{ ${field} { ${selections} } } ${selections.includes('...Brick') ? BRICK : ''}`,
    );
    expect(answer).toEqual({ status: 200, data: { [field]: expected } });
  });
});
