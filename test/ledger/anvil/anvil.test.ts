import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { type Anvil, startAnvil } from '../../../src/ledger/anvil/anvil.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { openLedger } from '../../../src/ledger/rpc/connection.js';
import { watchLedger } from '../../../src/ledger/watch/watch.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
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

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function chainOf(saveEveryMs: number): Promise<TestChain> {
  const chain = await startChain({ saveEveryMs });
  endings.push(chain.end);
  return chain;
}

async function startAgain({ stateFile, port }: TestChain, log = silentLog): Promise<Anvil> {
  const anvil = await startAnvil({ stateFile, port, chainId: CHAIN_ID, log });
  endings.push(() => anvil.stop());
  return anvil;
}

function anchor({ register, accounts }: SmallNetwork, shardRoot: bigint) {
  const account = at(accounts, 0);
  return anchorShard(register, { account, shardRoot, digest: newDigest(), acknowledgements: [] });
}

function watch({ register }: SmallNetwork, chain: TestChain, maxAgeMs = 60_000) {
  const { contract, pins } = register;
  const watching = watchLedger({
    rpcUrls: [chain.anvil.url],
    rootOf,
    contract,
    pins,
    maxAgeMs,
    pollMs: 25,
  });
  endings.push(async () => watching.stop());
  return watching;
}

function killHard(pid: number | undefined): void {
  if (pid === undefined) throw new Error('anvil has no pid');
  process.kill(pid, 'SIGKILL');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error('never came true');
    await sleep(25);
  }
}

/** The newest block in the state file; -1 before the first was written. */
async function savedBlockOf({ stateFile }: TestChain): Promise<number> {
  if (!existsSync(stateFile)) return -1;
  const state: unknown = JSON.parse(gunzipSync(await readFile(stateFile)).toString('utf8'));
  if (typeof state !== 'object' || state === null || !('best_block_number' in state)) return -1;
  return Number(state.best_block_number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const own = ownLedger('anvil is started, stopped and killed');

describe.runIf(own)('the state of the chain', () => {
  test('survives a stop and a start: same genesis, register and head', async () => {
    const chain = await chainOf(60_000);
    const network = await deployNetwork(chain.anvil, 1);
    const { epoch, root } = await anchor(network, 11n);
    await chain.anvil.stop();
    await startAgain(chain);
    expect(await watch(network, chain).ready).toMatchObject({ epoch, root });
    expect((await anchor(network, 12n)).epoch).toBe(epoch + 1);
  });

  // Without trimming, one of the block 0 of every anvil so far came back as the genesis, whichever.
  test('keeps its genesis over many starts', async () => {
    const chain = await chainOf(60_000);
    const { client } = openLedger(chain.anvil.url, CHAIN_ID);
    const genesisOf = async () => (await client.getBlock({ blockNumber: 0n })).hash;
    const genesis = await genesisOf();
    await chain.anvil.stop();
    for (let i = 0; i < 8; i++) {
      const anvil = await startAgain(chain);
      expect(await genesisOf()).toBe(genesis);
      // Anvil's blocks count seconds: the next one's own block 0 must differ from this one's.
      await sleep(i < 4 ? 1_000 : 0);
      await anvil.stop();
    }
  });

  test('is saved as blocks come, so that a crash loses next to nothing', async () => {
    const chain = await chainOf(20);
    const network = await deployNetwork(chain.anvil, 1);
    const { epoch } = await anchor(network, 11n);
    const head = Number(await network.register.ledger.client.getBlockNumber());
    await until(async () => (await savedBlockOf(chain)) === head);
    const before = chain.anvil.pid();
    killHard(before);
    await until(() => chain.anvil.pid() !== before && chain.anvil.pid() !== undefined);
    const watching = watch(network, chain);
    await watching.ready.catch(() => {});
    await until(() => safeEpoch(watching) === epoch);
  });

  test('falls back to the copy before, with one clear line, if the newest is damaged', async () => {
    const chain = await chainOf(60_000);
    const network = await deployNetwork(chain.anvil, 1);
    const { epoch, root } = await anchor(network, 11n);
    await chain.anvil.dumpState();
    await chain.anvil.dumpState();
    await chain.anvil.stop();
    const whole = await readFile(chain.stateFile);
    await writeFile(chain.stateFile, whole.subarray(0, whole.length / 2));
    const warnings: unknown[] = [];
    const log = Object.assign(Object.create(silentLog), {
      warn: (facts: unknown) => warnings.push(facts),
    });
    await startAgain(chain, log);
    expect(warnings).toEqual([{ file: chain.stateFile }]);
    expect(await watch(network, chain).ready).toMatchObject({ epoch, root });
  });

  test('begins nothing new over damaged copies: that would be another chain', async () => {
    const chain = await chainOf(60_000);
    await chain.anvil.stop();
    for (const file of [chain.stateFile, `${chain.stateFile}.previous`]) {
      await writeFile(file, 'no gzip');
    }
    await expect(startAgain(chain)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(await readFile(chain.stateFile, 'utf8')).toBe('no gzip');
  });

  test('is not written where a folder cannot be made', async () => {
    const stateFile = '/dev/null/ledger/state.json.gz';
    const port = await findFreePort();
    await expect(
      startAnvil({ stateFile, port, chainId: CHAIN_ID, log: silentLog }),
    ).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });
});

describe.runIf(own)('the child', () => {
  test('has no account that would sign for anyone who reaches it', async () => {
    const chain = await chainOf(60_000);
    expect(await chain.anvil.ask('eth_accounts')).toEqual([]);
  });

  test('is refused a port on which something listens', async () => {
    const chain = await chainOf(60_000);
    await expect(startAgain(chain)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      facts: { port: chain.port },
    });
  });

  test('gone, the watch says LEDGER_UNAVAILABLE once its snapshot is too old', async () => {
    const chain = await chainOf(60_000);
    const network = await deployNetwork(chain.anvil, 1);
    const watching = watch(network, chain, 300);
    await watching.ready;
    await chain.anvil.stop();
    await sleep(400);
    expect(() => watching.current()).toThrow(
      expect.objectContaining({ code: 'LEDGER_UNAVAILABLE' }),
    );
    await expect(anchor(network, 12n)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await startAgain(chain);
    await until(() => safeEpoch(watching) !== undefined);
  });

  test('is started again, on the same port, though only its leash died', async () => {
    const chain = await chainOf(60_000);
    const before = chain.anvil.pid();
    const leash = execFileSync('ps', ['-o', 'ppid=', '-p', String(before)], { encoding: 'utf8' });
    killHard(Number(leash));
    await until(() => chain.anvil.pid() !== before && chain.anvil.pid() !== undefined);
    expect(isAlive(before ?? 0)).toBe(false);
    const { client } = openLedger(chain.anvil.url, CHAIN_ID);
    expect(await client.getChainId()).toBe(CHAIN_ID);
  });

  test('dies with its owner, though the owner gets SIGKILL', async () => {
    const port = await findFreePort();
    const chain = await chainOf(60_000); // For its folder alone.
    const owner = spawn(
      process.execPath,
      ['--import', 'tsx', script('anvil-owner.ts'), `${chain.folder}/owned.gz`, String(port)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(owner.stdout, 'data');
    const pid = Number(String(line).trim());
    expect(isAlive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});

function script(name: string): string {
  return fileURLToPath(new URL(`../../support/ledger/${name}`, import.meta.url));
}

function safeEpoch(watching: ReturnType<typeof watchLedger>): number | undefined {
  try {
    return watching.current().epoch;
  } catch {
    return undefined;
  }
}
