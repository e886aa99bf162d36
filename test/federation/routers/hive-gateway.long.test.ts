import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Answered } from '../differential/two-gateways.js';
import { newTokens, READY_OPERATIONS, type RoutedStand, startRoutedStand } from './stand.js';

const WORLDS = Array.from({ length: 10 }, (_, i) => i + 1);

let stand: RoutedStand;
let hive: ReturnType<typeof createGatewayRuntime>;
let tokens: Awaited<ReturnType<typeof newTokens>>;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-06-01T12:00:00Z') });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  tokens = await newTokens();
  stand = await startRoutedStand();
  hive = createGatewayRuntime({
    supergraph: stand.supergraphSdl,
    logging: false,
    maskedErrors: false,
    propagateHeaders: {
      fromClientToSubgraphs({ request }) {
        const authorization = request.headers.get('authorization');
        return authorization === null ? {} : { authorization };
      },
    },
  });
});
afterAll(async () => {
  await hive[Symbol.asyncDispose]();
  await stand.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a client of Hive Gateway gets, with the token that it sends. */
async function ask(query: string, variables: object, token: string): Promise<Answered> {
  const response = await hive.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answered;
}

const placesOf = ({ errors = [] }: Answered) => errors.map(({ path = [] }) => path.join('.'));
const codesOf = ({ errors = [] }: Answered) =>
  errors.flatMap(({ extensions }) => extensions?.assentCode ?? []);

describe('Hive Gateway over the subgraphs', () => {
  test.each(READY_OPERATIONS)('%s is answered as by our gateway', async (_, query, variables) => {
    for (const world of WORLDS) {
      stand.begin(world);
      const ours = await stand.ask(query, variables, tokens.plain);
      stand.begin(world);
      const theirs = await ask(query, variables, tokens.plain);
      expect([world, theirs.data]).toEqual([world, ours.data]);
      // Of failures in several fetches it tells some, and one of its own finding has no code.
      const places = placesOf(theirs);
      expect([world, places.length > 0]).toEqual([world, placesOf(ours).length > 0]);
      expect(placesOf(ours)).toEqual(expect.arrayContaining(places));
      expect(codesOf(ours)).toEqual(expect.arrayContaining(codesOf(theirs)));
    }
  });

  test('tells a client our code of a token that is bound to its key', async () => {
    const { errors = [] } = await ask('{ network { epoch } }', {}, tokens.bound);
    expect(errors.map(({ extensions }) => extensions?.assentCode)).toEqual(['DPOP_UNSUPPORTED']);
  });
});
