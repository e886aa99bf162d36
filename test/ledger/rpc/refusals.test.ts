import { copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../../../src/ledger/anvil/anvil.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import type { Register } from '../../../src/ledger/rpc/connection.js';
import { addressesIn } from '../../../src/ledger/rpc/linked-code.js';
import type { HighWaterMark, HighWaterStore } from '../../../src/ledger/watch/high-water.js';
import {
  type LedgerWatch,
  type WatchOptions,
  watchLedger,
} from '../../../src/ledger/watch/watch.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { faultsOf } from '../../support/ledger/faults.js';
import {
  at,
  CHAIN_ID,
  deployNetwork,
  newDigest,
  rootOf,
  type SmallNetwork,
  silentLog,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

/** That the register is linked to. */
const LIBRARIES = 2;
const WITHIN = { timeout: 30_000, interval: 25 };

/** Each fault happens to a ledger that a watch has been following, over the URL at which it found it. */
describe.runIf(ownLedger('the ledger is killed, set back and replaced'))('a watch refuses', () => {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function open() {
    const chain = await startChain({ saveEveryMs: 600_000 });
    endings.push(() => chain.end());
    const network = await deployNetwork(chain.anvil, 1);
    return { chain, network, faults: faultsOf(chain.anvil) };
  }

  function watch({ register }: SmallNetwork, options: Partial<WatchOptions> = {}): LedgerWatch {
    const { contract, pins } = register;
    const watching = watchLedger({
      rpcUrls: [rpcUrlOf(register)],
      rootOf,
      contract,
      pins,
      maxAgeMs: 60_000,
      pollMs: 50,
      highWater: memoryMark(),
      finalitySeconds: 0,
      maxHeadAgeMs: 600_000,
      ...options,
    });
    endings.push(() => watching.stop());
    return watching;
  }

  let shardRoot = 10n;
  function anchor({ register, accounts }: SmallNetwork) {
    shardRoot += 1n;
    const account = at(accounts, 0);
    return anchorShard(register, { account, shardRoot, digest: newDigest(), acknowledgements: [] });
  }

  /** Another anvil where this one was, from that copy of a state or from nothing. */
  async function startInPlace(chain: TestChain, options: { chainId?: number; state?: string }) {
    const { chainId = CHAIN_ID, state } = options;
    const stateFile = state ?? `${chain.folder}/another.json.gz`;
    const { port } = chain;
    const anvil: Anvil = await startAnvil({ stateFile, port, chainId, log: silentLog });
    endings.push(() => anvil.stop());
  }

  async function saveAs(chain: TestChain, name: string): Promise<string> {
    await chain.anvil.dumpState();
    const copy = `${chain.folder}/${name}`;
    await copyFile(chain.stateFile, copy);
    return copy;
  }

  const codeOfNow = (watching: LedgerWatch) => () => {
    try {
      watching.current();
      return 'OK';
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };

  test('LEDGER_UNAVAILABLE a ledger that was killed, and takes it again when it is back', async () => {
    const { chain, network } = await open();
    const watching = watch(network, { maxAgeMs: 1_000 });
    await watching.ready;
    await chain.anvil.stop(); // By SIGKILL, and without the supervisor that would start it again.
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_UNAVAILABLE');
    await startInPlace(chain, { state: chain.stateFile });
    await expect.poll(codeOfNow(watching), WITHIN).toBe('OK');
  });

  test('LEDGER_UNAVAILABLE a head that stands still while the ledger answers', async () => {
    const { network, faults } = await open();
    const watching = watch(network, { maxHeadAgeMs: 2_500 });
    await watching.ready;
    await faults.mine();
    await expect.poll(codeOfNow(watching), WITHIN).toBe('OK');
    await faults.setAutomine(false);
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_UNAVAILABLE');
    // The caller that is to move it on may still read.
    expect(watching.latest().epoch).toBe(0);
    await faults.mine();
    await expect.poll(codeOfNow(watching), WITHIN).toBe('OK');
  });

  test('LEDGER_UNAVAILABLE a head that stands still under a time set far ahead', async () => {
    const { network, faults } = await open();
    const watching = watch(network, { maxHeadAgeMs: 2_500 });
    await watching.ready;
    await faults.increaseTime(86_400);
    await faults.mine();
    await expect.poll(() => watching.latest().blockAtMs > Date.now(), WITHIN).toBe(true);
    await faults.setAutomine(false);
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_UNAVAILABLE');
  });

  test('LEDGER_UNAVAILABLE an old head at once, though this process has just begun', async () => {
    const { network, faults } = await open();
    await faults.setAutomine(false);
    await sleep(2_500);
    const watching = watch(network, { maxHeadAgeMs: 1_000 });
    await watching.ready;
    expect(codeOfNow(watching)()).toBe('LEDGER_UNAVAILABLE');
  });

  test('LEDGER_REGRESSED a reorganisation deeper than finality', async () => {
    const { network, faults } = await open();
    const watching = watch(network);
    await watching.ready;
    const { epoch } = await anchor(network);
    await expect.poll(() => watching.latest().epoch, WITHIN).toBe(epoch);
    await faults.reorg(1);
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_REGRESSED');
  });

  test('nothing for a reorganisation that finality allows, but the root that it took', async () => {
    const { network, faults } = await open();
    const watching = watch(network, { finalitySeconds: 3_600 });
    await watching.ready;
    const lost = await anchor(network);
    await expect.poll(() => watching.latest().epoch, WITHIN).toBe(lost.epoch);
    await faults.reorg(1);
    await expect.poll(() => watching.latest().epoch, WITHIN).toBe(lost.epoch - 1);
    const snapshot = watching.current();
    const when = { nowSeconds: snapshot.anchoredAt, statement: 'consent' } as const;
    expect(snapshot.acceptsRoot(lost, when)).toBe('UNKNOWN');
  });

  test('LEDGER_REGRESSED a ledger rolled back where it stands', async () => {
    const { network, faults } = await open();
    const watching = watch(network);
    await watching.ready;
    const snapshot = await faults.snapshot();
    const { epoch } = await anchor(network);
    await expect.poll(() => watching.latest().epoch, WITHIN).toBe(epoch);
    await faults.revert(snapshot);
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_REGRESSED');
  });

  test('LEDGER_REGRESSED a ledger started again from an older state, also after its own start', async () => {
    const { chain, network } = await open();
    const highWater = memoryMark();
    const watching = watch(network, { highWater });
    await watching.ready;
    const older = await saveAs(chain, 'older.json.gz');
    const { epoch } = await anchor(network);
    await expect.poll(() => watching.latest().epoch, WITHIN).toBe(epoch);
    await chain.anvil.stop();
    await startInPlace(chain, { state: older });
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_REGRESSED');
    await expect(watch(network, { highWater }).ready).rejects.toMatchObject({
      code: 'LEDGER_REGRESSED',
    });
  });

  test('LEDGER_MISMATCH another chain at the same address', async () => {
    const { chain, network } = await open();
    const watching = watch(network);
    await watching.ready;
    await chain.anvil.stop();
    await startInPlace(chain, { chainId: CHAIN_ID + 1 });
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_MISMATCH');
    await expect(anchor(network)).rejects.toMatchObject({
      code: 'LEDGER_MISMATCH',
    });
  });

  test('LEDGER_MISMATCH a chain of the same id that began otherwise', async () => {
    const { chain, network } = await open();
    const watching = watch(network);
    await watching.ready;
    await chain.anvil.stop();
    await startInPlace(chain, {});
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_MISMATCH');
    await expect(anchor(network)).rejects.toMatchObject({ code: 'LEDGER_MISMATCH' });
  });

  test('LEDGER_MISMATCH a ledger from before the contract was there', async () => {
    const { chain } = await open();
    const before = await saveAs(chain, 'before.json.gz');
    const network = await deployNetwork(chain.anvil, 1);
    const watching = watch(network);
    await watching.ready;
    await chain.anvil.stop();
    await startInPlace(chain, { state: before });
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_MISMATCH');
    await expect(anchor(network)).rejects.toMatchObject({
      code: 'LEDGER_MISMATCH',
      facts: { pin: 'code' },
    });
  });

  test('LEDGER_MISMATCH a library whose code was exchanged, from the next block on', async () => {
    const { network, faults } = await open();
    const { client } = network.register.ledger;
    const watching = watch(network);
    await watching.ready;
    const code = await client.getCode({ address: network.register.contract });
    const linked: `0x${string}`[] = [];
    for (const address of addressesIn(code ?? '0x')) {
      if ((await client.getCode({ address })) !== undefined) linked.push(address);
    }
    expect(linked.length).toBe(LIBRARIES);
    await faults.setCode(at(linked, 0), '0x6001');
    await faults.mine();
    await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_MISMATCH');
    await expect(anchor(network)).rejects.toMatchObject({
      code: 'LEDGER_MISMATCH',
      facts: { pin: 'linkedCodeHash' },
    });
  });

  test('LEDGER_MISMATCH a contract that is gone or another, from the next block on', async () => {
    const { network, faults } = await open();
    const { contract } = network.register;
    const watching = watch(network);
    await watching.ready;
    for (const code of ['0x', '0x6001'] as const) {
      await faults.setCode(contract, code);
      await faults.mine();
      await expect.poll(codeOfNow(watching), WITHIN).toBe('LEDGER_MISMATCH');
    }
  });
});

function rpcUrlOf({ ledger }: Register): string {
  return at(ledger.client.chain.rpcUrls.default.http, 0);
}

function memoryMark(): HighWaterStore {
  let mark: HighWaterMark | undefined;
  return {
    load: async () => mark,
    save: async (next) => {
      mark = next;
    },
  };
}
