import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anchorShard, setEndpoint } from '../../../src/ledger/governance/register-client.js';
import { readTopPath } from '../../../src/ledger/read/read.js';
import type { LedgerSnapshot } from '../../../src/ledger/watch/snapshot.js';
import { watchLedger } from '../../../src/ledger/watch/watch.js';
import type { LedgerAccount } from '../../../src/ledger/write/account.js';
import { issuerLeafOf, issuerOf, leafOf } from '../../support/ledger/issuers.js';
import {
  at,
  decide,
  deployNetwork,
  newAccount,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';
import { climb, EMPTY_LEAF, slotValue, topRootOf } from '../../support/ledger/top-tree.js';

const FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

let chain: TestChain;
/** Two institutions that never anchor: for what is refused. */
let untouched: SmallNetwork;
beforeAll(async () => {
  chain = await startChain();
  untouched = await deployNetwork(chain.anvil, 2);
});
afterAll(() => chain.end());

function anchor({ register, accounts }: SmallNetwork, slot: number, shardRoot: bigint) {
  const account = at(accounts, slot);
  return anchorShard(register, { account, shardRoot, digest: newDigest(), acknowledgements: [] });
}

async function snapshotOf({ register }: SmallNetwork): Promise<LedgerSnapshot> {
  const { contract, pins } = register;
  const rpcUrls = [chain.anvil.url];
  const watch = watchLedger({ rpcUrls, rootOf, contract, pins, maxAgeMs: 60_000, pollMs: 60_000 });
  try {
    return await watch.ready;
  } finally {
    watch.stop();
  }
}

function standingOf(snapshot: LedgerSnapshot, root: bigint) {
  const nowSeconds = snapshot.anchoredAt + 10;
  const epoch = snapshot.epochOf(root);
  if (epoch === undefined) return 'UNKNOWN';
  return snapshot.acceptsRoot({ root, epoch }, { nowSeconds, statement: 'consent' });
}

const refusedWith = (error: string) => ({ code: 'LEDGER_REFUSED', facts: { error } });

describe('the network root', () => {
  test('of an empty register is the root over empty leaves', async () => {
    const network = await deployNetwork(chain.anvil, 0);
    const snapshot = await snapshotOf(network);
    expect(snapshot.root).toBe(topRootOf(new Map()));
    expect(snapshot.epoch).toBe(0);
  });

  test('equals the one that another implementation computes, after each anchor', async () => {
    const network = await deployNetwork(chain.anvil, 3);
    const slots = new Map<number, bigint>();
    for (const [slot, shardRoot] of [
      [0, 11n],
      [2, FIELD_ORDER - 1n],
      [1, 13n],
      [0, 14n],
    ] as const) {
      slots.set(slot, slotValue(shardRoot, leafOf(slot)));
      const { root, gasUsed } = await anchor(network, slot, shardRoot);
      expect(root).toBe(topRootOf(slots));
      console.log(`anchor of slot ${slot}: ${gasUsed} gas`);
    }
  });

  test('is where every path leads, of an unused slot too', async () => {
    const network = await deployNetwork(chain.anvil, 2);
    await anchor(network, 0, 11n);
    const { root, epoch } = await anchor(network, 1, 12n);
    const expected = new Map([
      [0, slotValue(11n, leafOf(0))],
      [1, slotValue(12n, leafOf(1))],
    ]);
    for (const slot of [0, 1, 2, 4095]) {
      const path = await readTopPath(network.register, slot);
      expect(path).toMatchObject({ root, epoch, slotValue: expected.get(slot) ?? EMPTY_LEAF });
      expect(climb(slot, path.slotValue, path.siblings)).toBe(root);
    }
    await expect(readTopPath(network.register, 4096)).rejects.toMatchObject({
      code: 'LEDGER_REFUSED',
      facts: { error: 'SlotUnknown' },
    });
  });
});

describe('anchor', () => {
  test('of the same root begins an epoch all the same, and the root stays current', async () => {
    const network = await deployNetwork(chain.anvil, 1);
    const first = await anchor(network, 0, 11n);
    const again = await anchor(network, 0, 11n);
    expect(again).toMatchObject({ epoch: first.epoch + 1, root: first.root });
    const snapshot = await snapshotOf(network);
    expect(standingOf(snapshot, first.root)).toBe('CURRENT');
    expect(snapshot.institutionById('institution-0')).toMatchObject({ anchors: 2, slot: 0 });
  });

  test('by an account of no institution is refused, the founder’s too', async () => {
    const network = untouched;
    const anchorAs = (account: LedgerAccount) =>
      anchor({ ...network, accounts: [account] }, 0, 11n);
    const stranger = newAccount();
    await chain.anvil.fund([stranger.address]);
    await expect(anchorAs(stranger)).rejects.toMatchObject(refusedWith('AccountUnknown'));
    await expect(anchorAs(network.founder)).rejects.toMatchObject(refusedWith('AccountUnknown'));
  });

  test.each([0n, FIELD_ORDER, 2n ** 256n - 1n])('of the root %s is refused', async (shardRoot) => {
    const network = untouched;
    await expect(anchor(network, 0, shardRoot)).rejects.toMatchObject(
      refusedWith('FieldOutOfRange'),
    );
    expect((await snapshotOf(network)).epoch).toBe(0);
  });

  test('of a zero digest is refused', async () => {
    const { register, accounts } = untouched;
    const digest = `0x${'00'.repeat(32)}` as const;
    const account = at(accounts, 0);
    await expect(
      anchorShard(register, { account, shardRoot: 11n, digest, acknowledgements: [] }),
    ).rejects.toMatchObject(refusedWith('DigestZero'));
  });
});

describe('a decision', () => {
  test('a suspended institution cannot anchor, and every earlier root ends at once', async () => {
    const network = await deployNetwork(chain.anvil, 2);
    const { root: older } = await anchor(network, 0, 11n);
    const { root: newer } = await anchor(network, 1, 12n);
    const before = await snapshotOf(network);
    expect([standingOf(before, older), standingOf(before, newer)]).toEqual([
      'SUPERSEDED',
      'CURRENT',
    ]);
    await decide(network, { kind: 'SUSPEND', slot: 0 });
    const after = await snapshotOf(network);
    expect([standingOf(after, older), standingOf(after, newer)]).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(after.root).toBe(topRootOf(new Map([[1, slotValue(12n, leafOf(1))]])));
    expect(after.floorEpoch).toBe(after.epoch);
    expect(after.activeInstitutions.map(({ id }) => id)).toEqual(['institution-1']);
    await expect(anchor(network, 0, 13n)).rejects.toMatchObject(
      refusedWith('InstitutionNotActive'),
    );
  });

  test('a rotation renews account and issuer, empties the slot and ends every earlier root', async () => {
    const network = await deployNetwork(chain.anvil, 1);
    const { root } = await anchor(network, 0, 11n);
    const renewed = newAccount();
    const issuer = issuerOf(7);
    await chain.anvil.fund([renewed.address]);
    await decide(network, {
      kind: 'ROTATE',
      slot: 0,
      account: renewed.address,
      issuer,
    });
    const after = await snapshotOf(network);
    expect(standingOf(after, root)).toBe('UNKNOWN');
    expect(after.root).toBe(topRootOf(new Map()));
    const issuerLeaf = issuerLeafOf(issuer, 2, 'institution-0');
    expect(at(after.institutions, 0)).toMatchObject({ issuer, term: 2, issuerLeaf, anchors: 1 });
    expect(at(after.institutions, 0).lastAnchor?.shardRoot).toBeUndefined();
    await expect(anchor(network, 0, 12n)).rejects.toMatchObject(refusedWith('AccountUnknown'));
    const again = await anchor({ ...network, accounts: [renewed] }, 0, 11n);
    expect(again.root).toBe(topRootOf(new Map([[0, slotValue(11n, issuerLeaf)]])));
    expect(again.root).not.toBe(root);
    expect((await snapshotOf(network)).floorEpoch).toBe(after.epoch);
  });
});

test('an institution may move its own endpoint', async () => {
  const { register, accounts } = untouched;
  await setEndpoint(register, at(accounts, 0), 'http://127.0.0.1/moved');
  const { institutions } = await snapshotOf(untouched);
  expect(at(institutions, 0).endpoint).toBe('http://127.0.0.1/moved');
});

test('nothing is written to a chain or contract other than the pinned', async () => {
  const network = untouched;
  const { register } = network;
  const empty = { ...register, contract: newAccount().address };
  await expect(anchor({ ...network, register: empty }, 0, 11n)).rejects.toMatchObject({
    code: 'LEDGER_MISMATCH',
    facts: { pin: 'code' },
  });
  const otherGenesis = {
    ...register,
    pins: { ...register.pins, genesisHash: `0x${'00'.repeat(32)}` as const },
  };
  await expect(anchor({ ...network, register: otherGenesis }, 0, 11n)).rejects.toMatchObject({
    code: 'LEDGER_MISMATCH',
    facts: { pin: 'genesisHash' },
  });
});
