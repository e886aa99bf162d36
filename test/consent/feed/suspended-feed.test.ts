import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { acceptSegment } from '../../../src/consent/feed/accept.js';
import { type Feed, feedHealth, requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { acceptLostFeed } from '../../../src/consent/feed/lost-feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { SEGMENT_ENTRIES } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { settleSuspended } from '../../../src/consent/feed/suspended.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import type { LedgerInstitution } from '../../../src/ledger/read/read.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { FEED_TABLES, openFeedNetwork } from '../../support/consent/feed-network.js';
import { at } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const NORTHWIND = toInstitutionId('northwind-trials');
const HELIX = toInstitutionId('helix-pharma');

const network = await openFeedNetwork(RIVERSIDE, LAKESHORE, NORTHWIND, HELIX);
const listed = structuredClone(network.institutions);
afterAll(() => network.close());
beforeEach(async () => {
  network.silent.clear();
  network.institutions.splice(0, listed.length, ...listed);
  for (const id of network.ids) await forget(id);
});

const feedOf = (id: string) => network.feedOf(id);
const gap = expect.objectContaining({ code: 'FEED_GAP', facts: { institution: RIVERSIDE } });

/** A node that is new, or was set up again. */
async function forget(id: typeof RIVERSIDE): Promise<Feed> {
  await feedOf(id).db.transaction(async (tx) => {
    for (const table of FEED_TABLES) await tx.delete(table);
  });
  return network.open(id);
}

function list(changed: Partial<LedgerInstitution>): void {
  network.institutions[0] = { ...at(network.institutions, 0), ...changed };
}

/** Riverside is suspended, and answers nobody any more. */
function suspend(): void {
  list({ status: 'SUSPENDED' });
  network.silent.add(RIVERSIDE);
}

const sync = (id: string) => syncFeeds(feedOf(id), network.peers);
const publish = (id: string, ...secrets: string[]) => publishWithdrawals(feedOf(id), secrets);

async function withdrawnAt(id: string, ...secrets: string[]): Promise<boolean[]> {
  const handles = secrets.map((w) => String(handleOf(BigInt(w))));
  const withdrawn = await feedOf(id).db.transaction((tx) => isWithdrawn(tx, handles), 'read');
  return handles.map((handle) => withdrawn.has(handle));
}

describe('suspended-feed: an institution that is suspended while another is away', () => {
  beforeEach(async () => {
    await network.anchor(RIVERSIDE);
    for (const id of [LAKESHORE, NORTHWIND, HELIX]) await sync(id);
    // Helix is away from here on.
    await publish(RIVERSIDE, '1', '2');
    await network.anchor(RIVERSIDE);
    for (const id of [LAKESHORE, NORTHWIND]) await sync(id);
    suspend();
    network.advance(3_600_000);
  });

  test('suspended-feed: the one that was away serves nothing until it has heard, then refuses', async () => {
    const back = await network.open(HELIX);
    expect(() => requireCompleteFeed(back)).toThrow(gap);
    expect(feedHealth(back).behind).toEqual([RIVERSIDE]);
    expect(await withdrawnAt(HELIX, '1', '2')).toEqual([false, false]);
    // Nobody answers: it stays closed, however long.
    for (const id of [LAKESHORE, NORTHWIND]) network.silent.add(id);
    await sync(HELIX);
    expect(() => requireCompleteFeed(back)).toThrow(gap);
    // One relay is enough.
    network.silent.delete(NORTHWIND);
    await sync(HELIX);
    requireCompleteFeed(back);
    expect(await withdrawnAt(HELIX, '1', '2')).toEqual([true, true]);
    requireCompleteFeed(await network.open(HELIX));
  });

  test('suspended-feed: one that kept running is told by the gap as well', async () => {
    expect(() => requireCompleteFeed(feedOf(HELIX))).toThrow(gap);
    await sync(HELIX);
    requireCompleteFeed(feedOf(HELIX));
  });

  test('suspended-feed: a new institution learns all of it', async () => {
    const fresh = await forget(HELIX);
    expect(() => requireCompleteFeed(fresh)).toThrow(gap);
    await sync(HELIX);
    requireCompleteFeed(fresh);
    expect(await withdrawnAt(HELIX, '1', '2')).toEqual([true, true]);
  });

  test('suspended-feed: it learns it under a renewed account too, because the ledger vouches for it', async () => {
    list({ account: at(listed, 3).account });
    const relayed = await segmentOf(feedOf(LAKESHORE), RIVERSIDE, 0);
    expect(relayed?.signature).toBeNull();
    await sync(HELIX);
    requireCompleteFeed(feedOf(HELIX));
    expect(await withdrawnAt(HELIX, '1', '2')).toEqual([true, true]);
    // And hands it on in turn.
    await forget(LAKESHORE);
    network.silent.add(NORTHWIND);
    await sync(LAKESHORE);
    requireCompleteFeed(feedOf(LAKESHORE));
  });

  test('suspended-feed: what a relay makes of it is refused', async () => {
    list({ account: at(listed, 3).account });
    const relayed = await segmentOf(feedOf(LAKESHORE), RIVERSIDE, 0);
    if (relayed === undefined) throw new Error('no segment');
    for (const lie of [{ entries: ['1'] }, { entries: ['1', '3'] }, { entries: [] }]) {
      const taken = acceptSegment(feedOf(HELIX), RIVERSIDE, { ...relayed, ...lie });
      await expect(taken).rejects.toThrow(
        expect.objectContaining({ facts: { institution: RIVERSIDE, check: 'head' } }),
      );
    }
    expect(() => requireCompleteFeed(feedOf(HELIX))).toThrow(gap);
  });

  test('suspended-feed: its withdrawals stand in the feeds of others before long, once', async () => {
    await settleSuspended(feedOf(LAKESHORE));
    await sync(NORTHWIND);
    await settleSuspended(feedOf(NORTHWIND));
    await settleSuspended(await network.open(LAKESHORE));
    expect(feedOf(LAKESHORE).known.get(LAKESHORE)?.seq).toBe(2);
    expect(feedOf(NORTHWIND).known.get(NORTHWIND)?.seq ?? 0).toBe(0);
  });
});

test('suspended-feed: a withdrawal that it told to one alone, after its last anchor, outlives it', async () => {
  await network.anchor(RIVERSIDE);
  for (const id of [LAKESHORE, NORTHWIND, HELIX]) await sync(id);
  await publish(RIVERSIDE, '7');
  await sync(LAKESHORE);
  suspend();
  await settleSuspended(feedOf(LAKESHORE));
  for (const id of [NORTHWIND, HELIX]) {
    await sync(id);
    expect(await withdrawnAt(id, '7')).toEqual([true]);
  }
});

test('suspended-feed: a long feed is published again in stretches, over a restart', async () => {
  const many = Array.from({ length: 2_500 }, (_, i) => String(i + 1));
  for (const from of [0, 500, 1_000, 1_500, 2_000]) {
    await publish(RIVERSIDE, ...many.slice(from, from + 500));
    network.advance(61_000);
  }
  await network.anchor(RIVERSIDE);
  await sync(LAKESHORE);
  suspend();
  await settleSuspended(feedOf(LAKESHORE));
  expect(feedOf(LAKESHORE).known.get(LAKESHORE)?.seq).toBe(1_024);
  await network.open(LAKESHORE);
  for (let turn = 0; turn < 4; turn += 1) await settleSuspended(feedOf(LAKESHORE));
  expect(feedOf(LAKESHORE).known.get(LAKESHORE)?.seq).toBe(many.length);
  expect(many.length).toBeLessThan(SEGMENT_ENTRIES);
});

describe('suspended-feed: a feed that nobody can give any more', () => {
  const at0 = () => feedOf(HELIX).clock.nowSeconds();
  const accept = (of = RIVERSIDE) =>
    acceptLostFeed(feedOf(HELIX).db, network.institutions, { of, at: at0() });

  beforeEach(async () => {
    await publish(RIVERSIDE, '1');
    await network.anchor(RIVERSIDE);
  });

  test('suspended-feed: stops this node until its operator goes on without it, for that digest alone', async () => {
    suspend();
    await sync(HELIX);
    expect(() => requireCompleteFeed(feedOf(HELIX))).toThrow(gap);
    await accept();
    // It decides nothing in a node that runs.
    expect(() => requireCompleteFeed(feedOf(HELIX))).toThrow(gap);
    requireCompleteFeed(await network.open(HELIX));
    list({ status: 'ACTIVE' });
    await network.anchor(RIVERSIDE);
    network.advance(121_000);
    expect(() => requireCompleteFeed(feedOf(HELIX))).toThrow(gap);
    network.silent.clear();
    await sync(HELIX);
    requireCompleteFeed(feedOf(HELIX));
  });

  test.each([
    ['an active institution', () => undefined, RIVERSIDE],
    [
      'one that never anchored',
      () => list({ status: 'SUSPENDED', lastAnchor: undefined }),
      RIVERSIDE,
    ],
  ])('suspended-feed: is not to be had of %s', async (_, change, of) => {
    change();
    await expect(accept(of)).rejects.toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  test('suspended-feed: is not given up by a node that holds it', async () => {
    await sync(HELIX);
    suspend();
    await expect(accept()).rejects.toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});
