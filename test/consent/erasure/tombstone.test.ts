import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toEntry } from '../../../src/consent/feed/chain.js';
import type { Feed } from '../../../src/consent/feed/feed.js';
import { publishTombstones, publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { syncFeeds, takeBackOwnFeed } from '../../../src/consent/feed/sync.js';
import { eraseConsents } from '../../../src/consent/registration/erasure.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { consent, tombstonePending } from '../../../src/consent/tables/table-register.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import {
  FEED_TABLES,
  type FeedNetwork,
  openFeedNetwork,
} from '../../support/consent/feed-network.js';
import { knowStudy, linkedWallet } from '../../support/consent/study-wallet.js';

const OWN = 'riverside-hospital';
const PEER = 'lakeshore-hospital';
let network: FeedNetwork;
beforeAll(async () => {
  network = await openFeedNetwork(OWN, PEER);
  await knowStudy(network.feedOf(OWN));
});
afterAll(() => network.close());

type Row = typeof consent.$inferSelect;

async function registered(): Promise<Row> {
  const wallet = await linkedWallet(network.feedOf(OWN), randomUUID());
  const signed = wallet.consent(1n, {});
  await registerConsent(network.feedOf(OWN), signed);
  const row = await rowOf(String(signed.fields.handle));
  if (row === undefined) throw new Error('not registered');
  return row;
}

async function rowOf(handle: string): Promise<Row | undefined> {
  const [row] = await network
    .feedOf(OWN)
    .db.transaction((tx) => tx.select().from(consent).where(eq(consent.handle, handle)), 'read');
  return row;
}

/** As a backup from before puts it: the row is there again, and nothing of the feed. */
async function restore(rows: readonly Row[]): Promise<Feed> {
  await network.feedOf(OWN).db.transaction(async (tx) => {
    if (rows.length > 0) await tx.insert(consent).values([...rows]);
    for (const table of FEED_TABLES) await tx.delete(table);
    await tx.delete(tombstonePending);
  });
  return network.open(toInstitutionId(OWN));
}

const entriesOf = async (id: string, after = 0) =>
  (await segmentOf(network.feedOf(id), toInstitutionId(OWN), after))?.entries ?? [];

describe('an erased consent that an old backup brings back', () => {
  test('is erased again before the node serves, and the one beside it stays', async () => {
    const [erased, kept] = [await registered(), await registered()];
    expect(await eraseConsents(network.feedOf(OWN), [erased.handle])).toBe(1);
    await publishTombstones(network.feedOf(OWN));
    await network.anchor(OWN);
    await syncFeeds(network.feedOf(PEER), network.peers);

    const restored = await restore([erased]);
    expect(await rowOf(erased.handle)).toBeDefined();
    await takeBackOwnFeed(restored, network.peers);
    expect(await rowOf(erased.handle)).toBeUndefined();
    expect(await rowOf(kept.handle)).toMatchObject({ withdrawnAt: null });
  });

  test('keeps its place among those that do not come back: its paper is refused', async () => {
    const wallet = await linkedWallet(network.feedOf(OWN), randomUUID());
    const signed = wallet.consent(1n, {});
    await registerConsent(network.feedOf(OWN), signed);
    const row = await rowOf(String(signed.fields.handle));
    await eraseConsents(network.feedOf(OWN), [String(signed.fields.handle)]);
    await publishTombstones(network.feedOf(OWN));
    await syncFeeds(network.feedOf(PEER), network.peers);
    const restored = await restore(row === undefined ? [] : [row]);
    await takeBackOwnFeed(restored, network.peers);
    await expect(registerConsent(restored, signed)).rejects.toMatchObject({
      code: 'SERIAL_NOT_NEWER',
    });
  });
});

describe('a tombstone', () => {
  test('is nothing of the consent, and waits for the interval with all others', async () => {
    const rows = [await registered(), await registered()];
    const before = await entriesOf(OWN);
    await eraseConsents(
      network.feedOf(OWN),
      rows.map(({ handle }) => handle),
    );
    expect(await entriesOf(OWN)).toEqual(before);
    await publishTombstones(network.feedOf(OWN));
    const told = (await entriesOf(OWN)).slice(before.length);
    expect(told).toEqual(rows.map(({ tombstone }) => tombstone).sort());
    // Of what anybody else holds of the consent, nothing leads to it.
    for (const { tombstone, ...known } of rows) {
      const text = JSON.stringify(known, (_, v) => (typeof v === 'bigint' ? String(v) : v));
      expect(text).not.toContain(tombstone.slice(2));
      expect(text).not.toContain(String(BigInt(tombstone)));
    }
  });

  test('in the feed of another institution erases nothing here', async () => {
    const row = await registered();
    const peer = network.feedOf(PEER);
    await peer.db.transaction(async (tx) => {
      await tx.insert(tombstonePending).values({ tombstone: row.tombstone });
    });
    await publishTombstones(peer);
    await syncFeeds(network.feedOf(OWN), network.peers);
    expect(await rowOf(row.handle)).toMatchObject({ withdrawnAt: null });
  });

  test('that a peer puts into a feed which is not its own is refused', async () => {
    const row = await registered();
    await publishTombstones(network.feedOf(OWN));
    await syncFeeds(network.feedOf(PEER), network.peers);
    const restored = await restore([]);
    network.lies.set(toInstitutionId(PEER), (segment) => {
      const { entries, ...rest } = segment as { entries: string[] };
      return { ...rest, entries: [...entries, row.tombstone] };
    });
    await takeBackOwnFeed(restored, network.peers);
    expect(await rowOf(row.handle)).toMatchObject({ withdrawnAt: null });
    network.lies.clear();
    await takeBackOwnFeed(restored, network.peers);
    expect((await entriesOf(OWN)).length).toBeGreaterThan(0);
  });

  test('is another link of the chain than the secret of the same number', async () => {
    const tombstone = `0x${'0'.repeat(63)}5`;
    expect(toEntry(tombstone)).toEqual({ w: tombstone, handle: null });
    await publishWithdrawals(network.feedOf(OWN), ['5']);
    expect(await entriesOf(OWN)).toContain('5');
  });
});
