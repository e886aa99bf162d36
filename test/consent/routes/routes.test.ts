import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZERO_HEAD } from '../../../src/consent/base/digest.js';
import { signAuditRequest } from '../../../src/consent/evidence/auditor.js';
import { acceptSegment } from '../../../src/consent/feed/accept.js';
import { chainHeads } from '../../../src/consent/feed/chain.js';
import { feedHealth } from '../../../src/consent/feed/feed.js';
import { acceptFork } from '../../../src/consent/feed/forks.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { segmentHash } from '../../../src/consent/feed/segment.js';
import { addEvidenceRoutes } from '../../../src/consent/routes/evidence.js';
import { addRegisterRoutes } from '../../../src/consent/routes/register.js';
import { appendLeaf, prepareAnchor } from '../../../src/consent/shard/shard.js';
import { SUBTREE_LEAVES } from '../../../src/consent/shard/subtree.js';
import { subtreeKeyAt } from '../../../src/consent/shard/subtree-key.js';
import { SUBTREE_KEY_HEADER } from '../../../src/core/subtree-key.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { randomField } from '../../../src/zk/arithmetic/field.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { emptyHashes, rootFromPath, slotValueOf, TOP_LEVELS } from '../../../src/zk/tree.js';
import { type FeedNetwork, openFeedNetwork } from '../../support/consent/feed-network.js';
import { PATH_KEY } from '../../support/consent/link-key.js';
import { at, silentLog } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const SUBTREES = 1024;
const EMPTY = String(EMPTY_LEAF);

let server: FastifyInstance;
/** Everything that the server answers, as `METHOD /path/:parameter`. */
const routes: string[] = [];
let network: FeedNetwork;
/** What the ledger says the shard's root is. */
let shardRoot = 0n;

beforeAll(async () => {
  network = await openFeedNetwork(RIVERSIDE, LAKESHORE);
  const feed = network.feedOf(RIVERSIDE);
  server = newServer();
  await anchor();
  await publishWithdrawals(feed, ['1', '2']);
});
afterAll(async () => {
  await server.close();
  await network.close();
});

async function anchor(): Promise<void> {
  const prepared = await prepareAnchor(network.feedOf(RIVERSIDE).db);
  await prepared.commit();
  shardRoot = prepared.shardRoot;
}

/** A node just started: it has served no path yet. */
function newServer(): FastifyInstance {
  const own = () => at(network.institutions, 0);
  const feed = network.feedOf(RIVERSIDE);
  const health = () => ({ feeds: feedHealth(feed) });
  const started = createNodeServer({ logger: silentLog, health });
  started.addHook('onRoute', ({ method, url }) => {
    routes.push(...[method].flat().map((way) => `${way} ${url}`));
  });
  addEvidenceRoutes(started, feed);
  addRegisterRoutes(started, {
    feed,
    pathKey: PATH_KEY,
    ledger: {
      own,
      topPath: async (slot) => {
        const siblings = emptyHashes(TOP_LEVELS).slice(0, TOP_LEVELS);
        const slotValue = slotValueOf(shardRoot, own().issuerLeaf);
        return { siblings, slotValue, root: rootFromPath(slotValue, siblings, slot), epoch: 1 };
      },
    },
  });
  return started;
}

/** What a server answers while the ledger has a shard root that this node does not serve. */
async function subtreeAhead(asked: FastifyInstance) {
  const anchored = shardRoot;
  shardRoot = 42n;
  const url = '/register/subtree/0';
  const response = await asked.inject({ method: 'GET', url, headers: keyOf(0) });
  shardRoot = anchored;
  return response;
}

/** As the holder of a package shows the key of the subtree that its leaf is in. */
const keyOf = (number: number, pathKey = PATH_KEY) => ({
  [SUBTREE_KEY_HEADER]: subtreeKeyAt(pathKey, number * SUBTREE_LEAVES),
});
const getPaths = (
  number: number | string,
  headers: Record<string, string> = keyOf(Number(number)),
) => server.inject({ method: 'GET', url: `/register/subtree/${number}`, headers });

/** As another institution asks. */
const headersFor = (url: string) => signAuditRequest(network.feedOf(LAKESHORE), RIVERSIDE, url);
const get = async (url: string) =>
  server.inject({ method: 'GET', url, headers: await headersFor(url) });

describe('GET /register/subtree/:number', () => {
  test('answers 1,024 leaves and everything above them', async () => {
    const response = await getPaths(5);
    expect(response.statusCode).toBe(200);
    const body = response.json();
    expect(body).toMatchObject({ institution: RIVERSIDE, slot: 0, subtree: 5, epoch: 1 });
    expect([body.leaves.length, body.siblings.length, body.topSiblings.length]).toEqual([
      1024, 10, 12,
    ]);
    expect(new Set(body.leaves)).toEqual(new Set([String(EMPTY_LEAF)]));
  });

  test.each(['1024', '-1', '01', '1e1', 'x', '99999'])(
    'has no key for subtree %s',
    async (number) => {
      const response = await getPaths(number, keyOf(1));
      expect([response.statusCode, response.json().code]).toEqual([400, 'SUBTREE_KEY_REQUIRED']);
    },
  );

  test('refuses a number beyond the shard even with a key of it', async () => {
    const response = await getPaths(SUBTREES);
    expect([response.statusCode, response.json().code]).toEqual([400, 'BAD_INPUT']);
  });

  test('count-by-subtree: the key of one subtree opens no other, and that of another node nothing', async () => {
    const asked = [
      getPaths(1, keyOf(0)),
      getPaths(0, keyOf(1)),
      getPaths(0, keyOf(0, new Uint8Array(32).fill(97))),
      getPaths(0, { [SUBTREE_KEY_HEADER]: '' }),
      getPaths(0, { [SUBTREE_KEY_HEADER]: `${keyOf(0)[SUBTREE_KEY_HEADER]}x` }),
      // An institution has no key by being one.
      getPaths(0, await headersFor('/register/subtree/0')),
    ];
    for (const { statusCode, body } of await Promise.all(asked)) {
      expect([statusCode, JSON.parse(body).code]).toEqual([400, 'SUBTREE_KEY_REQUIRED']);
    }
    expect((await getPaths(0)).statusCode).toBe(200);
  });

  test('never answers with a root that was not anchored', async () => {
    const response = await subtreeAhead(newServer());
    expect([response.statusCode, response.json().code]).toEqual([503, 'SOURCE_FAILED']);
  });

  test('answers under the root anchored before while the ledger is ahead of this node', async () => {
    const before = (await getPaths(0)).json();
    const response = await subtreeAhead(server);
    expect([response.statusCode, response.json()]).toEqual([200, before]);
  });
});

describe('GET /feed/:institution', () => {
  test('answers a segment that another node takes', async () => {
    const response = await get(`/feed/${RIVERSIDE}?after=0`);
    await acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, response.json());
    expect(response.json().entries).toEqual(['1', '2']);
    const rest = await get(`/feed/${RIVERSIDE}?after=1`);
    expect(rest.json().entries).toEqual(['2']);
  });

  test.each([
    ['/feed/riverside-hospital?after=-1', 'BAD_INPUT'],
    ['/feed/riverside-hospital?after=1.5', 'BAD_INPUT'],
    ['/feed/riverside-hospital?before=1', 'BAD_INPUT'],
    ['/feed/riverside-hospital?after=3', 'INSTITUTION_UNKNOWN'],
    ['/feed/lakeshore-hospital', 'INSTITUTION_UNKNOWN'],
    ["/feed/'%20OR%201=1", 'ID_MALFORMED'],
  ])('refuses %s as %s', async (url, code) => {
    const response = await get(url);
    expect([response.statusCode, response.json().code]).toEqual([400, code]);
  });
});

describe('GET /feed-forks', () => {
  test('names whom this node can show to have forked, and answers the evidence against one', async () => {
    const forked = await get('/feed-forks');
    expect([forked.statusCode, forked.json()]).toEqual([200, { institutions: [] }]);
    const none = await get('/feed-forks/lakeshore-hospital');
    expect([none.statusCode, none.json().code]).toEqual([400, 'INSTITUTION_UNKNOWN']);
    const feed = network.feedOf(LAKESHORE);
    const history = async (w: string) => {
      const head = chainHeads(ZERO_HEAD, [w]).at(-1) ?? ZERO_HEAD;
      const signed = { institution: LAKESHORE, head };
      const signature = await feed.keys.sign(segmentHash(feed.network, { ...signed, seq: 1 }));
      return { ...signed, after: 0, entries: [w], digests: [], signature };
    };
    await acceptSegment(network.feedOf(RIVERSIDE), LAKESHORE, await history('1'));
    const other = acceptSegment(network.feedOf(RIVERSIDE), LAKESHORE, await history('2'));
    await expect(other).rejects.toThrow(expect.objectContaining({ code: 'FEED_FORKED' }));
    expect((await get('/feed-forks')).json()).toEqual({ institutions: [LAKESHORE] });
    const evidence = (await get('/feed-forks/lakeshore-hospital')).json();
    await acceptFork(feed, LAKESHORE, evidence);
    expect(feedHealth(feed).forked).toEqual([LAKESHORE]);
  });
});

describe('POST /feed/acknowledge', () => {
  const post = async (payload: unknown) => {
    const url = '/feed/acknowledge';
    const headers = await headersFor(url);
    return server.inject({ method: 'POST', url, headers, payload: payload as object });
  };

  test('count-by-subtree: a stranger is not told how many withdrawals there are, on any way', async () => {
    const segment = { ...(await get(`/feed/${RIVERSIDE}`)).json(), after: Number.MAX_SAFE_INTEGER };
    const digest = `0x${'1'.repeat(64)}`;
    const payload = { institution: RIVERSIDE, anchors: 0, digest, segment };
    const ways = [
      { method: 'GET', url: `/feed/${RIVERSIDE}?after=0` },
      { method: 'GET', url: '/feed-forks' },
      { method: 'GET', url: `/feed-forks/${LAKESHORE}` },
      { method: 'POST', url: '/feed/acknowledge', payload },
    ] as const;
    for (const way of ways) {
      const answer = await server.inject(way);
      expect([way.url, answer.json().code]).toEqual([way.url, 'INSTITUTION_UNKNOWN']);
      const headers = await headersFor('/feed/another-question');
      expect((await server.inject({ ...way, headers })).json().code).toBe('SIGNATURE_INVALID');
    }
    const rightful = await get(`/feed/${RIVERSIDE}?after=0`);
    expect(rightful.json().entries).toEqual(['1', '2']);
  });

  test.each([
    ['nothing', {}],
    ['another key', { institution: LAKESHORE, anchors: 0, digest: '0x', segment: {}, extra: 1 }],
    ['a list', []],
  ])('refuses %s', async (_, payload) => {
    const response = await post(payload);
    expect([response.statusCode, response.json().code]).toEqual([400, 'BAD_INPUT']);
  });

  test('refuses a body beyond what a segment can take', async () => {
    const response = await post({ padding: 'x'.repeat(600 * 1024) });
    expect(response.statusCode).toBe(413);
  });
});

describe('a stranger', () => {
  /** Every answer that can be had without a key or an account, by what was asked. */
  async function everyAnswer() {
    const told: Record<string, unknown> = {};
    const numbers = Array.from({ length: SUBTREES + 1 }, (_, number) => String(number));
    for (const route of new Set(routes)) {
      const [method, path = ''] = route.split(' ');
      const isPaths = path === '/register/subtree/:number';
      const named = path
        .replace(':institution', RIVERSIDE)
        .replace(':log', 'disclosures')
        .replace(/:(digest|leaf)/, `0x${'0'.repeat(64)}`);
      for (const number of isPaths ? numbers : ['']) {
        const url = named.replace(':number', number);
        const payload = method === 'POST' ? { payload: {} } : {};
        const answer = await server.inject({ method: method as 'GET', url, ...payload });
        const { date: _, 'x-request-id': __, ...headers } = answer.headers;
        told[`${method} ${url}`] = [answer.statusCode, headers, answer.body];
      }
    }
    return told;
  }

  /** As so many consents do, anchored. */
  async function register(leaves: number): Promise<void> {
    await network.feedOf(RIVERSIDE).db.transaction(async (tx) => {
      for (let i = 0; i < leaves; i++) await appendLeaf(tx, randomField(), 'CONSENT');
    });
    await anchor();
  }

  test('count-by-subtree: cannot tell 3 consents from 300, or from 1,300, whatever is asked', async () => {
    await register(3);
    const before = await everyAnswer();
    const taken = (await getPaths(0)).json().leaves.filter((leaf: string) => leaf !== EMPTY);
    expect(Object.keys(before).length).toBeGreaterThan(2 * SUBTREES);
    for (const more of [297, 1_000]) {
      await register(more);
      await publishWithdrawals(network.feedOf(RIVERSIDE), [String(randomField())]);
      expect(await everyAnswer()).toEqual(before);
    }
    // Of the subtrees, each number is told the same.
    const subtrees = Object.entries(before).filter(([asked]) => asked.startsWith('GET /register'));
    expect(new Set(subtrees.map(([, answer]) => JSON.stringify(answer))).size).toBe(1);
    // The holder of a package is told where it stands, and what stands around it.
    const full = (await getPaths(0)).json().leaves.filter((leaf: string) => leaf !== EMPTY);
    const next = (await getPaths(1)).json().leaves.filter((leaf: string) => leaf !== EMPTY);
    expect([taken.length, full.length, next.length > 0]).toEqual([4, 1024, true]);
  });
});
