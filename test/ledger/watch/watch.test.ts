import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clockOf } from '../../../src/core/clock.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import type { LedgerPins } from '../../../src/ledger/rpc/connection.js';
import type { HighWaterMark, HighWaterStore } from '../../../src/ledger/watch/high-water.js';
import type { LedgerSnapshot } from '../../../src/ledger/watch/snapshot.js';
import { type WatchOptions, watchLedger } from '../../../src/ledger/watch/watch.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import {
  at,
  deployNetwork,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

let chain: TestChain;
let network: SmallNetwork;
beforeAll(async () => {
  chain = await startChain();
  network = await deployNetwork(chain.anvil, 2);
});
afterAll(() => chain.end());

let nextRoot = 100n;
function anchor() {
  const account = at(network.accounts, 0);
  nextRoot += 1n;
  return anchorShard(network.register, {
    account,
    shardRoot: nextRoot,
    digest: newDigest(),
    acknowledgements: [],
  });
}

function watch(options: Partial<WatchOptions> = {}) {
  const { contract, pins } = network.register;
  return watchLedger({
    rpcUrls: [chain.anvil.url],
    rootOf,
    contract,
    pins,
    maxAgeMs: 60_000,
    pollMs: 50,
    // A test that chooses when to read must not be told of blocks in between.
    subscribe: false,
    ...options,
  });
}

function pinsWith(changed: Partial<LedgerPins>): LedgerPins {
  return { ...network.register.pins, ...changed };
}

function storeOf(mark?: HighWaterMark): HighWaterStore & { saved: HighWaterMark | undefined } {
  return {
    saved: mark,
    async load() {
      return this.saved;
    },
    async save(next) {
      this.saved = next;
    },
  };
}

describe('a watch', () => {
  test('shows a new epoch by itself, and tells each listener once until it ends', async () => {
    const watching = watch();
    await watching.ready;
    const heads: LedgerSnapshot[] = [];
    const heard = new Promise<void>((resolve) => {
      watching.onHead((snapshot) => {
        heads.push(snapshot);
        resolve();
      });
    });
    const { epoch, root } = await anchor();
    await heard;
    expect(heads).toHaveLength(1);
    expect(watching.current()).toMatchObject({ epoch, root });
    expect(watching.current().institutionById('institution-0')?.lastAnchor?.epoch).toBe(epoch);
    watching.stop();
  });

  test('reads at once for one who has just written', async () => {
    const watching = watch({ pollMs: 600_000 });
    await watching.ready;
    const { epoch } = await anchor();
    expect(watching.current().epoch).toBe(epoch - 1);
    expect((await watching.refresh()).epoch).toBe(epoch);
    watching.stop();
  });

  test('follows many epochs at once, and the roots before them stay known', async () => {
    const watching = watch({ pollMs: 600_000 });
    const before = await watching.ready;
    const anchored = [{ root: before.root, epoch: before.epoch }];
    for (let i = 0; i < 40; i++) anchored.push(await anchor());
    const after = await watching.refresh();
    expect(after.epoch).toBe(before.epoch + 40);
    const when = { nowSeconds: after.anchoredAt, statement: 'consent' } as const;
    for (const one of anchored.slice(0, -1)) {
      expect(after.acceptsRoot(one, when)).toBe('SUPERSEDED');
      expect(before.acceptsRoot(one, when)).toBe(
        one.epoch === before.epoch ? 'CURRENT' : 'UNKNOWN',
      );
    }
    watching.stop();
  });

  test('decides nothing on a snapshot older than its limit, and not before the first', async () => {
    let nowMs = Date.now();
    const clock = clockOf(() => nowMs);
    const watching = watch({ clock, pollMs: 600_000, maxAgeMs: 5_000 });
    expect(() => watching.current()).toThrow(
      expect.objectContaining({ code: 'LEDGER_UNAVAILABLE' }),
    );
    await watching.ready;
    nowMs += 5_000;
    expect(watching.current().epoch).toBeGreaterThanOrEqual(0);
    nowMs += 1;
    expect(() => watching.current()).toThrow(
      expect.objectContaining({ code: 'LEDGER_UNAVAILABLE' }),
    );
    // An unchanged ledger that was asked again is fresh again.
    await watching.refresh();
    expect(watching.current().epoch).toBeGreaterThanOrEqual(0);
    watching.stop();
  });
});

describe('a watch fails closed', () => {
  test.each([
    ['chainId', { chainId: 1 }],
    ['genesisHash', { genesisHash: `0x${'00'.repeat(32)}` as const }],
    ['codeHash', { codeHash: `0x${'00'.repeat(32)}` as const }],
  ])('on another %s than the pinned', async (pin, changed) => {
    const watching = watch({ pins: pinsWith(changed) });
    const mismatch = { code: 'LEDGER_MISMATCH', facts: { pin } };
    await expect(watching.ready).rejects.toMatchObject(mismatch);
    expect(() => watching.current()).toThrow(expect.objectContaining(mismatch));
    watching.stop();
  });

  test('on an address without code', async () => {
    const watching = watch({ contract: `0x${'42'.repeat(20)}` });
    await expect(watching.ready).rejects.toMatchObject({ code: 'LEDGER_MISMATCH' });
    watching.stop();
  });

  test('on a ledger that has not the final epoch, or has it with another root', async () => {
    const { epoch } = await anchor();
    for (const mark of [
      { epoch: epoch + 1, root: 5n },
      { epoch, root: 5n },
    ]) {
      const watching = watch({ highWater: storeOf(mark) });
      await expect(watching.ready).rejects.toMatchObject({ code: 'LEDGER_REGRESSED' });
      expect(() => watching.current()).toThrow(
        expect.objectContaining({ code: 'LEDGER_REGRESSED' }),
      );
      watching.stop();
    }
  });

  test('until the operator accepts the regress', async () => {
    const highWater = storeOf({ epoch: 1_000_000, root: 5n });
    const watching = watch({ highWater, pollMs: 600_000 });
    await expect(watching.ready).rejects.toMatchObject({ code: 'LEDGER_REGRESSED' });
    highWater.saved = undefined;
    await watching.refresh();
    expect(watching.current().epoch).toBeLessThan(1_000_000);
    watching.stop();
  });
});

describe.runIf(ownLedger('the ledger is set back'))('the high-water mark', () => {
  test('is saved only when an epoch is old enough to be final, without a new block too', async () => {
    const { epoch, root } = await anchor();
    let nowMs = Date.now();
    const highWater = storeOf();
    const watching = watch({
      highWater,
      finalitySeconds: 60,
      pollMs: 600_000,
      clock: clockOf(() => nowMs),
    });
    const snapshot = await watching.ready;
    expect(highWater.saved).toBeUndefined();
    nowMs += 50_000;
    await watching.refresh();
    expect(highWater.saved?.epoch ?? 0).toBeLessThan(epoch);
    nowMs += 60_000;
    await watching.refresh();
    expect(highWater.saved).toEqual({ epoch, root });
    expect(snapshot.epoch).toBe(epoch);
    watching.stop();
  });

  test('survives the process: a ledger set back is refused by the next watch', async () => {
    const highWater = storeOf();
    const snapshotId = await chainSnapshot();
    await anchor();
    const first = watch({ highWater, finalitySeconds: 0 });
    await first.ready;
    first.stop();
    await chainRevert(snapshotId);
    const second = watch({ highWater, finalitySeconds: 0 });
    await expect(second.ready).rejects.toMatchObject({ code: 'LEDGER_REGRESSED' });
    second.stop();
  });

  test('stops a running watch when what was final is gone', async () => {
    const watching = watch({ highWater: storeOf(), finalitySeconds: 0, pollMs: 600_000 });
    await watching.ready;
    const snapshotId = await chainSnapshot();
    await anchor();
    await watching.refresh();
    await chainRevert(snapshotId);
    await expect(watching.refresh()).rejects.toMatchObject({ code: 'LEDGER_REGRESSED' });
    expect(() => watching.current()).toThrow(expect.objectContaining({ code: 'LEDGER_REGRESSED' }));
    watching.stop();
  });

  test('lets an epoch that was not final be rewritten, and forgets its root', async () => {
    const watching = watch({ highWater: storeOf(), finalitySeconds: 3600, pollMs: 600_000 });
    await watching.ready;
    const snapshotId = await chainSnapshot();
    const lost = await anchor();
    await watching.refresh();
    await chainRevert(snapshotId);
    const rewritten = await anchor();
    expect(rewritten.epoch).toBe(lost.epoch);
    const snapshot = await watching.refresh();
    const when = { nowSeconds: snapshot.anchoredAt, statement: 'consent' } as const;
    expect(snapshot.acceptsRoot(lost, when)).toBe('UNKNOWN');
    expect(snapshot.acceptsRoot(rewritten, when)).toBe('CURRENT');
    watching.stop();
  });
});

// anvil's own means to set a chain back, as a reorganisation or a restored backup would.
const chainSnapshot = () => chain.anvil.ask('evm_snapshot').then(String);
const chainRevert = (id: string) => chain.anvil.ask('evm_revert', id);
