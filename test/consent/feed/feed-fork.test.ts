import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { digestOf, ZERO_HEAD } from '../../../src/consent/base/digest.js';
import { acceptSegment } from '../../../src/consent/feed/accept.js';
import { chainHeads } from '../../../src/consent/feed/chain.js';
import { feedHealth, requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import type { ForkEvidence } from '../../../src/consent/feed/fork.js';
import { acceptFork, settleForks } from '../../../src/consent/feed/forks.js';
import { learnForks } from '../../../src/consent/feed/learn-forks.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { type FeedSegment, segmentHash } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds, takeBackOwnFeed } from '../../../src/consent/feed/sync.js';
import { feedFork } from '../../../src/consent/tables/table-fork.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import type { LedgerInstitution } from '../../../src/ledger/read/read.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { CHAIN, FEED_TABLES, openFeedNetwork } from '../../support/consent/feed-network.js';
import { at } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

// Riverside is the one that forks.
const NORTHWIND = toInstitutionId('northwind-trials');
const HELIX = toInstitutionId('helix-pharma');

const network = await openFeedNetwork(RIVERSIDE, LAKESHORE, NORTHWIND, HELIX);
const listed = structuredClone(network.institutions);
afterAll(() => network.close());
beforeEach(async () => {
  network.silent.clear();
  network.lies.clear();
  network.institutions.splice(0, listed.length, ...listed);
  for (const id of network.ids) {
    await forget(id);
    await network.open(id);
  }
});

const feedOf = (id: string) => network.feedOf(id);
const refused = (code: string, check?: string) =>
  expect.objectContaining(
    check === undefined ? { code } : { code, facts: expect.objectContaining({ check }) },
  );

/** What a node loses with its disk. */
async function forget(id: string): Promise<void> {
  await feedOf(id).db.transaction(async (tx) => {
    for (const table of [...FEED_TABLES, feedFork]) await tx.delete(table);
  });
}

function list(changed: Partial<LedgerInstitution>): void {
  network.institutions[0] = { ...at(network.institutions, 0), ...changed };
}

const publish = (id: string, ...secrets: number[]) =>
  publishWithdrawals(feedOf(id), secrets.map(String));

/** What riverside signs, if it likes, over a history of its own making. */
async function signed(
  secrets: readonly number[],
  changed: Partial<FeedSegment> = {},
): Promise<FeedSegment & { readonly signature: string }> {
  const entries = secrets.map(String);
  const head = chainHeads(ZERO_HEAD, entries).at(-1) ?? ZERO_HEAD;
  const segment = { institution: RIVERSIDE, after: 0, entries, head, digests: [] };
  const { network: name, keys } = feedOf(RIVERSIDE);
  const hash = segmentHash(name, { ...segment, ...changed, seq: entries.length });
  return { ...segment, ...changed, signature: await keys.sign(hash) };
}

/** Tells one history to lakeshore and another to northwind, and nothing to helix. */
async function fork(
  told: readonly number[] = [1, 2, 3],
  toldToNorthwind: readonly number[] = [1, 9, 3, 4],
): Promise<void> {
  await acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed(told));
  await acceptSegment(feedOf(NORTHWIND), RIVERSIDE, await signed(toldToNorthwind));
}

async function withdrawnAt(id: string, ...secrets: number[]): Promise<boolean[]> {
  const handles = secrets.map((w) => String(handleOf(BigInt(w))));
  const withdrawn = await feedOf(id).db.transaction((tx) => isWithdrawn(tx, handles), 'read');
  return handles.map((handle) => withdrawn.has(handle));
}

const forkedAt = (id: string) => feedHealth(feedOf(id)).forked;
/** Lets a node ask others at random, as it does each second, until it has heard. */
async function untilTold(id: string): Promise<void> {
  for (let tries = 0; forkedAt(id).length === 0; tries += 1) {
    expect(tries).toBeLessThan(100);
    await learnForks(feedOf(id), network.peers).catch(() => undefined);
  }
}

const sync = (id: string) => syncFeeds(feedOf(id), network.peers);
const evidenceAt = (id: string): ForkEvidence => {
  const known = feedOf(id).forks.get(RIVERSIDE);
  if (known === undefined) throw new Error('no evidence');
  return known.evidence;
};

describe('an institution that tells two histories', () => {
  test.each<[string, number[], number[]]>([
    ['on as many entries', [1, 2, 3], [1, 9, 3]],
    ['on fewer', [1, 2, 3], [9]],
    ['on more', [1], [9, 2, 3]],
    ['from the first entry on', [1, 2], [3, 4]],
    ['in the last entry alone', [1, 2, 3], [1, 2, 4]],
    ['of which one has lost the last', [1, 2, 3], [1, 4]],
  ])('is found out by a node that sees both, %s', async (_, told, other) => {
    await acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed(told));
    const taken = acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed(other));
    await expect(taken).rejects.toThrow(refused('FEED_FORKED'));
    expect(forkedAt(LAKESHORE)).toEqual([RIVERSIDE]);
    // A node that has seen neither history can check it alone.
    await acceptFork(feedOf(HELIX), RIVERSIDE, structuredClone(evidenceAt(LAKESHORE)));
    expect(forkedAt(HELIX)).toEqual([RIVERSIDE]);
  });

  test('is found out though both come at the same time, and one of them is kept whole', async () => {
    const both = [await signed([1, 2, 3]), await signed([1, 9])];
    const taken = await Promise.allSettled(
      both.map((one) => acceptSegment(feedOf(LAKESHORE), RIVERSIDE, one)),
    );
    const reasons = taken.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(reasons).toEqual([refused('FEED_FORKED')]);
    const kept = await segmentOf(feedOf(LAKESHORE), RIVERSIDE, 0);
    const first = both.find((_, i) => at(taken, i).status === 'fulfilled');
    expect(kept).toEqual(first);
  });

  test('is found out through a relay, though what it gives does not join on', async () => {
    await fork();
    network.silent.add(RIVERSIDE);
    network.anchored(RIVERSIDE, `0x${'1'.repeat(64)}`);
    const failures = await sync(LAKESHORE);
    expect(failures).toEqual([{ institution: RIVERSIDE, code: 'FEED_FORKED', check: '' }]);
    expect(forkedAt(LAKESHORE)).toEqual([RIVERSIDE]);
  });

  test('is named by every node soon, and after a restart still', async () => {
    await fork();
    const second = acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([9]));
    await expect(second).rejects.toThrow(refused('FEED_FORKED'));
    for (const id of [NORTHWIND, HELIX, RIVERSIDE]) {
      await untilTold(id);
      await network.open(id);
      expect(forkedAt(id)).toEqual([RIVERSIDE]);
    }
  });

  test('gets no acknowledgement any more, so that neither history is anchored', async () => {
    await fork();
    await expect(acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([9]))).rejects.toThrow();
    const preimage = { feedHead: ZERO_HEAD, disclosureHead: ZERO_HEAD, evidenceHead: ZERO_HEAD };
    const anchor = { ...CHAIN, slot: 0, round: 0 };
    const digests = [
      { ...anchor, ...preimage, feedHead: (await signed([1, 2, 3])).head, pad: ZERO_HEAD },
    ];
    const segment = await signed([1, 2, 3], { digests });
    const request = {
      institution: RIVERSIDE,
      anchors: 0,
      digest: digestOf(at(digests, 0)),
      segment,
    };
    await expect(acknowledge(feedOf(LAKESHORE), request)).rejects.toThrow(refused('FEED_FORKED'));
    // The same request is acknowledged by one who has heard nothing yet.
    expect(await acknowledge(feedOf(HELIX), request)).toHaveProperty('signature');
  });

  test('stops nobody: who holds another history than the anchored one takes that, and loses nothing', async () => {
    await publish(RIVERSIDE, 1, 9, 3, 4);
    await acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([1, 2, 3]));
    for (const id of [LAKESHORE, NORTHWIND]) await sync(id);
    await network.anchor(RIVERSIDE);
    network.advance(121_000);
    for (const id of [LAKESHORE, NORTHWIND]) await sync(id);
    requireCompleteFeed(feedOf(NORTHWIND));
    requireCompleteFeed(feedOf(LAKESHORE));
    expect(feedHealth(feedOf(LAKESHORE))).toEqual({ behind: [], forked: [RIVERSIDE] });
    expect((await segmentOf(feedOf(LAKESHORE), RIVERSIDE, 0))?.entries).toEqual([
      ...['1', '9', '3', '4'],
    ]);
    // The secret that only the other history told stands in lakeshore's own feed now.
    expect((await segmentOf(feedOf(LAKESHORE), LAKESHORE, 0))?.entries).toEqual(['2']);
    const all = [true, true, true, true, true];
    expect(await withdrawnAt(LAKESHORE, 1, 2, 3, 4, 9)).toEqual(all);
    list({ status: 'SUSPENDED' });
    requireCompleteFeed(await network.open(LAKESHORE));
    expect(feedHealth(feedOf(LAKESHORE))).toEqual({ behind: [], forked: [] });
  });

  test('stops consent as long as nobody gives the history that it has on the ledger', async () => {
    await fork([1, 2, 3], [1, 2, 4]);
    network.silent.add(RIVERSIDE);
    network.anchored(RIVERSIDE, `0x${'1'.repeat(64)}`);
    await sync(LAKESHORE);
    expect(() => requireCompleteFeed(feedOf(LAKESHORE))).toThrow(refused('FEED_FORKED'));
    expect(feedHealth(feedOf(LAKESHORE))).toEqual({ behind: [RIVERSIDE], forked: [RIVERSIDE] });
  });

  test('stands under a renewed account as if it never had, if it tells one history since', async () => {
    await fork();
    const second = acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([9]));
    await expect(second).rejects.toThrow();
    const evidence = evidenceAt(LAKESHORE);
    list({ account: at(listed, 3).account });
    expect(forkedAt(LAKESHORE)).toEqual([]);
    const again = acceptFork(feedOf(HELIX), RIVERSIDE, evidence);
    await expect(again).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
  });

  test('loses no withdrawal that it told to one node alone', async () => {
    await fork([1, 2, 3], [1, 9, 3, 4]);
    network.silent.add(RIVERSIDE);
    network.anchored(RIVERSIDE, `0x${'1'.repeat(64)}`);
    await sync(LAKESHORE);
    await untilTold(NORTHWIND);
    for (const id of [LAKESHORE, NORTHWIND]) await settleForks(feedOf(id));
    list({ status: 'SUSPENDED' });
    for (const id of [LAKESHORE, NORTHWIND, HELIX]) {
      await sync(id);
      expect(await withdrawnAt(id, 1, 2, 3, 4, 9, 5)).toEqual([
        true,
        true,
        true,
        true,
        true,
        false,
      ]);
    }
    // Once is enough, after a restart too.
    const { seq } = feedOf(LAKESHORE).known.get(LAKESHORE) ?? { seq: 0 };
    await settleForks(await network.open(LAKESHORE));
    expect(feedOf(LAKESHORE).known.get(LAKESHORE)?.seq).toBe(seq);
  });

  test('takes no withdrawal itself once it is told: who withdraws is sent to another', async () => {
    await fork();
    await expect(acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([9]))).rejects.toThrow();
    await untilTold(RIVERSIDE);
    await expect(publish(RIVERSIDE, 77)).rejects.toThrow(refused('FEED_FORKED'));
    await publish(HELIX, 77);
  });
});

describe('a fork cannot be made up', () => {
  /** Genuine evidence, of which an attacker without riverside's key changes what it likes. */
  async function genuine(): Promise<ForkEvidence> {
    await acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([1, 2, 3]));
    const other = acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([1, 9]));
    await expect(other).rejects.toThrow(refused('FEED_FORKED'));
    return structuredClone(evidenceAt(LAKESHORE));
  }
  const take = (changed: unknown) => acceptFork(feedOf(HELIX), RIVERSIDE, changed);
  const word = (segment: FeedSegment & { readonly signature: string }) => {
    const { head, signature, after, entries } = segment;
    return { seq: after + entries.length, head, signature };
  };

  /** Two words of one history, as every institution signs them each second. */
  async function honest(): Promise<ForkEvidence> {
    const [earlier, later] = [await signed([1, 2]), await signed([1, 2, 3])];
    return {
      institution: RIVERSIDE,
      earlier: word(earlier),
      later: word(later),
      instead: earlier.head,
      entries: ['3'],
    };
  }

  test.each<[string, (evidence: ForkEvidence) => object]>([
    ['as they are', (evidence) => evidence],
    ['with another head between', (evidence) => ({ ...evidence, instead: ZERO_HEAD })],
    ['with other entries', (evidence) => ({ ...evidence, instead: ZERO_HEAD, entries: ['4'] })],
    ['with no entries', (evidence) => ({ ...evidence, instead: evidence.later.head, entries: [] })],
    [
      'the later first',
      ({ earlier, later, ...rest }) => ({ ...rest, earlier: later, later: earlier }),
    ],
    ['twice the same', (evidence) => ({ ...evidence, earlier: evidence.later, entries: [] })],
  ])('from two words of one history, %s', async (_, change) => {
    const made = take(change(await honest()));
    await expect(made).rejects.toThrow(refused('SOURCE_FAILED', 'contradiction'));
    expect(forkedAt(HELIX)).toEqual([]);
  });

  test.each(['earlier', 'later'] as const)(
    'from a word that it did not sign: the %s',
    async (which) => {
      const evidence = await genuine();
      const { network: name, keys } = feedOf(LAKESHORE);
      const hash = segmentHash(name, { institution: RIVERSIDE, ...evidence[which] });
      const forged = { ...evidence[which], signature: await keys.sign(hash) };
      const made = take({ ...evidence, [which]: forged });
      await expect(made).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
    },
  );

  test.each<[string, object]>([
    ['number of entries', { seq: 2 }],
    ['head', { head: ZERO_HEAD }],
  ])('from a word with another %s than was signed', async (_, changed) => {
    const evidence = await genuine();
    const later = { ...evidence.later, ...changed };
    const made = take({ ...evidence, later, entries: later.seq === 2 ? [] : evidence.entries });
    await expect(made).rejects.toThrow(refused('SOURCE_FAILED'));
    expect(forkedAt(HELIX)).toEqual([]);
  });

  test('from words of two networks', async () => {
    const evidence = await genuine();
    const hash = segmentHash('other', { institution: RIVERSIDE, ...evidence.earlier });
    const signature = await feedOf(RIVERSIDE).keys.sign(hash);
    const made = take({ ...evidence, earlier: { ...evidence.earlier, signature } });
    await expect(made).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
  });

  test("against one institution from another's fork", async () => {
    const evidence = await genuine();
    const made = acceptFork(feedOf(HELIX), NORTHWIND, evidence);
    await expect(made).rejects.toThrow(refused('SOURCE_FAILED', 'institution'));
    const renamed = acceptFork(feedOf(HELIX), NORTHWIND, { ...evidence, institution: NORTHWIND });
    await expect(renamed).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
  });

  test('by a relay that changes entries of a genuine segment', async () => {
    await acceptSegment(feedOf(LAKESHORE), RIVERSIDE, await signed([1, 2]));
    const changed = { ...(await signed([1, 2, 3])), entries: ['1', '9', '3'] };
    const taken = acceptSegment(feedOf(LAKESHORE), RIVERSIDE, changed);
    await expect(taken).rejects.toThrow(refused('SOURCE_FAILED', 'head'));
    expect(forkedAt(LAKESHORE)).toEqual([]);
  });

  test.each([null, 7, [], {}, { institutions: [RIVERSIDE] }])('from %o', async (wire) => {
    await expect(take(wire)).rejects.toThrow(refused('SOURCE_FAILED', 'shape'));
  });

  test('by naming it alone', async () => {
    const peers = {
      ...network.peers,
      fetchForked: async () => ({ institutions: [RIVERSIDE, NORTHWIND] }),
    };
    await expect(learnForks(feedOf(HELIX), peers)).rejects.toThrow(
      refused('SOURCE_FAILED', 'shape'),
    );
    expect(forkedAt(HELIX)).toEqual([]);
  });
});

describe('a node set up again from an old backup', () => {
  test('takes back what it published since, before it publishes anything else', async () => {
    await publish(RIVERSIDE, 1);
    await network.anchor(RIVERSIDE);
    const { digests = [] } = (await segmentOf(feedOf(RIVERSIDE), RIVERSIDE, 0)) ?? {};
    await publish(RIVERSIDE, 2, 3);
    await sync(LAKESHORE);
    // The backup holds all that was anchored, and not what came after.
    await forget(RIVERSIDE);
    const backup = await signed([1], { digests });
    await acceptSegment(await network.open(RIVERSIDE), RIVERSIDE, backup);
    const restored = await network.open(RIVERSIDE);
    await takeBackOwnFeed(restored, network.peers);
    await publish(RIVERSIDE, 4);
    expect((await segmentOf(restored, RIVERSIDE, 0))?.entries).toEqual(['1', '2', '3', '4']);
    expect(await sync(LAKESHORE)).toEqual([]);
    expect(forkedAt(LAKESHORE)).toEqual([]);
  });

  test('goes on alone if nobody answers, or nobody truly', async () => {
    await publish(RIVERSIDE, 1);
    for (const id of [LAKESHORE, NORTHWIND]) network.silent.add(id);
    network.lies.set(HELIX, () => ({ entries: 'all' }));
    await takeBackOwnFeed(feedOf(RIVERSIDE), network.peers);
    await publish(RIVERSIDE, 2);
  });
});
