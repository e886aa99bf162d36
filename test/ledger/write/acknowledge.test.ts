import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerAbi } from '../../../src/ledger/contract/register-abi.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import {
  type Acknowledgement,
  acknowledgeDigest,
  acknowledgementHash,
  acknowledgerOf,
} from '../../../src/ledger/write/acknowledge.js';
import {
  at,
  CHAIN_ID,
  decide,
  deployNetwork,
  newAccount,
  newDigest,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

let chain: TestChain;
let network: SmallNetwork;
beforeAll(async () => {
  chain = await startChain();
  network = await deployNetwork(chain.anvil, 4, 2);
});
afterAll(() => chain.end());

const refusedWith = (error: string) => ({ code: 'LEDGER_REFUSED', facts: { error } });
let anchored = 0;

function next(digest = newDigest()): Acknowledgement {
  const { contract } = network.register;
  return { chainId: CHAIN_ID, contract, slot: 0, anchors: anchored, digest };
}

function sign(acknowledgement: Acknowledgement, ...slots: number[]) {
  return Promise.all(
    slots.map((slot) => acknowledgeDigest(at(network.accounts, slot), acknowledgement)),
  );
}

async function anchor({ digest }: Acknowledgement, acknowledgements: readonly `0x${string}`[]) {
  const account = at(network.accounts, 0);
  const result = await anchorShard(network.register, {
    account,
    shardRoot: 11n,
    digest,
    acknowledgements,
  });
  anchored += 1;
  return result;
}

test('signer and contract hash an acknowledgement alike', async () => {
  const wanted = next();
  const onChain = await network.register.ledger.client.readContract({
    address: network.register.contract,
    abi: registerAbi,
    functionName: 'acknowledgementHash',
    args: [wanted.slot, BigInt(wanted.anchors), wanted.digest],
  });
  expect(acknowledgementHash(wanted)).toBe(onChain);
  const [signature] = await sign(wanted, 2);
  expect(await acknowledgerOf(wanted, signature ?? '0x')).toBe(at(network.accounts, 2).address);
  expect(await acknowledgerOf(wanted, '0x1234')).toBeUndefined();
});

describe('an anchor under a quorum of two', () => {
  test('takes the signatures of two others, and of all three', async () => {
    const two = next();
    await anchor(two, await sign(two, 1, 3));
    const three = next();
    const { gasUsed } = await anchor(three, await sign(three, 3, 1, 2));
    console.log(`anchor with three acknowledgements: ${gasUsed} gas`);
  });

  test('is refused with fewer', async () => {
    const wanted = next();
    await expect(anchor(wanted, [])).rejects.toMatchObject(refusedWith('AcknowledgementsMissing'));
    await expect(anchor(wanted, await sign(wanted, 1))).rejects.toMatchObject(
      refusedWith('AcknowledgementsMissing'),
    );
  });

  test('is refused with the same institution twice', async () => {
    const wanted = next();
    await expect(anchor(wanted, await sign(wanted, 1, 1))).rejects.toMatchObject(
      refusedWith('AcknowledgementRepeated'),
    );
  });

  test('is refused with the other form of a signature already given', async () => {
    const wanted = next();
    const [first] = await sign(wanted, 1);
    const malleated = malleate(first ?? '0x');
    expect(await acknowledgerOf(wanted, malleated)).toBeUndefined();
    await expect(anchor(wanted, [first ?? '0x', malleated])).rejects.toMatchObject(
      refusedWith('AcknowledgementInvalid'),
    );
  });

  test('is refused with its own signature, a stranger’s, or none at all', async () => {
    const wanted = next();
    const [other] = await sign(wanted, 1);
    const stranger = await acknowledgeDigest(newAccount(), wanted);
    const [own] = await sign(wanted, 0);
    const zeros = `0x${'00'.repeat(65)}` as const;
    for (const second of [own, stranger, zeros, '0x' as const, `${other ?? '0x'}00` as const]) {
      await expect(anchor(wanted, [other ?? '0x', second ?? '0x'])).rejects.toMatchObject(
        refusedWith('AcknowledgementInvalid'),
      );
    }
  });

  test('is refused with signatures made for another digest, slot, contract or chain', async () => {
    const wanted = next();
    const { address } = newAccount();
    for (const other of [
      { digest: newDigest() },
      { slot: 1 },
      { contract: address },
      { chainId: CHAIN_ID + 1 },
    ]) {
      await expect(anchor(wanted, await sign({ ...wanted, ...other }, 1, 2))).rejects.toMatchObject(
        refusedWith('AcknowledgementInvalid'),
      );
    }
  });

  test('is refused with the signatures of an earlier anchor, though the digest is the same', async () => {
    const wanted = next();
    const signatures = await sign(wanted, 1, 2);
    await anchor(wanted, signatures);
    await expect(anchor(wanted, signatures)).rejects.toMatchObject(
      refusedWith('AcknowledgementInvalid'),
    );
  });

  test('is refused with a suspended institution’s, and needs no more than there are others', async () => {
    await decide(network, { kind: 'SUSPEND', slot: 3 });
    const wanted = next();
    await expect(anchor(wanted, await sign(wanted, 1, 3))).rejects.toMatchObject(
      refusedWith('AcknowledgementInvalid'),
    );
    await decide(network, { kind: 'SUSPEND', slot: 2 });
    await anchor(wanted, await sign(wanted, 1));
    await decide(network, { kind: 'SUSPEND', slot: 1 });
    await anchor(next(), []);
  });
});

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The second signature that everybody can make from the first: (r, n - s, other v). */
function malleate(signature: `0x${string}`): `0x${string}` {
  const r = signature.slice(2, 66);
  const s = SECP256K1_ORDER - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.slice(130) === '1b' ? '1c' : '1b';
  return `0x${r}${s.toString(16).padStart(64, '0')}${v}`;
}
