import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { acceptRestored } from '../../../src/consent/anchoring/restored.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { feedDigest, feedEntry } from '../../../src/consent/tables/table-feed.js';
import { openFeedNetwork } from '../../support/consent/feed-network.js';
import { RIVERSIDE } from '../../support/names.js';

const CLINIC = 'lakeshore-clinic';
let network = await openFeedNetwork(RIVERSIDE, CLINIC);
beforeEach(async () => {
  await network.close();
  network = await openFeedNetwork(RIVERSIDE, CLINIC);
});
afterAll(() => network.close());

const db = () => network.feedOf(RIVERSIDE).db;
const behind = { code: 'RESTORED_OLD' };

/** The database loses its newest commit, as if a replica without it had taken its place. */
async function lose(table: typeof feedDigest | typeof feedEntry): Promise<void> {
  const number = table === feedEntry ? feedEntry.seq : feedDigest.number;
  await db().transaction(async (tx) => {
    const [last] = await tx.select({ number }).from(table).orderBy(desc(number)).limit(1);
    if (last === undefined) throw new Error('nothing to lose');
    await tx.delete(table).where(eq(number, last.number));
  });
}

test('a database that lost entries of its feed is not appended to: a second history would begin', async () => {
  await publishWithdrawals(network.feedOf(RIVERSIDE), ['1', '2']);
  await lose(feedEntry);
  await expect(publishWithdrawals(network.feedOf(RIVERSIDE), ['3'])).rejects.toMatchObject(behind);
  await expect(network.prepare(RIVERSIDE)).rejects.toMatchObject(behind);
  const kept = await db().transaction((tx) => tx.select().from(feedEntry), 'read');
  expect(kept.map(({ w }) => w)).toEqual(['1']);
  // The other institution lost nothing.
  await publishWithdrawals(network.feedOf(CLINIC), ['3']);
  await network.anchor(CLINIC);
});

test('a database that lost what was anchored seals no shorter logs, until the loss is accepted', async () => {
  await network.anchor(RIVERSIDE);
  await network.anchor(RIVERSIDE);
  await lose(feedDigest);
  await expect(network.prepare(RIVERSIDE)).rejects.toMatchObject(behind);
  const [own] = network.institutions;
  if (own === undefined) throw new Error('not listed');
  await acceptRestored(db(), own, network.feedOf(RIVERSIDE).clock.nowSeconds());
  await network.anchor(RIVERSIDE);
  await network.anchor(CLINIC);
});

test('what was prepared and never anchored may be lost: nobody has seen it', async () => {
  await network.anchor(RIVERSIDE);
  await network.prepare(RIVERSIDE);
  await lose(feedDigest);
  await network.anchor(RIVERSIDE);
});
