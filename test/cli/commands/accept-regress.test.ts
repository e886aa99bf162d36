import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptRegress } from '../../../src/cli/commands/command-accept-regress.js';
import { ownStateFolder } from '../../../src/cli/state/state-folder.js';
import { databaseHighWater } from '../../../src/consent/anchoring/high-water.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import type { LedgerPins } from '../../../src/ledger/rpc/connection.js';
import { watchLedger } from '../../../src/ledger/watch/watch.js';
import type { Database } from '../../../src/store/database.js';
import { openPglite } from '../../../src/store/pglite.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { faultsOf } from '../../support/ledger/faults.js';
import {
  at,
  deployNetwork,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';
import { layPglite } from '../../support/store/pglite-image.js';

const institution = toInstitutionId('institution-0');
const home = mkdtempSync(join(tmpdir(), 'assent-regress-'));
const stateFolder = join(home, 'state');

const own = ownLedger('the ledger is set back');

// An embedded database takes seconds to open, on a busy machine many.
describe.runIf(own)('assent ledger accept-regress', { timeout: 240_000 }, () => {
  let chain: TestChain;
  let network: SmallNetwork;
  beforeAll(async () => {
    chain = await startChain();
    network = await deployNetwork(chain.anvil, 1);
    await layPglite(join(stateFolder, 'database'));
  });
  afterAll(async () => {
    await chain.end();
    rmSync(home, { recursive: true, force: true });
  });

  const anchor = (shardRoot: bigint) =>
    anchorShard(network.register, {
      account: at(network.accounts, 0),
      shardRoot,
      digest: newDigest(),
      acknowledgements: [],
    });

  /** The command, with the settings of a node on this ledger. */
  function accept(pins: Partial<LedgerPins> = {}) {
    const { contract, pins: own } = network.register;
    const config = join(home, 'assent.json');
    const { chainId, genesisHash, codeHash, linkedCodeHash } = { ...own, ...pins };
    const ledger = { ledgerRpcUrls: chain.anvil.url, ledgerContract: contract };
    const pinned = {
      ...{
        ledgerChainId: chainId,
        ledgerGenesisHash: genesisHash,
        ledgerCodeHash: codeHash,
        ledgerLinkedCodeHash: linkedCodeHash,
      },
    };
    writeFileSync(config, JSON.stringify({ ...ledger, ...pinned, finalitySeconds: 0 }));
    return acceptRegress({ config, stateFolder, institution });
  }

  async function withDatabase<T>(use: (db: Database) => Promise<T>): Promise<T> {
    const server = await openPglite({ directory: join(stateFolder, 'database') });
    try {
      return await use(await server.open(institution));
    } finally {
      await server.close();
    }
  }

  /** A node's start: the epoch that it sees, or a refusal. */
  function start(db: Database): Promise<number> {
    const { contract, pins } = network.register;
    const watch = watchLedger({
      rpcUrls: [chain.anvil.url],
      rootOf,
      contract,
      pins,
      maxAgeMs: 60_000,
      pollMs: 60_000,
      subscribe: false,
      highWater: databaseHighWater(db),
      finalitySeconds: 0,
    });
    return watch.ready.then(({ epoch }) => epoch).finally(() => watch.stop());
  }
  const markNow = () => withDatabase((db) => databaseHighWater(db).load());

  test('has a node go on with a ledger that lost what was final, and says so', async () => {
    const kept = await anchor(11n);
    const faults = faultsOf(chain.anvil);
    const snapshot = await faults.snapshot();
    const lost = await anchor(12n);
    await withDatabase(async (db) => {
      expect(await start(db)).toBe(lost.epoch);
      await faults.revert(snapshot);
      await expect(start(db)).rejects.toMatchObject({ code: 'LEDGER_REGRESSED' });
    });
    const said = await accept();
    expect(said).toContain(institution);
    expect(said).toMatch(new RegExp(`epoch ${lost.epoch} was final.*shows epoch ${kept.epoch}`));
    await withDatabase(async (db) => {
      expect(await databaseHighWater(db).load()).toEqual({ epoch: kept.epoch, root: kept.root });
      expect(await start(db)).toBe(kept.epoch);
    });
  });

  test('does nothing where nothing regressed: it is no way to switch the check off', async () => {
    const mark = await markNow();
    await expect(accept()).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await markNow()).toEqual(mark);
  });

  test('takes no other chain or contract for a regress of this one', async () => {
    const mark = await markNow();
    for (const pins of [
      { genesisHash: `0x${'00'.repeat(32)}` as const },
      { codeHash: `0x${'00'.repeat(32)}` as const },
    ]) {
      await expect(accept(pins)).rejects.toMatchObject({ code: 'LEDGER_MISMATCH' });
    }
    expect(await markNow()).toEqual(mark);
  });

  test('leaves the folder of a running node alone', async () => {
    const running = await ownStateFolder(stateFolder);
    await expect(accept()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await running.release();
  });
});
