import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptedGaps } from '../../../src/consent/feed/gap-store.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { decideTogether } from '../../../src/ledger/governance/votes.js';
import { acknowledgeDigest } from '../../../src/ledger/write/acknowledge.js';
import { openPglite } from '../../../src/store/pglite.js';
import { assentInProcess } from '../../support/cli/in-process.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import {
  at,
  CHAIN_ID,
  deployNetwork,
  newDigest,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';
import { layPglite } from '../../support/store/pglite-image.js';

const home = mkdtempSync(join(tmpdir(), 'assent-gap-'));
const stateFolder = join(home, 'state');
const config = join(home, 'assent.json');
const own = ownLedger('institutions are suspended');

describe.runIf(own)('assent register accept-gap', { timeout: 240_000 }, () => {
  let chain: TestChain;
  let network: SmallNetwork;
  const digest = newDigest();

  beforeAll(async () => {
    chain = await startChain();
    network = await deployNetwork(chain.anvil, 3);
    await layPglite(join(stateFolder, 'database'));
    const { contract, pins } = network.register;
    const { chainId, genesisHash, codeHash } = pins;
    const settings = {
      ledgerRpcUrls: chain.anvil.url,
      ledgerContract: contract,
      ledgerChainId: chainId,
      ledgerGenesisHash: genesisHash,
      ledgerCodeHash: codeHash,
    };
    writeFileSync(config, JSON.stringify(settings));
    await anchor(1);
  });
  afterAll(async () => {
    await chain.end();
    rmSync(home, { recursive: true, force: true });
  });

  async function anchor(slot: number): Promise<void> {
    const { contract } = network.register;
    const others = network.accounts.filter((_, other) => other !== slot);
    const anchor = { chainId: CHAIN_ID, contract, slot, anchors: 0, digest };
    const signed = others.map((account) => acknowledgeDigest(account, anchor));
    await anchorShard(network.register, {
      account: at(network.accounts, slot),
      shardRoot: 7n,
      digest,
      acknowledgements: await Promise.all(signed),
    });
  }

  const accept = (of: string) =>
    assentInProcess([
      ...['--config', config, '--state-folder', stateFolder, 'register', 'accept-gap'],
      ...['--institution', 'institution-0', '--of', of],
    ]);

  test('refuses an active institution, and one that nobody knows', async () => {
    const active = await accept('institution-1');
    expect([active.code, active.stderr]).toEqual([1, expect.stringContaining('BAD_INPUT')]);
    const unknown = await accept('nobody-at-all');
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('INSTITUTION_UNKNOWN'),
    ]);
  });

  test('notes the digest of a suspended one, which the node goes on without', async () => {
    await decideTogether(network.register, network.accounts, { kind: 'SUSPEND', slot: 1 });
    const accepted = await accept('institution-1');
    expect([accepted.code, accepted.stdout]).toEqual([0, expect.stringContaining(digest)]);
    const server = await openPglite({ directory: join(stateFolder, 'database') });
    try {
      const db = await server.open('institution-0');
      const gaps = await db.transaction(acceptedGaps, 'read');
      expect(gaps).toEqual([{ id: 'institution-1', digest }]);
    } finally {
      await server.close();
    }
  });
});
