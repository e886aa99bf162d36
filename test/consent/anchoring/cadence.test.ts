import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ownHead } from '../../../src/cli/serve/node-anchoring.js';
import { createAnchoring } from '../../../src/consent/anchoring/anchoring.js';
import { databasePending } from '../../../src/consent/anchoring/pending-anchor.js';
import { registerPaths } from '../../../src/consent/shard/paths.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { decideTogether } from '../../../src/ledger/governance/votes.js';
import { Outbox, type OutboxOptions } from '../../../src/ledger/write/outbox.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { type Faults, faultsOf } from '../../support/ledger/faults.js';
import { at, silentLog } from '../../support/ledger/small-network.js';

const GWEI = 10n ** 9n;
const HOUR_MS = 3_600_000;
/** Governance gave no keys since the node was admitted. */
const SETTLED = { term: 1, isSlotEmptied: false };
const WITHIN = { timeout: 15_000, interval: 20 };

describe.runIf(ownLedger('blocks are held up and taken back'))('the cadence', () => {
  let network: Awaited<ReturnType<typeof openAnchoredNetwork>>;
  let faults: Faults;
  beforeAll(async () => {
    network = await openAnchoredNetwork(1);
    faults = faultsOf(network.chain.anvil);
  });
  afterAll(() => network.close());
  afterEach(async () => {
    await faults.setAutomine(true);
    await faults.setBaseFee(GWEI);
    await faults.mine();
    await network.watch.refresh();
  });

  const node = () => at(network.nodes, 0);
  const own = () => network.watch.current().requireInstitution(node().institution);

  /** Anchoring as a node has it: kept in its database, sent by its outbox. */
  function anchoring(cadenceMs: number, given: Partial<OutboxOptions> = {}) {
    const { feed, account } = node();
    const { register, watch, peers } = network;
    const outbox = new Outbox({
      register,
      account,
      store: databasePending(feed.db),
      feeLimitGwei: 500,
      pollMs: 20,
      giveUpAfterMs: 15_000,
      ...given,
    });
    const anchoring = createAnchoring({
      feed,
      peers,
      quorum: () => 0,
      cadenceMs,
      log: silentLog,
      settle: async () => {
        await outbox.settle();
        await watch.refresh();
      },
      anchorOnLedger: (anchor) =>
        anchorShard(register, { ...anchor, account, acknowledgements: [] }, (data, call) =>
          outbox.send(data, call),
        ),
    });
    return anchoring;
  }

  test('goes on where it was left: who starts again soon after its anchor waits for the next', async () => {
    await anchoring(HOUR_MS).anchorNow();
    await network.watch.refresh();
    const { anchors } = own();
    const running = anchoring(4_000).start();
    await sleep(1_500);
    expect((await network.watch.refresh()).institutions[0]?.anchors).toBe(anchors);
    const next = async () => (await network.watch.refresh()).institutions[0]?.anchors;
    await expect.poll(next, WITHIN).toBe(anchors + 1);
    await running.stop();
  });

  test('anchors again at once what a reorganisation took out, and serves it', async () => {
    const lossy = anchoring(HOUR_MS);
    await lossy.anchorNow();
    const confirmed = await network.watch.refresh();
    const { anchors } = own();
    const running = lossy.start();
    const end = network.watch.onHead((snapshot) =>
      lossy.noticeHead({
        blockNumber: snapshot.blockNumber,
        anchors: snapshot.requireInstitution(node().institution).anchors,
        ...SETTLED,
      }),
    );
    await faults.reorg(1);
    expect((await network.watch.refresh()).blockNumber).toBe(confirmed.blockNumber);
    const next = async () => (await network.watch.refresh()).institutions[0]?.anchors;
    await expect.poll(next, WITHIN).toBe(anchors);
    await running.stop();
    end();
    expect(await registerPaths(node().feed.db, node().ledger, 0)).toBeDefined();
    expect(lossy.health().lastError).toBeUndefined();
  });

  test('anchors again at once when its keys were renewed, once, and serves it', async () => {
    const renewed = anchoring(HOUR_MS);
    await renewed.anchorNow();
    await network.watch.refresh();
    const { anchors, term, account: address, issuer } = own();
    const running = renewed.start();
    const end = network.watch.onHead((snapshot) =>
      renewed.noticeHead(ownHead(snapshot, node().feed)),
    );
    const { register } = network;
    const rotation = { kind: 'ROTATE', slot: 0, account: address, issuer } as const;
    await decideTogether(register, [node().account], rotation);
    const next = async () => (await network.watch.refresh()).institutions[0];
    await expect.poll(async () => (await next())?.anchors, WITHIN).toBe(anchors + 1);
    expect(await next()).toMatchObject({ term: term + 1, issuer });
    expect(await registerPaths(node().feed.db, node().ledger, 0)).toMatchObject({
      issuer: { term: String(term + 1) },
    });
    await faults.mine();
    await sleep(500);
    expect((await next())?.anchors).toBe(anchors + 1);
    await running.stop();
    end();
    expect(renewed.health().lastError).toBeUndefined();
  });

  test('is due at once where a node starts with an emptied slot', async () => {
    const { account: address, issuer, anchors } = own();
    const rotation = { kind: 'ROTATE', slot: 0, account: address, issuer } as const;
    await decideTogether(network.register, [node().account], rotation);
    await network.watch.refresh();
    expect(own().lastAnchor?.shardRoot).toBeUndefined();
    const running = anchoring(HOUR_MS).start();
    const next = async () => (await network.watch.refresh()).institutions[0]?.anchors;
    await expect.poll(next, WITHIN).toBe(anchors + 1);
    await running.stop();
  });

  test('is not hurried by a block older than the anchor, nor once it is stopped', async () => {
    const calm = anchoring(HOUR_MS);
    const running = calm.start();
    await calm.anchorNow();
    const { blockNumber } = await network.watch.refresh();
    const { anchors } = own();
    calm.noticeHead({ blockNumber: blockNumber - 1, anchors: anchors - 1, ...SETTLED });
    await running.stop();
    calm.noticeHead({ blockNumber, anchors: anchors - 1, ...SETTLED });
    await sleep(500);
    expect((await network.watch.refresh()).institutions[0]?.anchors).toBe(anchors);
  });

  test('does the interval over whose place an earlier anchor took at the last moment', async () => {
    await faults.setBaseFee(8n * GWEI);
    await faults.mine();
    const { baseFeePerGas } = await network.register.ledger.client.getBlock();
    const feeLimitGwei = Math.ceil(Number(2n * (baseFeePerGas ?? 0n)) / 1e9) + 1;
    const { anchors } = own();
    await faults.setAutomine(false);
    // Its fee is at the limit, so nothing can take its place.
    const first = anchoring(HOUR_MS, { feeLimitGwei, giveUpAfterMs: 100 });
    await expect(first.anchorNow()).rejects.toMatchObject({ code: 'TRANSACTION_STUCK' });
    expect(first.health()).toMatchObject({ lastError: 'TRANSACTION_STUCK' });
    const bids = (await databasePending(node().feed.db).load())?.bids;
    const second = anchoring(HOUR_MS, { feeLimitGwei });
    const done = second.anchorNow();
    await sleep(1_000);
    expect((await databasePending(node().feed.db).load())?.bids).toEqual(bids);
    await faults.mine();
    await faults.setAutomine(true);
    await done;
    await network.watch.refresh();
    expect(own().anchors).toBe(anchors + 2);
    expect(second.health().lastError).toBeUndefined();
    expect(await registerPaths(node().feed.db, node().ledger, 0)).toBeDefined();
  });

  test('says in its health that the account has no funds, and goes on when it has', async () => {
    const poor = anchoring(HOUR_MS);
    await faults.setBalance(node().account.address, 1n);
    await expect(poor.anchorNow()).rejects.toMatchObject({ code: 'ACCOUNT_UNFUNDED' });
    expect(poor.health().lastError).toBe('ACCOUNT_UNFUNDED');
    await faults.setBalance(node().account.address, 10n ** 20n);
    await poor.anchorNow();
    expect(poor.health().lastError).toBeUndefined();
  });

  test('of one that has stopped shows by age, to everybody who reads the ledger', async () => {
    await anchoring(HOUR_MS).anchorNow();
    const snapshot = await network.watch.refresh();
    const anchoredAt = own().lastAnchor?.anchoredAt ?? 0;
    const lateAt = (seconds: number) => snapshot.lateInstitutions(seconds, 90).map(({ id }) => id);
    expect(lateAt(anchoredAt + 90)).toEqual([]);
    expect(lateAt(anchoredAt + 91)).toEqual([node().institution]);
  });

  test('keeps every fee exactly, though it outgrows a JSON number', async () => {
    const store = databasePending(node().feed.db);
    const kept = await store.load();
    const bid = { ...at(kept?.bids ?? [], 0), maxFeePerGas: 2n ** 80n + 1n };
    const changed = { account: node().account.address, nonce: 7, bids: [bid] };
    await store.save(changed);
    expect(await store.load()).toEqual(changed);
  });
});
