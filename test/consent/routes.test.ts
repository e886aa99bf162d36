import { type FastifyInstance, fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signAuditRequest } from '../../src/consent/evidence/auditor.js';
import { acceptSegment } from '../../src/consent/feed/accept.js';
import { chainHeads } from '../../src/consent/feed/chain.js';
import { ZERO_HEAD } from '../../src/consent/feed/digest.js';
import { feedHealth } from '../../src/consent/feed/feed.js';
import { acceptFork } from '../../src/consent/feed/forks.js';
import { publishWithdrawals } from '../../src/consent/feed/publish.js';
import { segmentHash } from '../../src/consent/feed/segment.js';
import { prepareAnchor } from '../../src/consent/register/register.js';
import { addRegisterRoutes } from '../../src/consent/register/routes.js';
import { toInstitutionId } from '../../src/core/ids.js';
import { EMPTY_LEAF } from '../../src/zk/leaf.js';
import { emptyHashes, rootFromPath, slotValueOf, TOP_LEVELS } from '../../src/zk/tree.js';
import { at } from '../ledger/small-network.js';
import { type FeedNetwork, openFeedNetwork } from './feed-network.js';

const RIVERSIDE = toInstitutionId('riverside-hospital');
const LAKESHORE = toInstitutionId('lakeshore-hospital');

let server: FastifyInstance;
let network: FeedNetwork;
/** What the ledger says the shard's root is. */
let shardRoot = 0n;

beforeAll(async () => {
  network = await openFeedNetwork(RIVERSIDE, LAKESHORE);
  const feed = network.feedOf(RIVERSIDE);
  server = newServer();
  const prepared = await prepareAnchor(feed.db);
  await prepared.commit();
  shardRoot = prepared.shardRoot;
  await publishWithdrawals(feed, ['1', '2']);
});
afterAll(async () => {
  await server.close();
  await network.close();
});

/** A node just started: it has served no path yet. */
function newServer(): FastifyInstance {
  const own = () => at(network.institutions, 0);
  const started = fastify();
  addRegisterRoutes(started, {
    feed: network.feedOf(RIVERSIDE),
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
  const response = await asked.inject({ method: 'GET', url: '/register/subtree/0' });
  shardRoot = anchored;
  return response;
}

/** As another institution asks. */
const headersFor = (url: string) => signAuditRequest(network.feedOf(LAKESHORE), RIVERSIDE, url);
const get = async (url: string) =>
  server.inject({ method: 'GET', url, headers: await headersFor(url) });

describe('GET /register/subtree/:number', () => {
  test('answers 1,024 leaves and everything above them', async () => {
    const response = await get('/register/subtree/5');
    expect(response.statusCode).toBe(200);
    const body = response.json();
    expect(body).toMatchObject({ institution: RIVERSIDE, slot: 0, subtree: 5, epoch: 1 });
    expect([body.leaves.length, body.siblings.length, body.topSiblings.length]).toEqual([
      1024, 10, 12,
    ]);
    expect(new Set(body.leaves)).toEqual(new Set([String(EMPTY_LEAF)]));
  });

  test.each(['1024', '-1', '01', '1e1', 'x', '99999'])('refuses subtree %s', async (number) => {
    const response = await get(`/register/subtree/${number}`);
    expect([response.statusCode, response.json().code]).toEqual([400, 'BAD_INPUT']);
  });

  test('never answers with a root that was not anchored', async () => {
    const response = await subtreeAhead(newServer());
    expect([response.statusCode, response.json().code]).toEqual([503, 'SOURCE_FAILED']);
  });

  test('answers under the root anchored before while the ledger is ahead of this node', async () => {
    const before = (await get('/register/subtree/0')).json();
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
