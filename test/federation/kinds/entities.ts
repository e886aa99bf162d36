import { byId, type Kind } from './kind.js';

const WARDS = [
  { id: 'w1', name: 'North', beds: 3, site: { id: 's1' } },
  { id: 'w2', name: 'South', beds: 0, site: { id: 's2' } },
];

const done: string[] = [];

/** Entities that several subgraphs know of, and what one needs of another. */
export const ENTITY_KINDS: readonly Kind[] = [
  {
    what: 'an entity below an entity, each in another subgraph, back and forth',
    parts: {
      a: {
        typeDefs: `type Query { wards: [Ward!]! }
          type Ward @key(fields: "id") { id: ID! name: String! }`,
        resolvers: {
          Query: { wards: () => WARDS },
          Ward: { __resolveReference: byId(WARDS) },
        },
      },
      b: {
        typeDefs: `type Ward @key(fields: "id") { id: ID! site: Site }
          type Site @key(fields: "id") { id: ID! wards: [Ward!]! }`,
        resolvers: {
          Ward: { __resolveReference: byId(WARDS) },
          Site: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            wards: ({ id }: { id: string }) => WARDS.filter(({ site }) => site.id === id),
          },
        },
      },
      c: {
        typeDefs: 'type Site @key(fields: "id") { id: ID! city: String! }',
        resolvers: {
          Site: {
            __resolveReference: async ({ id }: { id: string }) => ({ id, city: `of ${id}` }),
          },
        },
      },
    },
    asked: [
      {
        query: '{ wards { site { town: city wards { title: name site { city } } } } }',
        data: {
          wards: ['s1', 's2'].map((id, i) => ({
            site: {
              town: `of ${id}`,
              wards: [{ title: WARDS[i]?.name, site: { city: `of ${id}` } }],
            },
          })),
        },
      },
    ],
  },
  {
    what: 'a key of several fields, one of them in an object',
    parts: {
      a: {
        typeDefs: `type Query { lots: [Lot!]! }
          type Lot @key(fields: "number item { gtin }") { number: ID! item: Item! }
          type Item @shareable { gtin: ID! }`,
        resolvers: { Query: { lots: () => [{ number: '7', item: { gtin: 'g' } }] } },
      },
      b: {
        typeDefs: `type Lot @key(fields: "number item { gtin }") { number: ID! item: Item! recalled: Boolean! }
          type Item @shareable { gtin: ID! }`,
        resolvers: {
          Lot: {
            __resolveReference: (lot: object) => lot,
            recalled: (lot: { number: string; item: { gtin: string } }) =>
              lot.number === '7' && lot.item.gtin === 'g',
          },
        },
      },
    },
    asked: [
      {
        query: '{ lots { gtin: number number: recalled item: __typename } }',
        data: { lots: [{ gtin: '7', number: true, item: 'Lot' }] },
      },
    ],
  },
  {
    what: 'a key that is null, and an entity that its other subgraph does not know',
    parts: {
      a: {
        typeDefs: `type Query { wards: [Ward] }
          type Ward @key(fields: "id") { id: ID name: String }`,
        resolvers: {
          Query: {
            wards: () => [
              { id: null, name: 'No key' },
              null,
              { id: 'w1', name: 'A' },
              { id: 'x', name: 'B' },
            ],
          },
        },
      },
      b: {
        typeDefs: 'type Ward @key(fields: "id") { id: ID beds: Int }',
        resolvers: { Ward: { __resolveReference: byId(WARDS) } },
      },
    },
    asked: [
      {
        query: '{ wards { name beds } }',
        data: {
          wards: [
            { name: 'No key', beds: null },
            null,
            { name: 'A', beds: 3 },
            { name: 'B', beds: null },
          ],
        },
      },
    ],
  },
  {
    what: 'a field that requires others, with an argument, beside the same field with another',
    parts: {
      a: {
        typeDefs: `type Query { ward: Ward }
          type Ward @key(fields: "id") { id: ID! load(unit: String!): Int }`,
        resolvers: {
          Query: { ward: () => WARDS[0] },
          Ward: {
            __resolveReference: byId(WARDS),
            load: (_: unknown, { unit }: { unit: string }) => unit.length,
          },
        },
      },
      b: {
        typeDefs: `type Ward @key(fields: "id") {
            id: ID!
            load(unit: String!): Int @external
            twice: Int @requires(fields: "load(unit: \\"kg\\")")
            more: Int @requires(fields: "load(unit: \\"tonnes\\") twice2")
            twice2: Int @external
          }`,
        resolvers: {
          Ward: {
            twice: ({ load }: { load: number }) => load * 2,
            more: ({ load, twice2 }: { load: number; twice2: number }) => load * 100 + twice2,
          },
        },
      },
      c: {
        typeDefs: `type Ward @key(fields: "id") { id: ID! twice: Int @external twice2: Int @requires(fields: "twice") }`,
        resolvers: { Ward: { twice2: ({ twice }: { twice: number }) => twice * 2 } },
      },
    },
    asked: [
      {
        query: '{ ward { more twice load(unit: "stone") kg: load(unit: "kg") } }',
        data: { ward: { more: 608, twice: 4, load: 5, kg: 2 } },
      },
    ],
  },
  {
    what: 'fields that a path provides: who has them is not asked',
    parts: {
      a: {
        typeDefs: `type Query { first: Ward @provides(fields: "name site { city }") any: Ward }
          type Ward @key(fields: "id") { id: ID! name: String @external site: Site @external }
          type Site @key(fields: "id") { id: ID! city: String @external }`,
        resolvers: {
          Query: {
            first: () => ({ id: 'w1', name: 'provided', site: { id: 's1', city: 'provided' } }),
            any: () => ({ id: 'w1' }),
          },
        },
      },
      b: {
        typeDefs: `type Ward @key(fields: "id") { id: ID! name: String @shareable site: Site @shareable }
          type Site @key(fields: "id") { id: ID! city: String @shareable }`,
        resolvers: { Ward: { __resolveReference: byId(WARDS) }, Site: { city: () => 'asked' } },
      },
    },
    asked: [
      {
        query: '{ first { name site { city } } any { name site { city } } }',
        data: {
          first: { name: 'provided', site: { city: 'provided' } },
          any: { name: 'North', site: { city: 'asked' } },
        },
      },
    ],
  },
  {
    what: 'a field that moved from one subgraph to another, and a type extended as federation 1 did',
    parts: {
      a: {
        typeDefs: `type Query { ward: Ward }
          type Ward @key(fields: "id") { id: ID! name: String }`,
        resolvers: { Query: { ward: () => ({ id: 'w1', name: 'before it moved' }) } },
      },
      b: {
        typeDefs: `extend type Ward @key(fields: "id") { id: ID! @external name: String @override(from: "a") }`,
        resolvers: { Ward: { __resolveReference: byId(WARDS) } },
      },
    },
    asked: [{ query: '{ ward { id name } }', data: { ward: { id: 'w1', name: 'North' } } }],
  },
  {
    what: 'mutations of two subgraphs: one after another, in the order in which they are written',
    parts: {
      a: {
        typeDefs: 'type Query { done: [String!]! } type Mutation { openA: Int! failA: Int }',
        resolvers: {
          Query: { done: () => done.splice(0) },
          Mutation: {
            openA: async () => {
              await new Promise((resolve) => setTimeout(resolve, 20));
              return done.push('a');
            },
            failA: () => {
              throw new Error('no');
            },
          },
        },
      },
      b: {
        typeDefs: 'type Mutation { openB: Int! }',
        resolvers: { Mutation: { openB: () => done.push('b') } },
      },
    },
    asked: [
      {
        query: 'mutation { x: openA failA y: openB z: openA openB }',
        data: { x: 1, failA: null, y: 2, z: 3, openB: 4 },
        errors: [['failA']],
      },
      { query: '{ done }', data: { done: ['a', 'b', 'a', 'b'] } },
    ],
  },
  {
    what: '@skip and @include over a boundary: what is left out is not asked for',
    parts: {
      a: {
        typeDefs: 'type Query { ward: Ward } type Ward @key(fields: "id") { id: ID! }',
        resolvers: { Query: { ward: () => WARDS[0] } },
      },
      b: {
        typeDefs: 'type Ward @key(fields: "id") { id: ID! never: String! beds: Int }',
        resolvers: {
          Ward: {
            __resolveReference: byId(WARDS),
            never: () => {
              throw new Error('asked');
            },
          },
        },
      },
    },
    asked: [
      {
        query: `query ($yes: Boolean = true, $no: Boolean!) {
          ward { never @skip(if: $yes) ... @include(if: $no) { never } ...B @skip(if: $no) @include(if: $yes) }
        } fragment B on Ward { beds never @include(if: false) }`,
        variables: { no: false },
        data: { ward: { beds: 3 } },
      },
    ],
  },
];
