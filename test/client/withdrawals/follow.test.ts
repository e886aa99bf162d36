import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectGateway } from '../../../src/client/gateway/gateway.js';
import { newSession } from '../../../src/client/gateway/session.js';
import { openReader, type Reader } from '../../../src/client/requester/query.js';
import { type Following, followWithdrawals } from '../../../src/client/withdrawals/follow.js';
import type { EndedConsent, ToldWithdrawals } from '../../../src/client/withdrawals/model.js';
import { presentedIn } from '../../../src/client/withdrawals/told.js';
import { encodePlaces } from '../../../src/consent/answers/withdrawals/model.js';
import { networkDomains } from '../../../src/federation/domains.js';
import { createAskNodes } from '../../../src/network/ask-nodes.js';
import {
  gatewayKey,
  institution,
  networkOf,
  startGateway,
} from '../../support/federation/stand.js';
import { UNPROVEN_STUDY } from '../../support/names.js';
import { ids, type NodeUnderTest, SILENT, startNode } from '../../support/network/stand.js';

/*
 * A portal follows withdrawals through a real gateway, over HTTP. One hospital is honest; the other says what a
 * test has it say.
 */

const HONEST = 'lakeshore-hospital';
const LIAR = 'riverside-hospital';
const ENDED_AT = '2026-05-01T00:00:00.000Z';

/** Consents that the portal presented, and one that it never did. */
const [ANA, BEN, CLEO] = [row('100', '1'), row('101', '2'), row('102', '3')];
const STRANGER = row('999', '9');

interface Row {
  readonly pseudonym: string;
  readonly handle: string;
}
function row(pseudonym: string, handle: string): Row {
  return { pseudonym, handle };
}

interface Answer {
  readonly rows: readonly Row[];
  /** Where each row says that its reader stands: the number of its rows unless said. */
  readonly placeOf?: (index: number) => number;
  readonly custodian?: string;
  readonly repeated?: boolean;
}

/** What the honest one has, in order, and what the liar answers to a reader who stands there. */
let honest: readonly Row[];
let lie: (place: number, turn: number) => Answer;
let turns: number;

function placeIn(body: string, of: string): number {
  const { after } = JSON.parse(body).variables;
  if (after === null) return 0;
  const [named, own] = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
  expect(named).toBe(of);
  return Number(own);
}

function answerOf(name: string, place: number, answer: Answer) {
  const { rows, placeOf = (i) => place + i + 1, custodian = name, repeated = false } = answer;
  const edges = rows.map((node, i) => ({
    cursor: encodePlaces(new Map([[name, String(placeOf(i))]])),
    node: { ...node, endedAt: ENDED_AT, custodian: { id: custodian } },
  }));
  const sources = [{ institution: { id: name }, status: 'OK' }];
  return { withdrawals: { edges, pageInfo: { hasNextPage: false }, repeated, sources } };
}

let nodes: readonly NodeUnderTest[];
let gateway: FastifyInstance;
let url: string;
let reader: Reader;
let ending: AbortController;

beforeAll(async () => {
  const serve = (name: string, answer: (place: number) => Answer) =>
    startNode(async ({ body }, response) => {
      const place = placeIn(body, name);
      const said = answer(place);
      const { wait } = JSON.parse(body).variables;
      // A node without a row waits: long enough here to be told from one that does not.
      if (said.rows.length === 0 && wait > 0) await new Promise((end) => setTimeout(end, 600));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: answerOf(name, place, said) }));
    });
  nodes = [
    await serve(HONEST, (place) => ({ rows: honest.slice(place) })),
    await serve(LIAR, (place) => {
      turns += 1;
      return lie(place, turns);
    }),
  ];
  const institutions = [HONEST, LIAR].map((id, i) => institution(id, nodes[i]?.endpoint ?? ''));
  gateway = await startGateway(institutions, {
    subgraphs: networkDomains({
      nodes: createAskNodes({ institutions: () => institutions, gatewayKey, logger: SILENT }),
      network: networkOf(institutions),
      activeInstitutions: () => ids(HONEST, LIAR),
    }),
  });
  url = await gateway.listen({ port: 0, host: '127.0.0.1' });
  reader = await readerBy(fetch);
});
afterAll(async () => {
  await gateway.close();
  await Promise.all(nodes.map((node) => node.stop()));
});
beforeEach(() => {
  [honest, turns] = [[], 0];
  lie = () => ({ rows: [] });
  ending = new AbortController();
});
afterEach(() => ending.abort());

async function readerBy(send: typeof fetch): Promise<Reader> {
  const met = await connectGateway({ url, fetch: send });
  return openReader({ gateway: met, session: await newSession() });
}

const wasPresented = ({ pseudonym, handle }: EndedConsent) =>
  [ANA, BEN, CLEO].some((one) => one.pseudonym === pseudonym && one.handle === handle);

function follow(options: Partial<Following> = {}, by = reader) {
  const signal = ending.signal;
  return followWithdrawals(by, {
    study: UNPROVEN_STUDY,
    wasPresented,
    signal,
    waitSeconds: 1,
    ...options,
  });
}

/** What is told until there were as many rows, or answers. */
async function toldUntil(
  most: { readonly rows?: number; readonly answers?: number },
  options: Partial<Following> = {},
) {
  const startMs = performance.now();
  const told: ToldWithdrawals[] = [];
  const rows = () => told.flatMap(({ ended, strange }) => [...ended, ...strange]).length;
  for await (const one of follow(options)) {
    told.push(one);
    if (rows() >= (most.rows ?? Infinity) || told.length >= (most.answers ?? Infinity)) break;
  }
  return {
    ended: told.flatMap(({ ended }) => ended.map(shown)),
    strange: told.flatMap(({ strange }) => strange.map(shown)),
    complete: told.every(({ complete }) => complete),
    cursor: told.at(-1)?.cursor ?? null,
    answers: told.length,
    seconds: (performance.now() - startMs) / 1_000,
  };
}

const shown = ({ pseudonym, custodian }: EndedConsent) => `${pseudonym} ${custodian}`;
const at = ({ pseudonym }: Row, custodian: string) => `${pseudonym} ${custodian}`;

describe('a portal that follows withdrawals', () => {
  test('is told each once, and goes on later from the cursor that it kept', async () => {
    honest = [ANA];
    const first = await toldUntil({ rows: 1 });
    expect(first).toMatchObject({ ended: [at(ANA, HONEST)], strange: [], complete: true });
    honest = [ANA, BEN];
    const later = await toldUntil({ rows: 1 }, { after: first.cursor });
    expect(later.ended).toEqual([at(BEN, HONEST)]);
  });

  test('ends at once when its signal is aborted while it waits', async () => {
    const told = follow({ waitSeconds: 25 });
    const next = told.next();
    setTimeout(() => ending.abort(), 300);
    const startMs = performance.now();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test('is told a fault that asking again does not mend', async () => {
    await expect(follow({ after: 'x' }).next()).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('asks again after Retry-After, and is told of the pause', async () => {
    honest = [ANA];
    let refusals = 0;
    const send: typeof fetch = async (input, init) => {
      if (!String(input).endsWith('/graphql') || refusals > 0) return fetch(input, init);
      refusals += 1;
      const extensions = { code: 'RATE_LIMITED', assentCode: 'RATE_LIMITED' };
      const body = JSON.stringify({ errors: [{ message: 'x', extensions }] });
      return new Response(body, { status: 429, headers: { 'retry-after': '2' } });
    };
    const failures: [string, number][] = [];
    const onFailure: Following['onFailure'] = ({ code }, pauseMs) => failures.push([code, pauseMs]);
    const startMs = performance.now();
    const { value } = await follow({ onFailure }, await readerBy(send)).next();
    expect(value?.ended.map(shown)).toEqual([at(ANA, HONEST)]);
    expect(failures).toEqual([['RATE_LIMITED', 2_000]]);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(1_990);
  });

  test('knows its consents by pseudonym and handle, those presented later too', () => {
    const presentations: { proofs: { publicSignals: string[] }[] }[] = [];
    const isMine = presentedIn(presentations as never);
    expect(isMine(ANA)).toBe(false);
    const publicSignals = ['7', ANA.pseudonym, ANA.handle, '1', '1', '1'];
    presentations.push({ proofs: [{ publicSignals }] });
    expect(isMine(ANA)).toBe(true);
    expect(isMine({ ...ANA, pseudonym: BEN.pseudonym })).toBe(false);
  });
});

describe('a node that lies in the feed', () => {
  test('and leaves one out hides nothing that another custodian knows', async () => {
    honest = [ANA, BEN];
    lie = (place) => ({ rows: [BEN].slice(place) });
    const told = await toldUntil({ rows: 3 });
    expect(told.ended.sort()).toEqual([at(ANA, HONEST), at(BEN, HONEST), at(BEN, LIAR)].sort());
  });

  test.each<[string, typeof lie]>([
    ['repeats its rows', () => ({ rows: [ANA, BEN] })],
    ['says that it began again', () => ({ rows: [ANA, BEN], repeated: true })],
    ['gives a cursor that goes back', () => ({ rows: [ANA, BEN], placeOf: () => 0 })],
    ['gives another cursor each time', (_p, turn) => ({ rows: [ANA, BEN], placeOf: () => turn })],
  ])('and %s is told once, and makes nobody ask without a pause', async (_how, said) => {
    lie = said;
    setTimeout(() => {
      honest = [CLEO];
    }, 500);
    const told = await toldUntil({ rows: 3 });
    expect(told.ended).toEqual([at(ANA, LIAR), at(BEN, LIAR), at(CLEO, HONEST)]);
    expect(told.answers).toBeLessThanOrEqual(told.seconds + 2);
  });

  test("and sends another study's is seen to, and ends nothing", async () => {
    honest = [ANA];
    lie = (place) => ({ rows: [STRANGER, { ...BEN, handle: ANA.handle }].slice(place) });
    const told = await toldUntil({ rows: 3 });
    expect(told.ended).toEqual([at(ANA, HONEST)]);
    expect(told.strange).toEqual([at(STRANGER, LIAR), at(BEN, LIAR)]);
  });

  test("and tells in another's name is no source, and the answer not complete", async () => {
    honest = [ANA];
    lie = () => ({ rows: [BEN], custodian: HONEST });
    const told = await toldUntil({ answers: 2 });
    expect(told).toMatchObject({ ended: [at(ANA, HONEST)], complete: false });
  });

  test('and has nothing to tell, without waiting, makes nobody ask without a pause', async () => {
    const told = await toldUntil({ answers: 3 }, { waitSeconds: 0 });
    expect(told.ended).toEqual([]);
    expect(told.seconds).toBeGreaterThan(2.9);
  });
});
