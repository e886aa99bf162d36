import { ApolloServer } from '@apollo/server';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { faultsOf } from './faults.js';
import { takeFaults } from './held.js';

const schema = buildSchema(`
  enum Colour { RED }
  interface Thing { id: ID! }
  type Box implements Thing { id: ID! of: [Int!] colour: Colour }
  type Bag implements Thing { id: ID! }
  union Any = Box | Bag
  type Query { box: Box any: Any things: [Thing!]! }
`);

function faults(query: string, answer: object, variables = {}): readonly string[] {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('one operation');
  return faultsOf({ schema, document, operation, variables, answer });
}

describe('an answer as its schema allows has no fault', () => {
  test.each([
    ['{ box { id of colour } }', { data: { box: { id: '1', of: [1], colour: 'RED' } } }],
    ['{ a: box { id } box { id } }', { data: { a: null, box: { id: '1' } } }],
    ['{ box { id } box { of } }', { data: { box: { id: '1', of: null } } }],
    ['{ any { __typename ... on Box { of } } }', { data: { any: { __typename: 'Bag' } } }],
    ['{ any { ... on Box { of } ... on Bag { id } } }', { data: { any: { id: '1' } } }],
    ['{ things { id } }', { data: null, errors: [{ path: ['things', 0, 'id'] }] }],
    ['{ box @skip(if: true) { id } }', { data: {} }],
    ['{ __schema { queryType { name } } }', { data: { __schema: { queryType: { name: 'Q' } } } }],
    ['{ box { id } }', { errors: [{}] }],
  ])('%s', (query, answer) => {
    expect(faults(query, answer)).toEqual([]);
  });
});

describe('what its schema does not allow is found', () => {
  test.each([
    ['a key is missing', '{ box { id of } }', { data: { box: { id: '1' } } }],
    ['a key was not selected', '{ box { id } }', { data: { box: { id: '1', of: [] } } }],
    ['keys are out of order', '{ box { id of } }', { data: { box: { of: [], id: '1' } } }],
    ['what was skipped is there', '{ box { id @skip(if: true) } }', { data: { box: { id: '1' } } }],
    ['null where none may be', '{ box { id } }', { data: { box: { id: null } } }],
    ['null in a list that has none', '{ box { of } }', { data: { box: { of: [null] } } }],
    ['no list', '{ box { of } }', { data: { box: { of: 1 } } }],
    ['another scalar', '{ box { of } }', { data: { box: { of: ['1'] } } }],
    ['a number for an identifier', '{ box { id } }', { data: { box: { id: 1 } } }],
    ['a value that the enum lacks', '{ box { colour } }', { data: { box: { colour: 'BLUE' } } }],
    [
      'an interface for a type',
      '{ things { __typename } }',
      { data: { things: [{ __typename: 'Thing' }] } },
    ],
    ['neither data nor errors', '{ box { id } }', {}],
    ['data null without an error', '{ box { id } }', { data: null }],
    ['no error in the list of them', '{ box { id } }', { data: { box: null }, errors: [] }],
    [
      'an error at a value',
      '{ box { id } }',
      { data: { box: { id: '1' } }, errors: [{ path: ['box', 'id'] }] },
    ],
    [
      'an error at no place',
      '{ box { id } }',
      { data: { box: null }, errors: [{ path: ['bag'] }] },
    ],
  ])('%s', (_, query, answer) => {
    expect(faults(query, answer)).not.toEqual([]);
  });
});

test('every server that a test starts is held to it, and this one lies', async () => {
  const gateway = {
    load: async () => ({ executor: async () => ({ data: { box: { id: null } } }) }),
    onSchemaLoadOrUpdate: (tell: (context: object) => void) => {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: async () => undefined,
  };
  const server = new ApolloServer({ gateway: gateway as never, logger: console });
  await server.start();
  await server.executeOperation({ query: '{ box { id } }' });
  expect(takeFaults().join()).toContain('data.box.id: null, and is ID!');
  await server.stop();
});
