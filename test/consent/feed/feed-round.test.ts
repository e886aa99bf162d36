import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { acceptRestored } from '../../../src/consent/anchoring/restored.js';
import { type DigestPreimage, digestOf, randomPad } from '../../../src/consent/base/digest.js';
import { acceptSegment } from '../../../src/consent/feed/accept.js';
import { requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import type { FeedSegment } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { feedOpened } from '../../../src/consent/tables/table-feed.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { FEED_TABLES, openFeedNetwork } from '../../support/consent/feed-network.js';
import { at } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const NORTHWIND = toInstitutionId('northwind-trials');
const HONEST = [LAKESHORE, NORTHWIND];
const LARGEST = Number.MAX_SAFE_INTEGER;

const network = await openFeedNetwork(RIVERSIDE, LAKESHORE, NORTHWIND);
const listed = structuredClone(network.institutions);
afterAll(() => network.close());
beforeEach(async () => {
  network.silent.clear();
  network.institutions.splice(0, listed.length, ...listed);
  for (const id of network.ids) {
    await network.feedOf(id).db.transaction(async (tx) => {
      for (const table of FEED_TABLES) await tx.delete(table);
    });
    await network.open(id);
  }
});

const refused = (code: string, check?: string) =>
  expect.objectContaining({ code, facts: expect.objectContaining(check ? { check } : {}) });

async function segment(): Promise<FeedSegment> {
  const own = await segmentOf(network.feedOf(RIVERSIDE), RIVERSIDE, 0);
  if (own === undefined) throw new Error('no segment');
  return own;
}

/** What riverside may put into a digest of its next anchor, with a counter of its own choosing. */
async function preimage(round: number): Promise<DigestPreimage> {
  const { digest: _, ...prepared } = await network.prepare(RIVERSIDE).then(async ({ digest }) => {
    const { digests } = await segment();
    return {
      digest,
      ...at(
        digests.filter((one) => digestOf(one) === digest),
        0,
      ),
    };
  });
  return { ...prepared, round, pad: randomPad() };
}

async function everybodyServes(): Promise<void> {
  for (const id of HONEST) await syncFeeds(network.feedOf(id), network.peers);
  network.advance(121_000);
  for (const id of HONEST) requireCompleteFeed(network.feedOf(id));
}

describe('feed-round: a counter that the signer chose', () => {
  beforeEach(async () => {
    await publishWithdrawals(network.feedOf(RIVERSIDE), ['1']);
  });

  test('feed-round: beside the signature, of 2^53 - 1, is no part of a segment', async () => {
    const counted = { ...(await segment()), round: LARGEST };
    for (const id of HONEST) {
      const taken = acceptSegment(network.feedOf(id), RIVERSIDE, counted);
      await expect(taken).rejects.toThrow(refused('SOURCE_FAILED', 'shape'));
    }
    await network.anchor(RIVERSIDE);
    await everybodyServes();
  });

  test('feed-round: in digests, of 2^53 - 1, covers nothing and pushes nothing out', async () => {
    for (const id of HONEST) await syncFeeds(network.feedOf(id), network.peers);
    for (let i = 0; i < 70; i += 1) {
      const digests = [{ ...(await preimage(LARGEST)), pad: randomPad() }];
      for (const id of HONEST) {
        await acceptSegment(network.feedOf(id), RIVERSIDE, { ...(await segment()), digests });
      }
    }
    await network.anchor(RIVERSIDE);
    await everybodyServes();
    // And over a restart, and under a renewed account.
    for (const id of HONEST) requireCompleteFeed(await network.open(id));
    network.institutions[0] = { ...at(network.institutions, 0), account: at(listed, 1).account };
    for (const id of HONEST) requireCompleteFeed(await network.open(id));
  });

  test('feed-round: on the ledger itself, in a digest that was anchored, stops nobody', async () => {
    const opened = await preimage(LARGEST);
    const wire = { ...(await segment()), digests: [opened] };
    const { anchors } = at(network.institutions, 0);
    const request = { institution: RIVERSIDE, anchors, digest: digestOf(opened), segment: wire };
    const answer = acknowledge(network.feedOf(LAKESHORE), request);
    await expect(answer).rejects.toThrow(refused('SOURCE_FAILED', 'digest anchor'));
    // With colluders it comes to the ledger all the same.
    network.anchored(RIVERSIDE, digestOf(opened));
    for (const id of HONEST) await acceptSegment(network.feedOf(id), RIVERSIDE, wire);
    network.advance(121_000);
    for (const id of HONEST) requireCompleteFeed(network.feedOf(id));
    // It never prepared that digest: it stops itself, until its operator accepts what is on the ledger.
    const { db, clock } = network.feedOf(RIVERSIDE);
    await expect(network.anchor(RIVERSIDE)).rejects.toThrow(refused('RESTORED_OLD'));
    await acceptRestored(db, at(network.institutions, 0), clock.nowSeconds());
    await network.anchor(RIVERSIDE);
    await everybodyServes();
  });

  test('feed-round: as the place of an entry, is refused before anything is stored', async () => {
    for (const after of [2 ** 40 + 1, LARGEST, 2 ** 60, -1, 0.5]) {
      const far = acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, {
        ...(await segment()),
        after,
      });
      await expect(far).rejects.toThrow(refused('SOURCE_FAILED', 'shape'));
    }
    await network.anchor(RIVERSIDE);
    await everybodyServes();
  });

  test('feed-round: older segments played again change nothing, however many', async () => {
    const older = await segment();
    await publishWithdrawals(network.feedOf(RIVERSIDE), ['2']);
    await network.anchor(RIVERSIDE);
    for (const id of HONEST) await syncFeeds(network.feedOf(id), network.peers);
    for (let i = 0; i < 70; i += 1) {
      await acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, older);
    }
    network.silent.add(RIVERSIDE);
    await everybodyServes();
    // What was relayed before is relayed still.
    const fresh = await network
      .feedOf(NORTHWIND)
      .db.transaction(async (tx) => {
        for (const table of FEED_TABLES) await tx.delete(table);
      })
      .then(() => network.open(NORTHWIND));
    expect(() => requireCompleteFeed(fresh)).toThrow(refused('FEED_GAP'));
    await syncFeeds(fresh, network.peers);
    requireCompleteFeed(fresh);
  });
});

describe('what is in a digest', () => {
  test('is kept by who acknowledged it, so that it opens after its institution has gone', async () => {
    await publishWithdrawals(network.feedOf(RIVERSIDE), ['1']);
    const { digest } = await network.prepare(RIVERSIDE);
    const { anchors } = at(network.institutions, 0);
    const request = { institution: RIVERSIDE, anchors, digest, segment: await segment() };
    await acknowledge(network.feedOf(LAKESHORE), request);
    network.silent.add(RIVERSIDE);
    network.anchored(RIVERSIDE, digest);
    for (const id of HONEST) {
      const feed = await network.open(id);
      await syncFeeds(feed, network.peers);
    }
    for (const id of HONEST) {
      await syncFeeds(network.feedOf(id), network.peers);
      requireCompleteFeed(network.feedOf(id));
    }
  });

  test('of anchors long past is forgotten', async () => {
    for (let round = 0; round < 5; round += 1) {
      await network.anchor(RIVERSIDE);
      await syncFeeds(network.feedOf(LAKESHORE), network.peers);
    }
    const kept = await network
      .feedOf(LAKESHORE)
      .db.transaction((tx) => tx.select().from(feedOpened), 'read');
    expect(kept.map(({ round }) => round).sort()).toEqual([3, 4]);
  });
});
