import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { type LedgerWatch, watchLedger } from '../../../src/ledger/watch/watch.js';
import { NetworkRoot } from '../../../src/zk/network-root.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { leafOf } from '../../support/ledger/issuers.js';
import {
  type Lies,
  type LyingEndpoint,
  startLyingEndpoint,
} from '../../support/ledger/lying-endpoint.js';
import {
  at,
  deployNetwork,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

const FORGED = 4_242n;
const WITHIN = { timeout: 15_000, interval: 25 };

type HeadWire = readonly [bigint, bigint, bigint, bigint];
type RootWire = { readonly root: bigint; readonly anchoredAt: bigint };
type InstitutionWire = { readonly shardRoot: bigint };

/** Adds an epoch with a root of the liar's. */
const EXTENDS: Lies = {
  head: ([epoch, , since, floor]: HeadWire) => [epoch + 1n, FORGED, since, floor],
  rootsSince: (roots: readonly RootWire[]) => [...roots, { ...at(roots, 0), root: FORGED }],
};

/** Puts a shard of the liar's in the first slot, and makes everything else fit to it. */
function inventShard(shardRoot: bigint): Lies {
  const root = new NetworkRoot().of([{ slot: 0, shardRoot, issuerLeaf: leafOf(0) }]);
  return {
    institutions: (all: readonly InstitutionWire[]) => all.map((one) => ({ ...one, shardRoot })),
    head: ([epoch, , since, floor]: HeadWire) => [epoch, root, since, floor],
    rootsSince: (roots: readonly RootWire[]) =>
      roots.map((one, i) => (i === roots.length - 1 ? { ...one, root } : one)),
  };
}

describe.runIf(ownLedger('endpoints of it lie'))('endpoints of a ledger', () => {
  let chain: TestChain;
  let network: SmallNetwork;
  let endpoints: readonly LyingEndpoint[];
  let watching: LedgerWatch | undefined;
  const lines: string[] = [];
  beforeAll(async () => {
    chain = await startChain();
    network = await deployNetwork(chain.anvil, 1);
  });
  beforeEach(async () => {
    endpoints = await Promise.all([0, 1, 2].map(() => startLyingEndpoint(chain.anvil.url)));
    lines.splice(0);
  });
  afterEach(async () => {
    watching?.stop();
    await Promise.all(endpoints.map((endpoint) => endpoint.end()));
  });
  afterAll(() => chain.end());

  let nextRoot = 10n;
  function anchor() {
    nextRoot += 1n;
    return anchorShard(network.register, {
      account: at(network.accounts, 0),
      shardRoot: nextRoot,
      digest: newDigest(),
      acknowledgements: [],
    });
  }

  function watch(count: number, quorum?: number): LedgerWatch {
    const { contract, pins } = network.register;
    const rpcUrls = endpoints.slice(0, count).map(({ url }) => url);
    watching = watchLedger({
      rpcUrls,
      quorum,
      rootOf,
      contract,
      pins,
      maxAgeMs: 60_000,
      pollMs: 50,
      subscribe: false,
      maxHeadAgeMs: 600_000,
      log: pino({ level: 'warn' }, { write: (line) => lines.push(line) }),
    });
    return watching;
  }

  function standingOf(root: bigint) {
    const snapshot = (watching as LedgerWatch).current();
    const when = { nowSeconds: snapshot.anchoredAt, statement: 'consent' } as const;
    const epoch = snapshot.epochOf(root);
    return epoch === undefined ? 'UNKNOWN' : snapshot.acceptsRoot({ root, epoch }, when);
  }

  const codeNow = () => {
    try {
      watching?.current();
      return 'OK';
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };
  const leftOut = () =>
    lines.map((line) => JSON.parse(line)).map(({ endpoint, wrong }) => `${endpoint} ${wrong}`);

  test('rpc-extends: the only endpoint adds an epoch: its root is not that of the institutions', async () => {
    const { root } = await anchor();
    const found = watch(1);
    await found.ready;
    expect(standingOf(root)).toBe('CURRENT');
    at(endpoints, 0).tell(EXTENDS);
    await anchor();
    await expect.poll(codeNow, WITHIN).toBe('LEDGER_MISMATCH');
    await expect(found.refresh()).rejects.toMatchObject({
      code: 'LEDGER_MISMATCH',
      facts: { check: 'root' },
    });
    at(endpoints, 0).tell({});
    await expect.poll(codeNow, WITHIN).toBe('OK');
    expect(standingOf(FORGED)).toBe('UNKNOWN');
  });

  test('rpc-extends: from the beginning too', async () => {
    at(endpoints, 0).tell(EXTENDS);
    await expect(watch(1).ready).rejects.toMatchObject({ code: 'LEDGER_MISMATCH' });
  });

  test.each([
    ['adds an epoch', () => EXTENDS, 'LEDGER_MISMATCH'],
    ['invents a shard that everything fits to', () => inventShard(FORGED), 'DISAGREES'],
    [
      'puts a forged root among the superseded ones',
      (): Lies => ({
        rootsSince: (roots: readonly RootWire[]) =>
          roots.map((one, i) => (i === 0 && roots.length > 1 ? { ...one, root: FORGED } : one)),
      }),
      'DISAGREES',
    ],
  ])(
    'rpc-extends: one of three %s: it is left out and named, and the network goes on',
    async (_, lies, wrong) => {
      const before = await anchor();
      at(endpoints, 2).tell(lies());
      const found = watch(3);
      await found.ready;
      const { root, epoch } = await anchor();
      await expect.poll(() => found.latest().epoch, WITHIN).toBe(epoch);
      expect([standingOf(root), standingOf(FORGED)]).toEqual(['CURRENT', 'UNKNOWN']);
      expect(found.current().roots.at(before.epoch)?.root).toBe(before.root);
      await expect.poll(leftOut, WITHIN).toEqual([`3 ${wrong}`]);
      expect(lines.join()).not.toContain('127.0.0.1');
    },
  );

  test('rpc-extends: a majority that adds an epoch is not believed: LEDGER_MISMATCH', async () => {
    const found = watch(3);
    await found.ready;
    for (const i of [0, 1]) at(endpoints, i).tell(EXTENDS);
    await anchor();
    await expect.poll(codeNow, WITHIN).toBe('LEDGER_MISMATCH');
  });

  test('rpc-extends: where no two say the same there is no ledger: LEDGER_UNAVAILABLE', async () => {
    at(endpoints, 0).tell(inventShard(FORGED));
    at(endpoints, 1).tell(inventShard(FORGED + 1n));
    await expect(watch(3).ready).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      facts: { agreeing: 1, quorum: 2 },
    });
  });

  test('one of three that hangs, or is gone, holds up nothing', async () => {
    at(endpoints, 0).hang();
    const found = watch(3);
    await found.ready;
    const begunMs = performance.now();
    const { epoch } = await anchor();
    await expect.poll(() => found.latest().epoch, WITHIN).toBe(epoch);
    expect(performance.now() - begunMs).toBeLessThan(4_000);
    await at(endpoints, 1).end();
    // Two of three are needed, and one is left.
    await anchor();
    await expect(found.refresh()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});
