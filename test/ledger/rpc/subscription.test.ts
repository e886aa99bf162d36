import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { openRegister } from '../../../src/ledger/rpc/connection.js';
import { type WatchOptions, watchLedger } from '../../../src/ledger/watch/watch.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { type Relay, startRelay } from '../../support/ledger/relay.js';
import {
  at,
  CHAIN_ID,
  deployNetwork,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

const run = promisify(execFile);
const POLL_MS = 50;
/** So seldom that whatever is seen was announced. */
const NEVER_MS = 600_000;

describe.runIf(ownLedger('a wire to the ledger is cut and jammed'))('a subscription', () => {
  let chain: TestChain;
  let network: SmallNetwork;
  let relay: Relay;
  const endings: (() => unknown)[] = [];
  beforeAll(async () => {
    chain = await startChain();
    network = await deployNetwork(chain.anvil, 1);
  });
  afterAll(() => chain.end());
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function watch(options: Partial<WatchOptions> = {}) {
    relay = await startRelay(chain.port);
    endings.push(() => relay.end());
    const { contract, pins } = network.register;
    const rpcUrls = [`http://127.0.0.1:${relay.port}`];
    const watching = watchLedger({
      rpcUrls,
      rootOf,
      contract,
      pins,
      maxAgeMs: 60_000,
      pollMs: POLL_MS,
      ...options,
    });
    endings.push(() => watching.stop());
    await watching.ready;
    await expect.poll(() => watching.isSubscribed(), WITHIN).toBe(options.subscribe ?? true);
    return watching;
  }

  let shardRoot = 100n;
  function anchor(register = network.register) {
    shardRoot += 1n;
    const account = at(network.accounts, 0);
    return anchorShard(register, { account, shardRoot, digest: newDigest(), acknowledgements: [] });
  }

  const WITHIN = { timeout: 10_000, interval: 20 };

  test('tells of a block at once, however seldom the ledger is polled', async () => {
    const watching = await watch({ pollMs: NEVER_MS });
    const { epoch } = await anchor();
    await expect.poll(() => watching.current().epoch, WITHIN).toBe(epoch);
  });

  test('is not begun where the setting says so', async () => {
    const watching = await watch({ pollMs: NEVER_MS, subscribe: false });
    expect([relay.sockets(), watching.isSubscribed()]).toEqual([0, false]);
  });

  test('that is cut is made up for by polling, and taken up again when it can be', async () => {
    const watching = await watch();
    relay.cut();
    await expect.poll(() => watching.isSubscribed(), WITHIN).toBe(false);
    const meanwhile = await anchor();
    await expect.poll(() => watching.current().epoch, WITHIN).toBe(meanwhile.epoch);
    expect(watching.isSubscribed()).toBe(false);
    relay.mend();
    await expect.poll(() => watching.isSubscribed(), WITHIN).toBe(true);
  });

  test('sees what came while it was cut as soon as it stands again', async () => {
    const watching = await watch({ pollMs: NEVER_MS });
    relay.cut();
    await expect.poll(() => watching.isSubscribed(), WITHIN).toBe(false);
    const missed = await anchor();
    expect(watching.current().epoch).toBe(missed.epoch - 1);
    relay.mend();
    await expect.poll(() => watching.current().epoch, WITHIN).toBe(missed.epoch);
  });

  test('whose socket is open and delivers nothing is noticed, and opened again', async () => {
    const watching = await watch();
    expect(relay.sockets()).toBe(1);
    relay.jam();
    const unheard = await anchor();
    await expect.poll(() => watching.current().epoch, WITHIN).toBe(unheard.epoch);
    await expect.poll(() => relay.sockets(), WITHIN).toBe(2);
    await expect.poll(() => watching.isSubscribed(), WITHIN).toBe(true);
  });

  test('that is stopped leaves no socket, though it was still being opened', async () => {
    const watching = await watch();
    relay.cut();
    await expect.poll(() => watching.isSubscribed(), WITHIN).toBe(false);
    relay.mend();
    const before = relay.sockets();
    await expect.poll(() => relay.sockets(), WITHIN).toBe(before + 1);
    watching.stop();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect([relay.sockets(), watching.isSubscribed()]).toEqual([before + 1, false]);
  });

  test('and everything else goes over a ws URL too, refusals by name included', async () => {
    const rpcUrl = chain.anvil.url.replace('http', 'ws');
    const { contract, pins } = network.register;
    const register = openRegister(rpcUrl, contract, pins);
    endings.push(() => register.ledger.close());
    const watching = await watch({ rpcUrls: [rpcUrl], pollMs: NEVER_MS });
    const { epoch } = await anchor(register);
    await expect.poll(() => watching.current().epoch, WITHIN).toBe(epoch);
    const refused = anchorShard(register, {
      account: at(network.accounts, 0),
      shardRoot: 0n,
      digest: newDigest(),
      acknowledgements: [],
    });
    await expect(refused).rejects.toMatchObject({
      code: 'LEDGER_REFUSED',
      facts: { error: 'FieldOutOfRange' },
    });
  });

  test('a ws URL at which nobody answers is LEDGER_UNAVAILABLE, until somebody does', async () => {
    const wire = await startRelay(chain.port);
    endings.push(() => wire.end());
    wire.cut();
    const { contract, pins } = network.register;
    const watching = watchLedger({
      rpcUrls: [`ws://127.0.0.1:${wire.port}`],
      rootOf,
      contract,
      pins,
      maxAgeMs: 60_000,
      pollMs: POLL_MS,
    });
    endings.push(() => watching.stop());
    await expect(watching.ready).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    wire.mend();
    await expect.poll(() => isKnown(() => watching.current()), WITHIN).toBe(true);
  });

  test('an open socket keeps no process running', async () => {
    const script = fileURLToPath(
      new URL('../../support/ledger/reader-process.ts', import.meta.url),
    );
    const args = ['--import', 'tsx', script, chain.anvil.url.replace('http', 'ws')];
    const { stdout } = await run(process.execPath, [...args, String(CHAIN_ID)], {
      timeout: 30_000,
    });
    expect(Number(stdout)).toBe(CHAIN_ID);
  });
});

function isKnown(read: () => unknown): boolean {
  try {
    return read() !== undefined;
  } catch {
    return false;
  }
}
