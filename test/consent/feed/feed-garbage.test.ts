import { type FastifyInstance, fastify } from 'fastify';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { signAuditRequest } from '../../../src/consent/evidence/auditor.js';
import { feedHealth, requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { startFeedSync } from '../../../src/consent/feed/follow.js';
import { learnForks } from '../../../src/consent/feed/learn-forks.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { addRegisterRoutes } from '../../../src/consent/routes/register.js';
import { type InstitutionId, toInstitutionId } from '../../../src/core/ids.js';
import { createPeers } from '../../../src/network/peers.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { LIES, type Overheard, startLiar } from '../../support/consent/feed-liars.js';
import { FEED_TABLES, openFeedNetwork } from '../../support/consent/feed-network.js';
import { PATH_KEY } from '../../support/consent/link-key.js';
import { at, silentLog } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

// Riverside is the one whose feed it is, and it is dead.
const LIAR = LAKESHORE;
const HONEST = toInstitutionId('northwind-trials');
const ASKING = toInstitutionId('helix-pharma');
const BUDGET_MS = 500;

const network = await openFeedNetwork(RIVERSIDE, LIAR, HONEST, ASKING);
const liar = await startLiar();
const servers = new Map<InstitutionId, FastifyInstance>();
const endpoints = new Map<InstitutionId, string>();
const peersOf = (budgetMs: number) =>
  createPeers({
    institutions: () =>
      network.institutions.map((one) => ({ ...one, endpoint: endpoints.get(one.id) ?? '' })),
    sign: (to, path) => signAuditRequest(network.feedOf(ASKING), to, path),
    budgetMs,
  });
const peers = peersOf(BUDGET_MS);
afterAll(async () => {
  for (const server of servers.values()) await server.close();
  await liar.stop();
  await network.close();
});

/** Nobody listens at the discard port of loopback. */
const DEAD = 'http://127.0.0.1:9';

async function listen(id: InstitutionId): Promise<void> {
  await servers.get(id)?.close();
  const server = fastify({ forceCloseConnections: true });
  const unused = () => Promise.reject(new Error('no path is asked for'));
  const own = () => at(network.institutions, 0);
  const ledger = { own, topPath: unused };
  addRegisterRoutes(server, { feed: network.feedOf(id), ledger, pathKey: PATH_KEY });
  endpoints.set(id, await server.listen({ host: '127.0.0.1', port: 0 }));
  servers.set(id, server);
}

let overheard: Overheard;
beforeEach(async () => {
  for (const id of network.ids) {
    await network.feedOf(id).db.transaction(async (tx) => {
      for (const table of FEED_TABLES) await tx.delete(table);
    });
    await network.open(id);
  }
  network.institutions.forEach((institution, slot) => {
    network.institutions[slot] = { ...institution, anchors: 0, lastAnchor: undefined };
  });
  for (const id of [RIVERSIDE, HONEST]) await listen(id);
  endpoints.set(LIAR, liar.endpoint);
  endpoints.set(ASKING, DEAD);
  await publishWithdrawals(network.feedOf(RIVERSIDE), ['1', '2']);
  const older = await ownSegment(RIVERSIDE);
  await publishWithdrawals(network.feedOf(RIVERSIDE), ['3']);
  await network.anchor(RIVERSIDE);
  overheard = { older, newest: await ownSegment(RIVERSIDE), others: await ownSegment(HONEST) };
  liar.lie((answer) => answer.destroy());
  await syncFeeds(network.feedOf(HONEST), peersOf(20_000));
  endpoints.set(RIVERSIDE, DEAD);
});

async function ownSegment(of: InstitutionId) {
  const segment = await segmentOf(network.feedOf(of), of, 0);
  if (segment === undefined) throw new Error('no segment');
  return segment;
}

async function withdrawnAt(id: InstitutionId, ...secrets: number[]): Promise<number[]> {
  const handles = secrets.map((w) => String(handleOf(BigInt(w))));
  const { db } = network.feedOf(id);
  const withdrawn = await db.transaction((tx) => isWithdrawn(tx, handles), 'read');
  return secrets.filter((w) => withdrawn.has(String(handleOf(BigInt(w)))));
}

test.each(Object.entries(LIES))(
  'a relay that answers %s costs time and nothing else',
  async (_, lie) => {
    const feed = network.feedOf(ASKING);
    liar.lie((answer) => lie(overheard, answer));
    const honest = endpoints.get(HONEST) ?? '';
    endpoints.set(HONEST, DEAD);
    await syncFeeds(feed, peers);
    // Alone it leaves a gap that is named, and nothing that was not published.
    expect(feedHealth(feed)).toEqual({ behind: [RIVERSIDE], forked: [] });
    expect(() => requireCompleteFeed(feed)).toThrow(
      expect.objectContaining({ code: 'FEED_GAP', facts: { institution: RIVERSIDE } }),
    );
    expect(await withdrawnAt(ASKING, 666)).toEqual([]);
    // As soon as one relay is honest, it closes.
    endpoints.set(HONEST, honest);
    await expect
      .poll(() => syncFeeds(feed, peers).then(() => feedHealth(feed)), { timeout: 30_000 })
      .toEqual({ behind: [], forked: [] });
    requireCompleteFeed(feed);
    expect(await withdrawnAt(ASKING, 1, 2, 3, 666)).toEqual([1, 2, 3]);
  },
);

test.each([
  'another signature',
  "another institution's feed",
  'half an answer',
  'an answer without end',
  'a byte now and then',
  'a page of text',
  'objects in objects',
])('a node asked for evidence of forks that answers %s accuses nobody', async (name) => {
  const feed = network.feedOf(ASKING);
  liar.lie((answer) => LIES[name]?.(overheard, answer));
  endpoints.set(HONEST, DEAD);
  for (let asked = 0; asked < 6; asked += 1) await learnForks(feed, peers).catch(() => undefined);
  expect(feedHealth(feed).forked).toEqual([]);
});

test('an institution that answers slowly holds up its own feed alone', async () => {
  await listen(RIVERSIDE);
  liar.lie((answer) => LIES['a byte now and then']?.(overheard, answer));
  const feed = network.feedOf(ASKING);
  const patient = peersOf(20_000);
  const sync = startFeedSync(feed, { peers: patient, everyMs: 20, log: silentLog });
  await expect.poll(() => withdrawnAt(ASKING, 3), { timeout: 10_000 }).toEqual([3]);
  await publishWithdrawals(network.feedOf(HONEST), ['4']);
  await expect.poll(() => withdrawnAt(ASKING, 4), { timeout: 10_000 }).toEqual([4]);
  // It is the first question that it still answers: nobody has given it up meanwhile.
  expect(liar.open()).toBeGreaterThan(0);
  liar.lie((answer) => answer.destroy());
  await liar.stop();
  await sync.stop();
});
