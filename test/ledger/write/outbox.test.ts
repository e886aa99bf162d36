import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { watchLedger } from '../../../src/ledger/watch/watch.js';
import type { LedgerAccount } from '../../../src/ledger/write/account.js';
import { Outbox, type OutboxOptions } from '../../../src/ledger/write/outbox.js';
import type { PendingChainTransaction, PendingStore } from '../../../src/ledger/write/pending.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { type Faults, faultsOf } from '../../support/ledger/faults.js';
import {
  at,
  deployNetwork,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

const GWEI = 10n ** 9n;
/** Of a busy machine. */
const WITHIN = { timeout: 15_000, interval: 20 };
const QUICK = { pollMs: 20, giveUpAfterMs: 600, replaceAfterMs: 200 };

interface MemoryStore extends PendingStore {
  kept: PendingChainTransaction | undefined;
  loads: number;
}

function memoryStore(): MemoryStore {
  return {
    kept: undefined,
    loads: 0,
    async load() {
      this.loads += 1;
      return this.kept;
    },
    async save(pending) {
      this.kept = pending;
    },
  };
}

test('an outbox knows what was mined, and that nothing was sent before the first', async () => {
  const chain = await startChain();
  const { register, accounts } = await deployNetwork(chain.anvil, 1);
  const account = at(accounts, 0);
  const box = new Outbox({ register, account, store: memoryStore(), feeLimitGwei: 500 });
  expect(await box.settle()).toBe('NONE');
  const { epoch } = await anchorShard(
    register,
    { account, shardRoot: 11n, digest: newDigest(), acknowledgements: [] },
    (data, call) => box.send(data, call),
  );
  expect(epoch).toBe(1);
  expect(await box.settle()).toBe('MINED');
  await chain.end();
});

describe.runIf(ownLedger('blocks and pools are held up'))('an outbox', () => {
  let chain: TestChain;
  let network: SmallNetwork;
  let account: LedgerAccount;
  let faults: Faults;
  let store: MemoryStore;
  let mining: NodeJS.Timeout | undefined;
  beforeAll(async () => {
    chain = await startChain();
  });
  afterAll(() => chain.end());
  beforeEach(async () => {
    // The founder admits all of them, so that their accounts have sent nothing yet.
    network = await deployNetwork(chain.anvil, 3, 0, { voteThreshold: 3 });
    account = at(network.accounts, 0);
    faults = faultsOf(chain.anvil);
    store = memoryStore();
  });
  afterEach(async () => {
    clearInterval(mining);
    await faults.setAutomine(true);
    await faults.setBaseFee(GWEI);
    await faults.mine();
  });

  const client = () => network.register.ledger.client;
  const mineEvery = (ms: number) => {
    mining = setInterval(() => void faults.mine().catch(() => undefined), ms);
  };

  function outbox(given: Partial<OutboxOptions> = {}): Outbox {
    const { register } = network;
    return new Outbox({ register, account, store, feeLimitGwei: 500, ...QUICK, ...given });
  }

  function anchor(box: Outbox, shardRoot: bigint, by = account) {
    return anchorShard(
      network.register,
      { account: by, shardRoot, digest: newDigest(), acknowledgements: [] },
      (data, call) => box.send(data, call),
    );
  }

  async function institutions() {
    const { contract, pins } = network.register;
    const rpcUrls = [chain.anvil.url];
    const watch = watchLedger({
      rpcUrls,
      rootOf,
      contract,
      pins,
      maxAgeMs: 60_000,
      pollMs: 60_000,
      subscribe: false,
    });
    const { institutions } = await watch.ready.finally(() => watch.stop());
    return institutions;
  }
  const anchored = async () => at(await institutions(), 0);
  const nonceNow = () => client().getTransactionCount({ address: account.address });
  const isPooled = async (bid = 0) => {
    const hash = at(store.kept?.bids ?? [], bid).hash;
    const found = await client()
      .getTransaction({ hash })
      .catch(() => undefined);
    return found?.blockHash === null;
  };
  const stuck = { code: 'TRANSACTION_STUCK' };

  test('sends nothing that it could not keep first', async () => {
    const full: PendingStore = {
      load: async () => undefined,
      save: () => Promise.reject(new Error('the disk is full')),
    };
    await expect(anchor(outbox({ store: full }), 11n)).rejects.toThrow();
    await faults.mine();
    expect(await nonceNow()).toBe(0);
  });

  test('gives up what no block takes, and the next call takes its place', async () => {
    await faults.setAutomine(false);
    await expect(anchor(outbox(), 11n)).rejects.toMatchObject(stuck);
    expect(await outbox().settle()).toBe('OPEN');
    const next = anchor(outbox({ giveUpAfterMs: 20_000 }), 12n);
    await expect.poll(() => store.kept?.bids.length, WITHIN).toBe(2);
    await expect.poll(() => isPooled(1), WITHIN).toBe(true);
    mineEvery(100);
    await next;
    expect(await nonceNow()).toBe(1);
    expect(await anchored()).toMatchObject({ anchors: 1, lastAnchor: { shardRoot: 12n } });
    const [first, second] = store.kept?.bids ?? [];
    const least = ((first?.maxFeePerGas ?? 0n) * 1125n) / 1000n;
    expect(second?.maxFeePerGas).toBeGreaterThanOrEqual(least);
  });

  test('offers no more while no block comes at all: no fee would help', async () => {
    await faults.setAutomine(false);
    await expect(anchor(outbox(), 11n)).rejects.toMatchObject(stuck);
    expect(store.kept?.bids).toHaveLength(1);
  });

  test('offers more when blocks come without it, at least 12.5 %, and what the base fee asks', async () => {
    await faults.setAutomine(false);
    const sent = anchor(outbox({ giveUpAfterMs: 20_000 }), 11n);
    await expect.poll(() => store.kept && isPooled(), WITHIN).toBe(true);
    const first = at(store.kept?.bids ?? [], 0);
    await faults.setBaseFee(first.maxFeePerGas * 3n);
    mineEvery(250);
    await sent;
    const bids = store.kept?.bids ?? [];
    expect(bids.length).toBeGreaterThan(1);
    expect(bids.length).toBeLessThanOrEqual(8);
    for (const [i, { maxFeePerGas, maxPriorityFeePerGas }] of bids.slice(1).entries()) {
      const before = at(bids, i);
      expect(maxFeePerGas * 1000n).toBeGreaterThanOrEqual(before.maxFeePerGas * 1125n);
      expect(maxPriorityFeePerGas * 1000n).toBeGreaterThanOrEqual(
        before.maxPriorityFeePerGas * 1125n,
      );
    }
    expect((await anchored()).anchors).toBe(1);
  });

  test('sends again what the pool dropped', async () => {
    await faults.setAutomine(false);
    const sent = anchor(outbox({ giveUpAfterMs: 20_000 }), 11n);
    await expect.poll(() => store.kept && isPooled(), WITHIN).toBe(true);
    await faults.drop(at(store.kept?.bids ?? [], 0).hash);
    expect(await isPooled()).toBe(false);
    await expect.poll(() => isPooled((store.kept?.bids.length ?? 1) - 1), WITHIN).toBe(true);
    await faults.mine();
    await sent;
    expect(await anchored()).toMatchObject({ anchors: 1, lastAnchor: { shardRoot: 11n } });
  });

  test('makes eight bids at most; the eighth stays, and is told from the call that came later', async () => {
    await faults.setAutomine(false);
    const brief = { giveUpAfterMs: 50 };
    for (let i = 0; i < 10; i += 1) {
      await expect(anchor(outbox(brief), 100n + BigInt(i))).rejects.toMatchObject(stuck);
    }
    expect(store.kept?.bids).toHaveLength(8);
    const { loads } = store;
    const late = anchor(outbox({ giveUpAfterMs: 20_000 }), 200n);
    late.catch(() => undefined);
    await expect.poll(() => store.loads, WITHIN).toBeGreaterThan(loads);
    mineEvery(200);
    await expect(late).rejects.toMatchObject({
      code: 'TRANSACTION_REPLACED',
      facts: { by: 'EARLIER' },
    });
    expect(await outbox().settle()).toBe('MINED');
    expect(await anchored()).toMatchObject({ anchors: 1, lastAnchor: { shardRoot: 107n } });
    await anchor(outbox({ giveUpAfterMs: 20_000 }), 201n);
    expect(await anchored()).toMatchObject({ anchors: 2, lastAnchor: { shardRoot: 201n } });
  });

  test('offers nothing where the base fee is above its limit', async () => {
    await faults.setBaseFee(7n * GWEI);
    await faults.mine();
    await expect(anchor(outbox({ feeLimitGwei: 3 }), 11n)).rejects.toMatchObject({
      code: 'FEE_ABOVE_LIMIT',
      facts: { limitGwei: 3 },
    });
    expect([await nonceNow(), store.kept]).toEqual([0, undefined]);
  });

  test('never offers more than its limit, though it is stuck', async () => {
    await faults.setAutomine(false);
    const { baseFeePerGas } = await client().getBlock();
    const limit = Number((2n * (baseFeePerGas ?? 0n)) / GWEI) + 3;
    for (let i = 0; i < 8; i += 1) {
      const box = outbox({ giveUpAfterMs: 50, feeLimitGwei: limit });
      await expect(anchor(box, 100n + BigInt(i))).rejects.toMatchObject(stuck);
    }
    const fees = (store.kept?.bids ?? []).map(({ maxFeePerGas }) => maxFeePerGas);
    expect(fees.length).toBeGreaterThan(1);
    expect(fees.length).toBeLessThan(8);
    for (const fee of fees) expect(fee).toBeLessThanOrEqual(BigInt(limit) * GWEI);
  });

  test('says of an account without funds that it is, and goes on under the same nonce with some', async () => {
    await faults.setBalance(account.address, 1n);
    await expect(anchor(outbox(), 11n)).rejects.toMatchObject({ code: 'ACCOUNT_UNFUNDED' });
    await faults.setBalance(account.address, 10n ** 18n);
    await anchor(outbox(), 12n);
    expect([await nonceNow(), (await anchored()).anchors]).toEqual([1, 1]);
  });

  describe('whose key is used elsewhere', () => {
    /** By who has the key and not the store. */
    async function takeNonce(nonce: number): Promise<void> {
      const { chainId } = network.register.pins;
      const serializedTransaction = await account.signTransaction({
        type: 'eip1559',
        chainId,
        nonce,
        to: account.address,
        gas: 21_000n,
        maxFeePerGas: 90n * GWEI,
        maxPriorityFeePerGas: 80n * GWEI,
      });
      await client().sendRawTransaction({ serializedTransaction });
    }

    test('says that its transaction was replaced, and anchors under the next nonce', async () => {
      await faults.setAutomine(false);
      const sent = anchor(outbox({ giveUpAfterMs: 20_000 }), 11n);
      const refused = expect(sent).rejects.toMatchObject({
        code: 'TRANSACTION_REPLACED',
        facts: { by: 'STRANGER' },
      });
      await expect.poll(() => store.kept && isPooled(), WITHIN).toBe(true);
      await takeNonce(0);
      await faults.mine();
      await refused;
      expect(await outbox().settle()).toBe('TAKEN');
      await faults.setAutomine(true);
      await anchor(outbox(), 12n);
      expect(await anchored()).toMatchObject({ anchors: 1, lastAnchor: { shardRoot: 12n } });
    });

    test('does not queue behind what it did not send: it outbids it', async () => {
      await faults.setAutomine(false);
      await expect(anchor(outbox(), 11n)).rejects.toMatchObject(stuck);
      store.kept = undefined; // The database came from a backup.
      const sent = anchor(outbox({ giveUpAfterMs: 20_000 }), 12n);
      await expect.poll(() => store.kept && isPooled(), WITHIN).toBe(true);
      await faults.mine();
      await sent;
      expect(await nonceNow()).toBe(1);
      expect(await anchored()).toMatchObject({ anchors: 1, lastAnchor: { shardRoot: 12n } });
    });
  });

  test('anchors again under the same nonce what a reorganisation took out', async () => {
    await anchor(outbox(), 11n);
    await faults.reorg(1);
    expect((await anchored()).anchors).toBe(0);
    expect(await outbox().settle()).toBe('OPEN');
    await anchor(outbox(), 12n);
    expect(await nonceNow()).toBe(1);
    expect(await anchored()).toMatchObject({ anchors: 1, lastAnchor: { shardRoot: 12n } });
  });

  test('closes the gap that a reorganisation left below what is pending', async () => {
    await anchor(outbox(), 11n);
    await faults.setAutomine(false);
    await expect(anchor(outbox(), 12n)).rejects.toMatchObject(stuck);
    expect(store.kept?.nonce).toBe(1);
    await faults.reorg(1);
    mineEvery(100);
    await anchor(outbox({ giveUpAfterMs: 20_000 }), 13n);
    expect(store.kept?.nonce).toBe(0);
    expect((await anchored()).anchors).toBeGreaterThanOrEqual(1);
  });

  test('ends what it waits for when its process is told to stop, and keeps it', async () => {
    await faults.setAutomine(false);
    const box = outbox({ giveUpAfterMs: 600_000 });
    const sent = anchor(box, 11n);
    await expect.poll(() => store.kept && isPooled(), WITHIN).toBe(true);
    box.stop();
    await expect(sent).rejects.toMatchObject(stuck);
    expect(await outbox().settle()).toBe('OPEN');
  });

  test('of one institution does not disturb the others’: three anchors in one block', async () => {
    await faults.setAutomine(false);
    const boxes = network.accounts.map((by) => ({
      by,
      store: memoryStore(),
      box: (of: MemoryStore) =>
        outbox({ account: by, store: of, giveUpAfterMs: 20_000, replaceAfterMs: 20_000 }),
    }));
    const sent = boxes.map(({ by, box, store: of }, slot) =>
      anchor(box(of), 11n + BigInt(slot), by),
    );
    await expect
      .poll(() => boxes.every(({ store: of }) => of.kept !== undefined), WITHIN)
      .toBe(true);
    for (const { store: of } of boxes) {
      const { hash } = at(of.kept?.bids ?? [], 0);
      await expect
        .poll(() =>
          client()
            .getTransaction({ hash })
            .catch(() => undefined),
        )
        .toBeTruthy();
    }
    const before = await client().getBlockNumber();
    await faults.mine();
    const results = await Promise.all(sent);
    const { hash: blockHash, transactions } = await client().getBlock();
    expect(transactions).toHaveLength(3);
    expect(results.map(({ blockNumber }) => blockNumber)).toEqual(
      Array(3).fill(Number(before) + 1),
    );
    expect(results.map(({ epoch }) => epoch).sort()).toEqual([1, 2, 3]);
    const listed = await institutions();
    for (const [slot, { epoch }] of results.entries()) {
      expect(at(listed, slot)).toMatchObject({
        anchors: 1,
        lastAnchor: { shardRoot: 11n + BigInt(slot), epoch },
      });
    }
    expect(blockHash).toBeTruthy();
  });
});
