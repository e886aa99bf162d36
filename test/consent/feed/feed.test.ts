import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acceptRestored } from '../../../src/consent/anchoring/restored.js';
import { digestOf, ZERO_HEAD } from '../../../src/consent/base/digest.js';
import { acceptSegment } from '../../../src/consent/feed/accept.js';
import { chainHeads } from '../../../src/consent/feed/chain.js';
import { requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { type FeedSegment, segmentHash } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { feedFork } from '../../../src/consent/tables/table-fork.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { handleOf } from '../../../src/zk/leaf.js';
import {
  CHAIN,
  FEED_TABLES,
  type FeedNetwork,
  openFeedNetwork,
} from '../../support/consent/feed-network.js';
import { at } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const NORTHWIND = toInstitutionId('northwind-trials');

let network: FeedNetwork;
beforeAll(async () => {
  network = await openFeedNetwork(RIVERSIDE, LAKESHORE, NORTHWIND);
});
afterAll(() => network.close());
beforeEach(async () => {
  network.silent.clear();
  network.lies.clear();
  for (const id of network.ids) {
    await network.feedOf(id).db.transaction(async (tx) => {
      for (const table of [...FEED_TABLES, feedFork]) await tx.delete(table);
    });
    await network.open(id);
  }
  network.institutions.forEach((institution, slot) => {
    network.institutions[slot] = { ...institution, anchors: 0, lastAnchor: undefined };
  });
});

const refused = (code: string, check?: string) =>
  expect.objectContaining(
    check === undefined ? { code } : { code, facts: expect.objectContaining({ check }) },
  );

async function segment(of = RIVERSIDE, after = 0): Promise<FeedSegment> {
  const own = await segmentOf(network.feedOf(of), of, after);
  if (own === undefined) throw new Error('no segment');
  return own;
}

/** The same institution's signature over something else: what only a dishonest institution can make. */
async function resigned(changed: FeedSegment): Promise<FeedSegment> {
  const { network: name, keys } = network.feedOf(changed.institution);
  const seq = changed.after + changed.entries.length;
  return { ...changed, signature: await keys.sign(segmentHash(name, { ...changed, seq })) };
}

const publish = (id: string, ...secrets: bigint[]) =>
  publishWithdrawals(network.feedOf(id), secrets.map(String));

function withdrawnAt(id: string, ...secrets: bigint[]): Promise<boolean[]> {
  const handles = secrets.map((w) => String(handleOf(w)));
  return network.feedOf(id).db.transaction(async (tx) => {
    const withdrawn = await isWithdrawn(tx, handles);
    return handles.map((handle) => withdrawn.has(handle));
  }, 'read');
}

describe('the chain and the digest', () => {
  test('are SHA-256 over the bytes that the protocol names', () => {
    const w = Buffer.alloc(32);
    w[31] = 7;
    const head = createHash('sha256').update(Buffer.alloc(32)).update(w).digest('hex');
    expect(chainHeads(ZERO_HEAD, ['7'])).toEqual([`0x${head}`]);
    const hexOf = (byte: string) => `0x${byte.repeat(32)}` as const;
    const digest = digestOf({
      chainId: 31_999,
      contract: hexOf('ab').slice(0, 42),
      slot: 258,
      round: 65_535,
      feedHead: hexOf('01'),
      disclosureHead: hexOf('02'),
      evidenceHead: hexOf('03'),
      pad: hexOf('04'),
    });
    const preimage = Buffer.concat([1, 2, 3, 4].map((byte) => Buffer.alloc(32, byte)));
    // Chain, contract, slot, round.
    const anchor = `0000000000007cff${'ab'.repeat(20)}00000102000000000000ffff`;
    const oracle = createHash('sha256')
      .update('assent/digest')
      .update(Buffer.from(anchor, 'hex'))
      .update(preimage)
      .digest('hex');
    expect(digest).toBe(`0x${oracle}`);
  });
});

describe('publishing a withdrawal secret', () => {
  test('withdraws its handle here, whether or not anyone knows it', async () => {
    await publish(RIVERSIDE, 1n, 2n);
    expect(await withdrawnAt(RIVERSIDE, 1n, 2n, 3n)).toEqual([true, true, false]);
  });

  test('again changes nothing', async () => {
    await publish(RIVERSIDE, 1n, 1n, 2n);
    const before = await segment();
    await publish(RIVERSIDE, 2n, 1n);
    expect(await segment()).toEqual(before);
    expect(before.entries).toEqual(['1', '2']);
  });

  test('needs the secret: the handle itself, or a guess from it, ends nothing', async () => {
    const handle = handleOf(99n);
    await publish(RIVERSIDE, handle, handle + 1n);
    expect(await withdrawnAt(RIVERSIDE, 99n)).toEqual([false]);
  });

  test.each(['', '01', '-1', ' 1', '0x1', '1n', String(FIELD_ORDER), '9'.repeat(5_000)])(
    'refuses %s, and all that came with it',
    async (malformed) => {
      const feed = network.feedOf(RIVERSIDE);
      const published = publishWithdrawals(feed, ['5', malformed]);
      await expect(published).rejects.toThrow(refused('SECRET_MALFORMED'));
      expect(await withdrawnAt(RIVERSIDE, 5n)).toEqual([false]);
    },
  );
});

describe('what a node serves of its own feed', () => {
  test('is the same from memory and from the database, from wherever it is asked', async () => {
    const secrets = Array.from({ length: 30 }, (_, i) => BigInt(i + 1));
    for (const [i, w] of secrets.entries()) {
      await publish(RIVERSIDE, w);
      if (i % 7 === 0) await network.prepare(RIVERSIDE);
      // Each follower is somewhere else, and asks at another moment.
      for (const after of [i + 1, i, Math.max(0, i - 5), 0]) {
        const served = await segment(RIVERSIDE, after);
        expect(served.entries).toEqual(secrets.slice(after, i + 1).map(String));
      }
    }
    const served = await Promise.all([0, 7, 29, 30].map((after) => segment(RIVERSIDE, after)));
    await network.open(RIVERSIDE);
    const stored = await Promise.all([0, 7, 29, 30].map((after) => segment(RIVERSIDE, after)));
    expect(served).toEqual(stored);
    const beyond = await segmentOf(network.feedOf(RIVERSIDE), RIVERSIDE, 31);
    expect(beyond).toBeUndefined();
    for (const after of [0, 7, 29]) {
      await acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, await segment(RIVERSIDE, after));
    }
    expect(await withdrawnAt(LAKESHORE, 1n, 30n, 31n)).toEqual([true, true, false]);
  });
});

describe("another institution's feed", () => {
  test('is taken from itself', async () => {
    await publish(RIVERSIDE, 1n, 2n);
    expect(await syncFeeds(network.feedOf(LAKESHORE), network.peers)).toEqual([]);
    expect(await withdrawnAt(LAKESHORE, 1n, 2n)).toEqual([true, true]);
    await publish(RIVERSIDE, 3n);
    await syncFeeds(network.feedOf(LAKESHORE), network.peers);
    expect(await withdrawnAt(LAKESHORE, 3n)).toEqual([true]);
  });

  test('is relayed by a third when the institution itself is dead', async () => {
    await publish(RIVERSIDE, 1n);
    await syncFeeds(network.feedOf(LAKESHORE), network.peers);
    network.silent.add(RIVERSIDE);
    expect(await syncFeeds(network.feedOf(NORTHWIND), network.peers)).toEqual([]);
    expect(await withdrawnAt(NORTHWIND, 1n)).toEqual([true]);
  });

  test('tells who listens which handles ended', async () => {
    const heard: string[] = [];
    const feed = await network.open(LAKESHORE, (handles) => heard.push(...handles));
    await publish(RIVERSIDE, 1n);
    await syncFeeds(feed, network.peers);
    await syncFeeds(feed, network.peers);
    expect(heard).toEqual([String(handleOf(1n))]);
  });

  test('is refused with its failure when nobody gives it truthfully', async () => {
    await publish(RIVERSIDE, 1n);
    network.lies.set(RIVERSIDE, () => ({ entries: 'all of them' }));
    const failures = await syncFeeds(network.feedOf(LAKESHORE), network.peers);
    expect(failures).toMatchObject([{ institution: RIVERSIDE, code: 'SOURCE_FAILED' }]);
  });
});

describe('a segment is refused', () => {
  const take = (changed: unknown, of = RIVERSIDE) =>
    acceptSegment(network.feedOf(LAKESHORE), of, changed);
  beforeEach(async () => {
    await publish(RIVERSIDE, 1n, 2n, 3n);
  });

  test('with an entry that the relay changed', async () => {
    const changed = { ...(await segment()), entries: ['1', '4', '3'] };
    await expect(take(changed)).rejects.toThrow(refused('SOURCE_FAILED', 'head'));
    expect(await withdrawnAt(LAKESHORE, 1n, 4n)).toEqual([false, false]);
  });

  test.each([
    ['its last', ['1', '2']],
    ['its first', ['2', '3']],
    ['every', []],
  ])('that drops %s entry', async (_, entries) => {
    const truncated = { ...(await segment()), entries };
    await expect(take(truncated)).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
  });

  test('that drops one in the middle and repeats another', async () => {
    const truncated = { ...(await segment()), entries: ['1', '1', '3'] };
    await expect(take(truncated)).rejects.toThrow(refused('SOURCE_FAILED', 'head'));
  });

  test('that begins later than what is known ends', async () => {
    const skipping = await segment(RIVERSIDE, 1);
    await expect(take(skipping)).rejects.toThrow(refused('SOURCE_FAILED', 'continues'));
  });

  test('that was signed by another institution', async () => {
    const genuine = await segment();
    const { keys, network: name } = network.feedOf(LAKESHORE);
    const hash = segmentHash(name, { ...genuine, seq: 3 });
    const forged = { ...genuine, signature: await keys.sign(hash) };
    await expect(take(forged)).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
  });

  test('that was signed for another network', async () => {
    const genuine = await segment();
    const hash = segmentHash('other', { ...genuine, seq: 3 });
    const replayed = { ...genuine, signature: await network.feedOf(RIVERSIDE).keys.sign(hash) };
    await expect(take(replayed)).rejects.toThrow(refused('SOURCE_FAILED', 'signature'));
  });

  test('without a signature, unless the digest on the ledger vouches for its head', async () => {
    const genuine = { ...(await segment()), signature: null };
    const heads = { feedHead: genuine.head, disclosureHead: ZERO_HEAD, evidenceHead: ZERO_HEAD };
    const digests = [{ ...CHAIN, slot: 0, round: 0, ...heads, pad: ZERO_HEAD }];
    await expect(take({ ...genuine, digests })).rejects.toThrow(
      refused('SOURCE_FAILED', 'signature'),
    );
    network.anchored(RIVERSIDE, digestOf(at(digests, 0)));
    for (const entries of [
      ['1', '2'],
      ['1', '4', '3'],
    ]) {
      const changed = take({ ...genuine, digests, entries });
      await expect(changed).rejects.toThrow(refused('SOURCE_FAILED', 'head'));
    }
    await take({ ...genuine, digests });
    expect(await withdrawnAt(LAKESHORE, 1n, 2n, 3n)).toEqual([true, true, true]);
  });

  test("of another institution's feed", async () => {
    await expect(take(await segment(), NORTHWIND)).rejects.toThrow(
      refused('SOURCE_FAILED', 'institution'),
    );
  });

  test('that tells another history than the one known, even signed', async () => {
    await take(await segment());
    const entries = ['1', '9', '3', '4'];
    const head = chainHeads(ZERO_HEAD, entries).at(-1) ?? ZERO_HEAD;
    const fork = await resigned({ ...(await segment()), entries, head });
    await expect(take(fork)).rejects.toThrow(refused('FEED_FORKED'));
    expect(await withdrawnAt(LAKESHORE, 2n, 9n)).toEqual([true, false]);
  });

  test.each([
    ['another key', { extra: 1 }],
    ['a number too large', { after: 2 ** 60 }],
    ['a negative place', { after: -1 }],
    ['a secret beyond the digits', { entries: ['1'.repeat(78)] }],
    ['a secret with a leading zero', { entries: ['01'] }],
    ['too many entries', { entries: Array.from({ length: 4_097 }, () => '1') }],
    ['no signature', { signature: undefined }],
  ])('with %s', async (_, changed) => {
    const malformed = { ...(await segment()), ...changed };
    await expect(take(malformed)).rejects.toThrow(refused('SOURCE_FAILED', 'shape'));
  });

  test.each([null, 7, 'segment', []])('that is %o', async (wire) => {
    await expect(take(wire)).rejects.toThrow(refused('SOURCE_FAILED', 'shape'));
  });
});

describe('a feed behind its anchored digest', () => {
  const requireComplete = () => requireCompleteFeed(network.feedOf(LAKESHORE));
  const sync = () => syncFeeds(network.feedOf(LAKESHORE), network.peers);

  test('is a gap after 120 s, and none once it is taken', async () => {
    await network.anchor(RIVERSIDE);
    await sync();
    requireComplete();
    network.silent.add(RIVERSIDE);
    await publish(RIVERSIDE, 1n);
    await network.anchor(RIVERSIDE);
    network.advance(120_000);
    requireComplete();
    network.advance(1);
    expect(requireComplete).toThrow(refused('FEED_GAP'));
    network.silent.clear();
    await sync();
    requireComplete();
    expect(await withdrawnAt(LAKESHORE, 1n)).toEqual([true]);
  });

  test('is a gap however often the institution anchors again meanwhile', async () => {
    await network.anchor(RIVERSIDE);
    await sync();
    network.silent.add(RIVERSIDE);
    for (let interval = 0; interval < 5; interval += 1) {
      await network.anchor(RIVERSIDE);
      network.advance(30_000);
      await sync();
    }
    expect(requireComplete).toThrow(refused('FEED_GAP'));
  });

  test('is a gap though it was anchored while its institution was being asked in vain', async () => {
    await network.anchor(RIVERSIDE);
    await sync();
    network.advance(60_000);
    const fetchSegment = async () => {
      await publish(RIVERSIDE, 1n);
      await network.anchor(RIVERSIDE);
      throw new Error('no answer');
    };
    await syncFeeds(network.feedOf(LAKESHORE), { ...network.peers, fetchSegment });
    network.advance(61_000);
    expect(requireComplete).toThrow(refused('FEED_GAP'));
  });

  test('is a gap at once in a node that has just started, and none if it had it before', async () => {
    await network.anchor(RIVERSIDE);
    await network.open(LAKESHORE);
    expect(requireComplete).toThrow(refused('FEED_GAP'));
    await sync();
    requireComplete();
    await network.open(LAKESHORE);
    requireComplete();
  });

  test('is healed by a relay that holds the segment', async () => {
    await publish(RIVERSIDE, 1n);
    await network.anchor(RIVERSIDE);
    await syncFeeds(network.feedOf(NORTHWIND), network.peers);
    network.silent.add(RIVERSIDE);
    await sync();
    requireComplete();
  });

  test('is a gap although a relay hands over an older segment', async () => {
    await publish(RIVERSIDE, 1n);
    const older = await segment();
    await publish(RIVERSIDE, 2n);
    await network.anchor(RIVERSIDE);
    network.lies.set(RIVERSIDE, () => older);
    network.silent.add(NORTHWIND);
    await sync();
    expect(requireComplete).toThrow(refused('FEED_GAP'));
  });

  test('is opened only by what is in the digest on the ledger, no matter who sends it', async () => {
    await publish(RIVERSIDE, 1n);
    const early = await segment();
    await publish(RIVERSIDE, 2n);
    await network.anchor(RIVERSIDE);
    const { digests } = await segment();
    // A copy that ends before the head that is in the digest is not whole, though the digest opens.
    await acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, { ...early, digests });
    expect(requireComplete).toThrow(refused('FEED_GAP'));
    const [opened] = digests;
    for (const lie of [{ feedHead: early.head }, { pad: ZERO_HEAD }, { round: 7 }]) {
      const changed = [{ ...opened, ...lie }];
      await acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, { ...early, digests: changed });
      expect(requireComplete).toThrow(refused('FEED_GAP'));
    }
    await acceptSegment(network.feedOf(LAKESHORE), RIVERSIDE, await segment(RIVERSIDE, 1));
    requireComplete();
  });
});

describe('an institution that lost its own feed', () => {
  test('publishes nothing until it has it back from the others, and then goes on', async () => {
    await publish(RIVERSIDE, 1n, 2n);
    await network.anchor(RIVERSIDE);
    await syncFeeds(network.feedOf(LAKESHORE), network.peers);
    const { db } = network.feedOf(RIVERSIDE);
    await db.transaction(async (tx) => {
      for (const table of FEED_TABLES) await tx.delete(table);
    });
    const restored = await network.open(RIVERSIDE);
    await expect(publish(RIVERSIDE, 3n)).rejects.toThrow(refused('FEED_GAP'));
    await syncFeeds(restored, network.peers);
    await publish(RIVERSIDE, 3n);
    expect((await segment()).entries).toEqual(['1', '2', '3']);
    // What it sealed and anchored nobody gives it back: its operator has to accept that.
    await expect(network.prepare(RIVERSIDE)).rejects.toThrow(refused('RESTORED_OLD'));
    await acceptRestored(db, at(network.institutions, 0), restored.clock.nowSeconds());
    await network.prepare(RIVERSIDE);
    await syncFeeds(network.feedOf(LAKESHORE), network.peers);
    expect(await withdrawnAt(LAKESHORE, 3n)).toEqual([true]);
  });
});
