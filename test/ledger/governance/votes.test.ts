import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerAbi } from '../../../src/ledger/contract/register-abi.js';
import {
  type Decision,
  decodeDecision,
  encodeDecision,
} from '../../../src/ledger/governance/decision.js';
import {
  type AnchoredShard,
  admitByFounder,
  anchorShard,
} from '../../../src/ledger/governance/register-client.js';
import {
  decideTogether,
  proposeCall,
  proposeDecision,
  readProposals,
  voteFor,
} from '../../../src/ledger/governance/votes.js';
import { readNetworkSettings } from '../../../src/ledger/read/parameters.js';
import type { Register } from '../../../src/ledger/rpc/connection.js';
import { watchLedger } from '../../../src/ledger/watch/watch.js';
import { issuerOf } from '../../support/ledger/issuers.js';
import {
  admissionOf,
  at,
  decide,
  deployNetwork,
  newAccount,
  newDigest,
  parametersOf,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

let chain: TestChain;
let network: SmallNetwork;
beforeAll(async () => {
  chain = await startChain();
  network = await deployNetwork(chain.anvil, 4, 2, { voteThreshold: 3 });
});
afterAll(() => chain.end());

const refusedWith = (error: string) => ({ code: 'LEDGER_REFUSED', facts: { error } });
/** Its place in the enumeration Statement of the contract. */
const ACCREDITATION = 1;
const { address } = newAccount();

const DECISIONS: readonly Decision[] = [
  { kind: 'ADMIT', ...admissionOf(9, address), roles: ['SPONSOR', 'PAYER'] },
  { kind: 'SUSPEND', slot: 2 },
  { kind: 'REINSTATE', slot: 2, account: address, issuer: issuerOf(2, { parties: [] }) },
  { kind: 'ROTATE', slot: 1, account: address, issuer: issuerOf(6) },
  { kind: 'SET_PARAMETERS', parameters: parametersOf({ voteThreshold: 2 }) },
  { kind: 'SET_SUCCESSOR', successor: address },
];

describe('a decision', () => {
  test.each(DECISIONS.map((one) => [one.kind, one] as const))(
    'to %s is read as it was written',
    (_, decision) => {
      expect(decodeDecision(encodeDecision(decision))).toEqual(decision);
    },
  );

  test.each([
    ['nothing', '0x'],
    ['a call that nobody decides on', '0x00000000'],
    ['bytes beyond its arguments', `${encodeDecision({ kind: 'SUSPEND', slot: 2 })}00`],
    ['a role that this version does not know', unknownRole()],
  ] as const)('of %s cannot be read, so nobody is shown half of it', (_, call) => {
    expect(decodeDecision(call)).toBeUndefined();
  });

  function unknownRole(): `0x${string}` {
    const known = encodeDecision({ kind: 'ADMIT', ...admissionOf(9, address) });
    const words = known.slice(10).match(/.{64}/g) ?? [];
    // The fifth word after the offset: the role bits, here the hospital's alone.
    expect(words[5]).toBe('1'.padStart(64, '0'));
    words[5] = '40000001'.padStart(64, '0');
    return `0x${known.slice(2, 10)}${words.join('')}`;
  }

  test('is refused before it is sent if an id or its roles are none', () => {
    const sound = { kind: 'ADMIT' as const, ...admissionOf(9, address) };
    expect(() => encodeDecision({ ...sound, id: 'Ürgent' })).toThrow(
      expect.objectContaining({ code: 'ID_MALFORMED' }),
    );
    expect(() => encodeDecision({ ...sound, roles: [] })).toThrow(
      expect.objectContaining({ code: 'ROLE_UNKNOWN' }),
    );
  });
});

describe('institutions', () => {
  test('decide by as many votes as the network requires, and no more are asked for', async () => {
    expect(await decide(network, { kind: 'SET_PARAMETERS', parameters: threeOf() })).toBe(3);
    const { parameters, votesRequired } = await readNetworkSettings(network.register);
    expect(votesRequired).toBe(3);
    expect(parameters.proposalSeconds).toBe(7_200);
  });

  test('who are too few decide nothing, and what they propose stays open', async () => {
    const { register, accounts } = network;
    const few = accounts.slice(0, 2);
    const decision: Decision = { kind: 'SUSPEND', slot: 3 };
    await expect(decideTogether(register, few, decision)).rejects.toMatchObject({
      code: 'VOTES_MISSING',
      facts: { given: 2 },
    });
    await expect(decideTogether(register, [], decision)).rejects.toMatchObject({
      code: 'VOTES_MISSING',
    });
    const open = (await readProposals(register)).at(-1);
    expect(open).toMatchObject({ proposer: 0, executed: false, votes: 2, decision });
  });

  test('vote once each, and not as strangers', async () => {
    const { register, accounts, founder } = network;
    const decision: Decision = { kind: 'SUSPEND', slot: 3 };
    const { id, executed } = await proposeDecision(register, at(accounts, 0), decision);
    expect(executed).toBe(false);
    const again = voteFor(register, at(accounts, 0), id);
    await expect(again).rejects.toMatchObject(refusedWith('VoteRepeated'));
    const stranger = voteFor(register, founder, id);
    await expect(stranger).rejects.toMatchObject(refusedWith('AccountUnknown'));
    const unknown = voteFor(register, at(accounts, 1), `0x${'1'.repeat(64)}`);
    await expect(unknown).rejects.toMatchObject(refusedWith('ProposalUnknown'));
  });

  test('propose nothing that the register does not decide on', async () => {
    const proposal = proposeCall(network.register, at(network.accounts, 0), '0x12345678');
    await expect(proposal).rejects.toMatchObject(refusedWith('DecisionUnknown'));
  });

  test('hear from the deciding vote why the register refuses the decision', async () => {
    const threshold = parametersOf({ voteThreshold: 9 });
    const decision: Decision = { kind: 'SET_PARAMETERS', parameters: threshold };
    await expect(decide(network, decision)).rejects.toMatchObject(
      refusedWith('ThresholdUnreachable'),
    );
  });

  test('are not admitted by the founder once the founding has ended', async () => {
    const { register, founder } = network;
    expect((await readNetworkSettings(register)).founded).toBe(true);
    const admission = admitByFounder(register, founder, admissionOf(5, newAccount().address));
    await expect(admission).rejects.toMatchObject(refusedWith('CallerNotDecided'));
  });

  function threeOf() {
    const quorum = { voteThreshold: 3, acknowledgementQuorum: 2 };
    return parametersOf({ ...quorum, proposalSeconds: 7_200 });
  }
});

describe('what a network has decided', () => {
  test('is read with the windows of its statements, and with what they have closed', async () => {
    const young = await deployNetwork(chain.anvil, 1);
    const before = await readNetworkSettings(young.register);
    expect(before).toMatchObject({ networkName: 'pilot', successor: undefined, votesRequired: 1 });
    expect(before.windows.consent).toEqual({
      maxSupersededSeconds: 7 * 86_400,
      closedBefore: 2_208_988_800,
    });
    const parameters = parametersOf({ accreditationRootSeconds: 60 });
    await decide(young, { kind: 'SET_PARAMETERS', parameters });
    const { timestamp } = await young.register.ledger.client.getBlock();
    const { windows } = await readNetworkSettings(young.register);
    const nowSeconds = Number(timestamp) + 2_208_988_800;
    expect(windows.accreditation).toEqual({
      maxSupersededSeconds: 60,
      closedBefore: nowSeconds - 15 * 60,
    });
    expect(windows.eligibility.closedBefore).toBe(nowSeconds - 7 * 86_400);
  });

  test('names the register that takes over, once it is there', async () => {
    const [older, newer] = [
      await deployNetwork(chain.anvil, 1),
      await deployNetwork(chain.anvil, 0),
    ];
    const successor = newer.register.contract;
    await decide(older, { kind: 'SET_SUCCESSOR', successor });
    const settings = await readNetworkSettings(older.register);
    expect(settings.successor?.toLowerCase()).toBe(successor.toLowerCase());
    expect((await readNetworkSettings(newer.register)).founded).toBe(false);
  });

  test('judges roots in a snapshot as the contract does, and a window widened again brings none back', async () => {
    const young = await deployNetwork(chain.anvil, 1);
    const { register } = young;
    const anchor = async (shardRoot: bigint) => {
      const given = { shardRoot, digest: newDigest(), acknowledgements: [] };
      return anchorShard(register, { account: at(young.accounts, 0), ...given });
    };
    const [first, second] = [await anchor(11n), await anchor(12n)];
    const shrink = async (accreditationRootSeconds: number) => {
      await sleep(1_100);
      const parameters = parametersOf({ accreditationRootSeconds });
      await decide(young, { kind: 'SET_PARAMETERS', parameters });
    };
    await expect(standings(register, first, second)).resolves.toEqual(['SUPERSEDED', 'CURRENT']);
    await shrink(0);
    await expect(standings(register, first, second)).resolves.toEqual(['STALE', 'CURRENT']);
    await shrink(900);
    await expect(standings(register, first, second)).resolves.toEqual(['STALE', 'CURRENT']);
  });
});

/** What a snapshot says of these anchors' roots for an accreditation, once the contract has said the same. */
async function standings(register: Register, ...anchors: readonly AnchoredShard[]) {
  const { contract, pins } = register;
  const watched = {
    rpcUrls: [chain.anvil.url],
    rootOf,
    contract,
    pins,
    maxAgeMs: 60_000,
    pollMs: 60_000,
  };
  const watch = watchLedger({ ...watched, subscribe: false, maxHeadAgeMs: 600_000 });
  const snapshot = await watch.ready;
  watch.stop();
  const { client } = register.ledger;
  const { timestamp } = await client.getBlock();
  const when = {
    nowSeconds: Number(timestamp) + 2_208_988_800,
    statement: 'accreditation',
  } as const;
  return Promise.all(
    anchors.map(async ({ root, epoch }) => {
      const standing = snapshot.acceptsRoot({ root, epoch }, when);
      const isAccepted = await client.readContract({
        address: contract,
        abi: registerAbi,
        functionName: 'isAccepted',
        args: [root, BigInt(epoch), ACCREDITATION],
      });
      expect(isAccepted).toBe(standing === 'CURRENT' || standing === 'SUPERSEDED');
      return standing;
    }),
  );
}
