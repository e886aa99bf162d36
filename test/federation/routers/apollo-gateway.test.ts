import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SILENT } from '../../support/network/stand.js';
import type { Answered } from '../differential/two-gateways.js';
import { unexcused } from './compare.js';
import { newTokens, READY_OPERATIONS, type RoutedStand, startRoutedStand } from './stand.js';

/** Worlds in which all answer, and in which some are silent. */
const WORLDS = [1, 2, 3, 4];

interface Context {
  readonly authorization?: string | undefined;
}

let stand: RoutedStand;
let api: GraphQLSchema;
let apollo: ApolloServer<Context>;
let tokens: Awaited<ReturnType<typeof newTokens>>;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-06-01T12:00:00Z') });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  tokens = await newTokens();
  stand = await startRoutedStand();
  api = buildSchema(stand.apiSdl);
  const gateway = new ApolloGateway({
    supergraphSdl: stand.supergraphSdl,
    logger: SILENT,
    buildService: ({ url }) =>
      new RemoteGraphQLDataSource<Context>({
        ...(url === undefined ? {} : { url }),
        willSendRequest({ request, context }) {
          const { authorization } = context;
          if (authorization !== undefined)
            request.http?.headers.set('authorization', authorization);
        },
      }),
  });
  apollo = new ApolloServer<Context>({ gateway: gateway as never, logger: SILENT });
  await apollo.start();
}, 60_000);
afterAll(async () => {
  await apollo.stop();
  await stand.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a client of `@apollo/gateway` gets, with the header that it sends. */
async function ask(query: string, variables: object = {}, header?: string): Promise<Answered> {
  const { body } = await apollo.executeOperation(
    { query, variables: { ...variables } },
    { contextValue: { authorization: header } },
  );
  if (body.kind !== 'single') throw new Error('one answer');
  return JSON.parse(JSON.stringify(body.singleResult)) as Answered;
}

const codesOf = ({ errors = [] }: Answered) => [
  ...new Set(errors.map(({ extensions }) => extensions?.assentCode)),
];

describe('@apollo/gateway over the subgraphs', () => {
  test.each(READY_OPERATIONS)('%s is answered as by our gateway', async (_, query, variables) => {
    for (const world of WORLDS) {
      stand.begin(world);
      const ours = await stand.ask(query, variables, tokens.plain);
      stand.begin(world);
      const theirs = await ask(query, variables, `Bearer ${tokens.plain}`);
      expect([world, unexcused({ api, query }, ours, theirs)]).toEqual([world, undefined]);
      expect(ours.data).toBeDefined();
    }
  });

  const NETWORK = '{ network { epoch } }';

  test.each([
    ['TOKEN_MALFORMED', () => 'Bearer abc'],
    ['TOKEN_INCOMPLETE', () => `Bearer ${tokens.plain.split('~')[0]}`],
    ['TOKEN_INVALID', () => `Bearer ${tokens.plain.slice(0, -43)}${'A'.repeat(43)}`],
    ['DPOP_UNSUPPORTED', () => `DPoP ${tokens.bound}`],
    ['DPOP_UNSUPPORTED', () => `Bearer ${tokens.bound}`],
  ])('tells a client our code of a refused token: %s, case %#', async (code, header) => {
    stand.begin(1);
    const refused = await ask(NETWORK, {}, header());
    expect(codesOf(refused)).toEqual([code]);
    expect(JSON.stringify(refused)).not.toContain(new URL(stand.subgraphsUrl).port);
    expect(codesOf(await ask(NETWORK, {}, `Bearer ${tokens.plain}`))).toEqual([]);
  });
});

/** What one who asks a subgraph itself gets. */
async function askSubgraph(name: string, body: object, headers: Record<string, string> = {}) {
  return fetch(`${stand.subgraphsUrl}/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('a subgraph', () => {
  test('refuses what is too large with 200 and the code, and answers the next one', async () => {
    const query = `{ ${Array.from({ length: 17 }, (_, i) => `a${i}: trial(id: "${i}") { id }`).join(' ')} }`;
    const refused = await askSubgraph('trials', { query });
    expect([refused.status, codesOf((await refused.json()) as Answered)]).toEqual([
      200,
      ['INPUT_TOO_LARGE'],
    ]);
    const taken = await askSubgraph('trials', { query: '{ trials(first: 1) { complete } }' });
    expect(((await taken.json()) as Answered).errors).toBeUndefined();
  });

  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Institution { name } }
  }`;
  const references = (count: number) =>
    Array.from({ length: count }, () => ({ __typename: 'Institution', id: 'summit-pharma' }));

  test('names as many entities at once as a router asks it for', async () => {
    const representations = references(2_000);
    const answer = await askSubgraph('network', { query, variables: { representations } });
    const { data } = (await answer.json()) as { data: { _entities: object[] } };
    expect(data._entities).toHaveLength(2_000);
    expect(data._entities[1_999]).toEqual({ name: 'The summit-pharma' });
  });

  test.each([
    ['of another site as a form', { 'content-type': 'text/plain' }, 415],
    ['that takes no JSON', { accept: 'text/html' }, 406],
  ])('refuses with its status a request %s', async (_, headers, status) => {
    expect((await askSubgraph('trials', { query: '{ __typename }' }, headers)).status).toBe(status);
  });

  test('takes no GET and no batch', async () => {
    expect((await fetch(`${stand.subgraphsUrl}/trials?query={__typename}`)).status).toBe(405);
    const batch = await askSubgraph('trials', [{ query: '{ __typename }' }]);
    expect(codesOf((await batch.json()) as Answered)).toEqual(['BAD_INPUT']);
  });

  test('logs no token, and tells the audience of tokens without a nonce for proofs', async () => {
    const known = await fetch(`${stand.subgraphsUrl}/.well-known/assent`);
    expect(await known.json()).toMatchObject({ gateway: { thumbprint: expect.any(String) } });
    expect(known.headers.get('dpop-nonce')).toBeNull();
    for (const part of tokens.plain.split('~')) expect(stand.lines.join('')).not.toContain(part);
  });
});
