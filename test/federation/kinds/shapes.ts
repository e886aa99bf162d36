import { byId, type Kind } from './kind.js';

const CARE = [
  { __typename: 'Visit', id: 'v1', code: 'A', minutes: 5, note: 'x' },
  { __typename: 'Stay', id: 's1', code: 'B', nights: 2, note: null },
];
const kindOf = ({ __typename }: { readonly __typename: string }) => __typename;

/** Types that stand for several, and types of which subgraphs know different parts. */
export const SHAPE_KINDS: readonly Kind[] = [
  {
    what: 'an object that two subgraphs share, each with a part of its own, at one path',
    parts: {
      a: {
        typeDefs: `type Query { site: Site @shareable }
          type Site @shareable { city: String geo: Geo } type Geo { lat: Int @shareable north: Boolean }`,
        resolvers: { Query: { site: () => ({ city: 'C', geo: { lat: 1, north: true } }) } },
      },
      b: {
        typeDefs: `type Query { site: Site @shareable }
          type Site @shareable { city: String geo: Geo } type Geo { lat: Int @shareable south: Boolean }`,
        resolvers: { Query: { site: () => ({ city: 'C', geo: { lat: 1, south: false } }) } },
      },
    },
    asked: [
      {
        query: '{ site { geo { south } } site { geo { north lat } city } }',
        data: { site: { geo: { south: false, north: true, lat: 1 }, city: 'C' } },
      },
    ],
  },
  {
    what: 'an interface whose kinds have fields in another subgraph, and fields of one name with unlike types',
    parts: {
      a: {
        typeDefs: `type Query { care: [Care!]! }
          interface Care { id: ID! code: String }
          type Visit implements Care @key(fields: "id") { id: ID! code: String minutes: Int! }
          type Stay implements Care @key(fields: "id") { id: ID! code: String nights: Int }`,
        resolvers: { Query: { care: () => CARE }, Care: { __resolveType: kindOf } },
      },
      b: {
        typeDefs: `type Visit @key(fields: "id") { id: ID! note: String! }
          type Stay @key(fields: "id") { id: ID! note: Note } type Note { text: String }`,
        resolvers: {
          Visit: { __resolveReference: byId(CARE) },
          Stay: { __resolveReference: async () => ({ note: { text: 'n' } }) },
        },
      },
    },
    asked: [
      {
        query: '{ care { code c: code } }',
        data: {
          care: [
            { code: 'A', c: 'A' },
            { code: 'B', c: 'B' },
          ],
        },
      },
      {
        query: `{ care { id ...V ... on Stay { last: note { text } length: nights } } }
          fragment V on Care { __typename ... on Visit { note id: id length: minutes } ... on Care { code } }`,
        data: undefined,
      },
      {
        query: `{ care { id ...V ... on Stay { last: note { text } length: nights } } }
          fragment V on Care { __typename ... on Visit { note id: id minutes } ... on Care { code } }`,
        data: {
          care: [
            { id: 'v1', __typename: 'Visit', note: 'x', minutes: 5, code: 'A' },
            { id: 's1', __typename: 'Stay', code: 'B', last: { text: 'n' }, length: 2 },
          ],
        },
      },
    ],
  },
  {
    what: 'a union of which each subgraph knows other members',
    parts: {
      a: {
        typeDefs: `type Query { one: [Care!]! } union Care = Visit | Stay
          type Visit @shareable { code: String } type Stay @shareable { code: String }`,
        resolvers: { Query: { one: () => CARE }, Care: { __resolveType: kindOf } },
      },
      b: {
        typeDefs: `type Query { two: [Care!]! } union Care = Visit | Call
          type Visit @shareable { code: String } type Call { code: String number: String }`,
        resolvers: {
          Query: { two: () => [{ __typename: 'Call', code: 'C', number: '1' }, CARE[0]] },
          Care: { __resolveType: kindOf },
        },
      },
    },
    asked: [
      {
        query: `{ one { ...C } two { ...C kind: __typename } }
          fragment C on Care { ... on Visit { code } ... on Stay { b: code } ... on Call { code number } }`,
        data: {
          one: [{ code: 'A' }, { b: 'B' }],
          two: [
            { code: 'C', number: '1', kind: 'Call' },
            { code: 'A', kind: 'Visit' },
          ],
        },
      },
    ],
  },
  {
    what: 'a field that is a union in one subgraph and one of its members in another',
    unlikeReference: 'answered otherwise',
    parts: {
      a: {
        typeDefs: `type Query { site: Site @shareable } type Site { first: Visit @shareable }
          type Visit @shareable { code: String }`,
        resolvers: { Query: { site: () => ({ first: CARE[0] }) } },
      },
      b: {
        typeDefs: `type Query { site: Site @shareable } type Site { first: Care @shareable }
          union Care = Visit | Stay type Visit @shareable { code: String } type Stay { code: String }`,
        resolvers: {
          Query: { site: () => ({ first: CARE[0] }) },
          Care: { __resolveType: kindOf },
        },
      },
    },
    asked: [
      {
        query: '{ site { first { __typename ... on Visit { code } ... on Stay { b: code } } } }',
        data: { site: { first: { __typename: 'Visit', code: 'A' } } },
      },
    ],
  },
  {
    what: 'an interface to which a subgraph adds a field without knowing its kinds',
    parts: {
      a: {
        typeDefs: `type Query { care: [Care!]! }
          interface Care @key(fields: "id") { id: ID! code: String }
          type Visit implements Care @key(fields: "id") { id: ID! code: String minutes: Int }
          type Stay implements Care @key(fields: "id") { id: ID! code: String nights: Int }`,
        resolvers: {
          Query: { care: () => CARE },
          Care: { __resolveType: kindOf, __resolveReference: byId(CARE) },
          Visit: { __resolveReference: byId(CARE) },
          Stay: { __resolveReference: byId(CARE) },
        },
      },
      b: {
        typeDefs: `type Query { dear: Care }
          type Care @key(fields: "id") @interfaceObject { id: ID! price: Int }`,
        resolvers: {
          Query: { dear: () => ({ id: 's1' }) },
          Care: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            price: ({ id }: { id: string }) => id.charCodeAt(0),
          },
        },
      },
    },
    asked: [
      {
        query: '{ care { price ... on Visit { minutes } } dear { price } }',
        data: { care: [{ price: 118, minutes: 5 }, { price: 115 }], dear: { price: 115 } },
      },
      {
        query: '{ dear { __typename code ... on Stay { nights p: price } } }',
        data: { dear: { __typename: 'Stay', code: 'B', nights: 2, p: 115 } },
      },
    ],
  },
  {
    what: 'a field that such a subgraph adds and that requires one of the interface',
    unlikeReference: 'answered otherwise',
    parts: {
      a: {
        typeDefs: `type Query { care: [Care!]! }
          interface Care @key(fields: "id") { id: ID! code: String }
          type Visit implements Care @key(fields: "id") { id: ID! code: String }`,
        resolvers: {
          Query: { care: () => [CARE[0]] },
          Care: { __resolveType: kindOf, __resolveReference: byId(CARE) },
          Visit: { __resolveReference: byId(CARE) },
        },
      },
      b: {
        typeDefs: `type Query { dear: Care }
          type Care @key(fields: "id") @interfaceObject {
            id: ID! code: String @external label: String @requires(fields: "code")
          }`,
        resolvers: {
          Query: { dear: () => ({ id: 'v1' }) },
          Care: { label: ({ code }: { code?: string }) => `${code}!` },
        },
      },
    },
    asked: [{ query: '{ dear { label code } }', data: { dear: { label: 'A!', code: 'A' } } }],
  },
  {
    what: 'enum values and kinds that clients do not see are null, without a word of what they are',
    parts: {
      a: {
        typeDefs: `type Query { levels: [Level] care: [Care] } enum Level { LOW HIGH SECRET @inaccessible }
          interface Care { code: String }
          type Visit implements Care { code: String } type Stay implements Care @inaccessible { code: String }`,
        resolvers: {
          Query: { levels: () => ['LOW', 'SECRET'], care: () => CARE },
          Care: { __resolveType: kindOf },
        },
      },
    },
    asked: [
      {
        query: '{ levels care { code } }',
        data: { levels: ['LOW', null], care: [{ code: 'A' }, null] },
      },
      {
        query: '{ __type(name: "Level") { enumValues { name } } }',
        data: { __type: { enumValues: [{ name: 'LOW' }, { name: 'HIGH' }] } },
      },
    ],
  },
  {
    what: 'an enum that goes in is what all subgraphs take, and an input has what all of them have',
    parts: {
      a: {
        typeDefs: `type Query { a(level: Level, where: Where): String } enum Level { LOW HIGH }
          input Where { name: String only: Int }`,
        resolvers: { Query: { a: (_: unknown, given: object) => JSON.stringify(given) } },
      },
      b: {
        typeDefs: `type Query { b(level: Level, where: Where): String } enum Level { LOW }
          input Where { name: String }`,
        resolvers: { Query: { b: (_: unknown, given: object) => JSON.stringify(given) } },
      },
    },
    asked: [
      {
        query: 'query ($n: String) { a(level: LOW, where: { name: $n }) b(where: { name: "x" }) }',
        variables: { n: 'v' },
        data: { a: '{"level":"LOW","where":{"name":"v"}}', b: '{"where":{"name":"x"}}' },
      },
      { query: '{ a(level: HIGH) }', data: undefined },
      { query: '{ a(where: { only: 1 }) }', data: undefined },
    ],
  },
  {
    what: 'a field that requires what some kinds of an interface have, one of them unseen by clients',
    unlikeReference: 'refused',
    parts: {
      a: {
        typeDefs: `type Query { ward: Ward } type Ward @key(fields: "id") { id: ID! care: Care }
          interface Care { code: String! } interface Timed implements Care { code: String! minutes: Int }
          type Visit implements Care & Timed @shareable { code: String! minutes: Int }
          type Stay implements Care & Timed @shareable { code: String! minutes: Int nights: Int }`,
        resolvers: {
          Query: { ward: () => ({ id: 'w1' }) },
          Ward: { care: () => CARE[0], __resolveReference: ({ id }: { id: string }) => ({ id }) },
          Care: { __resolveType: kindOf },
        },
      },
      b: {
        typeDefs: `type Ward @key(fields: "id") {
            id: ID! care: Care @external
            label: String @requires(fields: "care { code ... on Timed { minutes ... on Stay { nights } } }")
          }
          interface Care { code: String! } interface Timed implements Care { code: String! minutes: Int }
          type Visit implements Care & Timed @shareable @inaccessible { code: String! minutes: Int }
          type Stay implements Care & Timed @shareable { code: String! minutes: Int nights: Int }`,
        resolvers: {
          Ward: { label: ({ care }: { care: object }) => Object.values(care).join() },
          Care: { __resolveType: kindOf },
        },
      },
    },
    asked: [
      {
        query: '{ ward { label care { code } } }',
        data: { ward: { label: 'A,5', care: null } },
      },
    ],
  },
];
