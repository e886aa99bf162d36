import type { Session } from '../../../src/client/gateway/session.js';
import { MAX_SIZE } from '../../../src/federation/document/limits.js';
import { idOfParticipant } from '../../../src/graph/node/id.js';
import { KIND_NAMES, KINDS, type KindName } from '../../../src/records/kinds/kinds.js';
import { BEN, NOBODY, type Whom } from './attack-people.js';
import type { GatedNetwork, Told } from './gated-network.js';

/** All that a participant has rows of: the kinds of records, and demographics. */
export type RowName = KindName | 'demographics';
export const ROW_NAMES: readonly RowName[] = [...KIND_NAMES, 'demographics'];

type Identified = Parameters<typeof idOfParticipant>[0];

/** What is asked, whichever way. */
export interface Asked {
  readonly whom: Whom;
  readonly rows: readonly RowName[];
  /** Arguments of that kind's page, as GraphQL writes them. */
  readonly pageOf: (kind: KindName) => PageArguments;
}

export interface PageArguments {
  readonly where?: object;
  readonly after?: string;
}

/** A way to ask for a participant's rows. */
export interface Path {
  readonly name: string;
  readonly ask: (network: GatedNetwork, asked: Asked, session?: Session) => Promise<Told>;
}

const ROWS = `nodes { __typename id recorded } pageInfo { hasNextPage endCursor }
  sources { institution { id } status } complete withheld { dataClass reason }`;
const TYPENAMES = 'nodes { __typename }';
const PAGE = 'pageInfo { hasNextPage endCursor } sources { institution { id } status } complete';

/** The fields for those kinds, each under those aliases, their arguments written out. */
function written(asked: Asked, page = ROWS, aliases: readonly string[] = ['']): string {
  const fields = asked.rows.map((name) => fieldOf(name, asked, page));
  const renamed = (alias: string, field: string) =>
    alias === '' ? field : `${alias}${field.split(/\W/)[0]}: ${field}`;
  return aliases.flatMap((alias) => fields.map((field) => renamed(alias, field))).join(' ');
}

function fieldOf(name: RowName, { pageOf }: Asked, page: string): string {
  if (name === 'demographics') return 'demographics { nodes { __typename } }';
  const { where, after } = pageOf(name);
  const given = [
    ...(where === undefined ? [] : [`where: ${literal(where)}`]),
    ...(after === undefined ? [] : [`after: ${JSON.stringify(after)}`]),
  ];
  return `${KINDS[name].field}${given.length === 0 ? '' : `(${given.join(', ')})`} { ${page} }`;
}

const kindsOf = ({ rows }: Asked) => rows.filter((name) => name !== 'demographics');

function literal(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, one]) => `${key}: ${literal(one)}`);
  return `{${members.join(', ')}}`;
}

/** The same fields in fragments of fragments, their arguments in variables. */
function inFragments(asked: Asked): string {
  const kinds = kindsOf(asked);
  const fields = kinds.map((kind) => {
    const { field } = KINDS[kind];
    return `${field}(where: $where_${field}, after: $after_${field}) { ...Page_${field} }`;
  });
  const demographics = asked.rows.includes('demographics');
  return `fragment Person on Participant { ... { pseudonym ...Rows }
    ... on Participant @include(if: ${demographics}) { demographics { nodes { __typename } } } }
  fragment Rows on Participant { withheld { reason } ${fields.join(' ')} }
  ${kinds.map((kind) => pageFragment(kind)).join(' ')}`;
}

function pageFragment(kind: KindName): string {
  const { field, name } = KINDS[kind];
  return `fragment Page_${field} on ${name}Connection { ... on Federated { complete }
    nodes { ... on Record { id recorded } ...Row_${field} } }
  fragment Row_${field} on ${name} { __typename }`;
}

function declared(asked: Asked): string {
  return kindsOf(asked)
    .map((kind) => {
      const { field, name } = KINDS[kind];
      return `, $where_${field}: ${name}Filter, $after_${field}: String`;
    })
    .join('');
}

function variablesOf(asked: Asked): object {
  return Object.fromEntries(
    kindsOf(asked).flatMap((kind) => {
      const { where = null, after = null } = asked.pageOf(kind);
      const { field } = KINDS[kind];
      return [
        [`where_${field}`, where],
        [`after_${field}`, after],
      ];
    }),
  );
}

const participant = (pseudonym: string) => ({ __typename: 'Participant', pseudonym });
const study = ({ study: registryId }: Whom) => ({ __typename: 'Study', registryId });
const entities = (selection: string, more = '') =>
  `query ($representations: [_Any!]!${more}) {
    _entities(representations: $representations) { ${selection} } }`;
/** As many aliases as a document may have, each field under as many of them. */
const allAliases = ({ rows }: Asked) =>
  Array.from({ length: Math.floor(MAX_SIZE.aliases / rows.length) }, (_, n) => `a${n}_`);

/** One pseudonym among those of others, as a gateway joins them. */
function amongOthers({ pseudonym }: Whom): object[] {
  const nobodies = Array.from(
    { length: 48 },
    (_, n) => `${NOBODY.pseudonym.slice(0, -2)}${10 + n}`,
  );
  return [...nobodies.slice(0, 20), BEN.pseudonym, pseudonym, ...nobodies.slice(20)].map(
    participant,
  );
}

const AT_A_NODE: readonly Path[] = [
  {
    name: '_entities of a Participant',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        entities(`... on Participant { pseudonym ${written(asked)} }`),
        { representations: [participant(asked.whom.pseudonym)] },
        session,
      ),
  },
  {
    name: '_entities of a Study, and fields below',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        entities(`... on Study { participants { nodes { pseudonym ${written(asked)} } ${PAGE} } }`),
        { representations: [study(asked.whom)] },
        session,
      ),
  },
  {
    name: '_entities of a Study, and one participant by name',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        entities(`... on Study { ${byName(asked.whom, written(asked))} }`),
        { representations: [study(asked.whom)] },
        session,
      ),
  },
  {
    name: 'as many aliases as allowed',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        entities(
          `... on Participant { pseudonym ${written(asked, 'nodes { id }', allAliases(asked))} }`,
        ),
        { representations: [participant(asked.whom.pseudonym)] },
        session,
      ),
  },
  {
    name: 'a batch of fifty representations',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        entities(`... on Participant { pseudonym ${written(asked)} }`),
        { representations: amongOthers(asked.whom) },
        session,
      ),
  },
  {
    name: 'fragments and variables',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        `${entities('...Person', declared(asked))} ${inFragments(asked)}`,
        {
          representations: [participant(asked.whom.pseudonym)],
          ...variablesOf(asked),
        },
        session,
      ),
  },
  {
    name: '__typename alone',
    ask: ({ riverside }, asked, session) =>
      riverside.ask(
        entities(`__typename ... on Participant { pseudonym ${written(asked, TYPENAMES)} }`),
        { representations: [participant(asked.whom.pseudonym)] },
        session,
      ),
  },
];

/** One participant of a study in both ways that name it. */
const byName = ({ pseudonym }: Whom, selection: string) =>
  `participant(pseudonym: "${pseudonym}") { pseudonym ${selection} }
   participants(where: { pseudonyms: ["${pseudonym}"] }) { edges { node { pseudonym ${selection} } } }`;

/** A study's participants as a client of the gateway asks for them. */
const ofStudy = (selection: string, more = '') =>
  `query ($study: ID!${more}) { study(id: $study) { id
    participants(first: 50) { nodes { pseudonym ${selection} } ${PAGE} } } }`;

const AT_THE_GATEWAY: readonly Path[] = [
  {
    name: 'study.participant by name, and the list cut to it',
    ask: (network, asked, session) => {
      const query = `query ($study: ID!) { study(id: $study) { ${byName(asked.whom, written(asked))} } }`;
      const variables = { study: asked.whom.study };
      return network.send(JSON.stringify({ query, variables }), session);
    },
  },
  {
    name: 'study.participants, and fields below',
    ask: (network, asked, session) => {
      const variables = { study: asked.whom.study };
      return network.send(JSON.stringify({ query: ofStudy(written(asked)), variables }), session);
    },
  },
  {
    name: 'node and nodes, by an id that was guessed',
    ask: (network, asked, session) => {
      const query = `query ($id: ID!) { node(id: $id) { ...Person } nodes(ids: [$id, $id]) { ...Person } }
        fragment Person on Participant { pseudonym ${written(asked)} }`;
      const variables = { id: idOfParticipant(asked.whom as Identified) };
      return network.send(JSON.stringify({ query, variables }), session);
    },
  },
  {
    name: 'as many aliases as allowed, __typename alone',
    ask: (network, asked, session) => {
      const query = ofStudy(written(asked, TYPENAMES, allAliases(asked)));
      const variables = { study: asked.whom.study };
      return network.send(JSON.stringify({ query, variables }), session);
    },
  },
  {
    name: 'fragments and variables, by GET',
    ask: (network, asked, session) => {
      const query = `${ofStudy('...Person', declared(asked))} ${inFragments(asked)}`;
      return network.get(query, { study: asked.whom.study, ...variablesOf(asked) }, session);
    },
  },
];

/** Every way to a participant's rows, at a node and through the gateway. */
export const PATHS: readonly Path[] = [
  ...AT_A_NODE.map(({ name, ask }) => ({ name: `the node, ${name}`, ask })),
  ...AT_THE_GATEWAY.map(({ name, ask }) => ({ name: `the gateway, ${name}`, ask })),
];

/** The rows of a participant that an answer holds, counted by kind, and of demographics. */
export function rowsIn({ json }: Told, { pseudonym }: Whom): ReadonlyMap<RowName, number> {
  const counts = new Map<RowName, number>();
  const nameOf = new Map<string, RowName>(KIND_NAMES.map((kind) => [KINDS[kind].field, kind]));
  function walk(value: unknown, whose: unknown): void {
    if (Array.isArray(value)) for (const one of value) walk(one, whose);
    else if (typeof value === 'object' && value !== null) {
      const person = 'pseudonym' in value ? value.pseudonym : whose;
      for (const [key, one] of Object.entries(value)) {
        if (person === pseudonym) count(key.replace(/^a\d+_/, ''), one);
        walk(one, person);
      }
    }
  }
  function count(field: string, value: unknown): void {
    const rows = (value as { nodes?: unknown } | null)?.nodes;
    const name = field === 'demographics' ? field : nameOf.get(field);
    if (name === undefined || !Array.isArray(rows) || rows.length === 0) return;
    counts.set(name, Math.max(counts.get(name) ?? 0, rows.length));
  }
  walk(json, undefined);
  return counts;
}
