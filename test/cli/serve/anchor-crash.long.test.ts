import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { loadNodeKeys } from '../../../src/cli/state/node-keys.js';
import { openStateFolder } from '../../../src/cli/state/state-folder.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { admitByFounder } from '../../../src/ledger/governance/register-client.js';
import { readInstitutions } from '../../../src/ledger/read/read.js';
import { ledgerAccountOf } from '../../../src/ledger/write/account.js';
import { type Running, START_TIMEOUT_MS, startAssent } from '../../support/cli/assent.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { type Faults, faultsOf } from '../../support/ledger/faults.js';
import {
  admissionOf,
  at,
  deployNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

const INSTITUTION = toInstitutionId('institution-0');
/** A node starts in some seconds; a machine may be busy. */
const WITHIN = { timeout: 120_000, interval: 100 };

const own = ownLedger('blocks are held up');

describe.runIf(own)(
  'a node killed between sending and receipt',
  { timeout: START_TIMEOUT_MS },
  () => {
    let chain: TestChain;
    let folder: string;
    let faults: Faults | undefined;
    const started = new Set<Running>();
    beforeAll(async () => {
      chain = await startChain();
    });
    afterAll(() => chain.end());
    afterEach(async () => {
      for (const running of started) await running.end('SIGKILL');
      started.clear();
      await faults?.setAutomine(true);
      await rm(folder, { recursive: true, force: true });
    });

    /** One institution on a register of its own, whose node runs as its operator would run it. */
    async function openInstitution() {
      folder = await mkdtemp(join(tmpdir(), 'assent-crash-'));
      const { ledgerKey } = await loadNodeKeys(await openStateFolder(folder), INSTITUTION);
      const { address } = ledgerAccountOf(ledgerKey);
      const { register, founder } = await deployNetwork(chain.anvil, 0);
      await chain.anvil.fund([address]);
      await admitByFounder(register, founder, admissionOf(0, address));
      const hurt = faultsOf(chain.anvil);
      faults = hurt;
      await hurt.setAutomine(false);
      const { client } = register.ledger;
      const port = await findFreePort();
      const start = () => {
        const args = ['--state-folder', folder, 'node', '--institution', INSTITUTION];
        const running = startAssent(args, {
          ASSENT_LOG_LEVEL: 'silent',
          ASSENT_NODE_PORT: String(port),
          ASSENT_LEDGER_RPC_URLS: chain.anvil.url,
          ASSENT_LEDGER_CONTRACT: register.contract,
          ASSENT_LEDGER_CHAIN_ID: String(register.pins.chainId),
          ASSENT_CADENCE_SECONDS: '3600',
        });
        started.add(running);
        return running;
      };
      return {
        start,
        faults: hurt,
        isUp: async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.ok,
        /** The hash of the account's transaction that no block holds yet. */
        waiting: () => hurt.pooledOf(address).then((hashes) => hashes[0]),
        sent: () => client.getTransactionCount({ address }),
        anchors: async () => {
          const block = await client.getBlockNumber();
          return at(await readInstitutions(register, block), 0).anchors;
        },
      };
    }

    async function untilWaiting(institution: Awaited<ReturnType<typeof openInstitution>>) {
      await expect.poll(institution.waiting, WITHIN).toBeDefined();
      return institution.waiting();
    }

    test('finds on its next start that it was mined, and does not anchor the interval again', async () => {
      const institution = await openInstitution();
      const first = institution.start();
      await untilWaiting(institution);
      await first.end('SIGKILL');
      await institution.faults.mine();
      expect(await institution.anchors()).toBe(1);
      institution.start();
      await expect.poll(institution.isUp, WITHIN).toBe(true);
      await sleep(3_000);
      expect(await institution.waiting()).toBeUndefined();
      expect([await institution.anchors(), await institution.sent()]).toEqual([1, 1]);
    });

    test('takes the place of what is still waiting: one of the two is ever mined', async () => {
      const institution = await openInstitution();
      const first = institution.start();
      const stuck = await untilWaiting(institution);
      await first.end('SIGKILL');
      institution.start();
      await expect.poll(institution.waiting, WITHIN).not.toBe(stuck);
      await institution.faults.mine();
      await institution.faults.mine();
      await expect.poll(institution.anchors, WITHIN).toBe(1);
      expect([await institution.sent(), await institution.waiting()]).toEqual([1, undefined]);
    });

    test('sends anew under the same nonce what the pool has lost', async () => {
      const institution = await openInstitution();
      const first = institution.start();
      const lost = await untilWaiting(institution);
      await first.end('SIGKILL');
      if (lost !== undefined) await institution.faults.drop(lost);
      expect(await institution.waiting()).toBeUndefined();
      institution.start();
      await untilWaiting(institution);
      await institution.faults.mine();
      await expect.poll(institution.anchors, WITHIN).toBe(1);
      expect(await institution.sent()).toBe(1);
    });
  },
);
