import { decodeFunctionData, type Hex, parseEventLogs } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerAbi } from '../../src/ledger/contract/register-abi.js';
import { acknowledgerOf } from '../../src/ledger/write/acknowledge.js';
import {
  formsOf,
  hexOf,
  type PilotRun,
  type Published,
  playPilot,
  shapeOf,
  TOTAL,
} from '../support/contracts/pilot-run.js';
import { ownLedger } from '../support/ledger/external-ledger.js';
import { leafOf } from '../support/ledger/issuers.js';
import { at, CHAIN_ID } from '../support/ledger/small-network.js';
import { slotValue, topRootOf } from '../support/ledger/top-tree.js';

const SIZE = 4;

// On a ledger that others use too, what is published is not this run's alone.
const own = ownLedger('all that a chain holds is read');
let run: PilotRun;
let everything: string;
beforeAll(async () => {
  if (!own) return;
  run = await playPilot(SIZE);
  everything = hexOf(run.published);
}, 480_000);
afterAll(() => run?.network.close());

function decodeAnchor({ transaction, logs }: Published) {
  const { functionName, args } = decodeFunctionData({ abi: registerAbi, data: transaction.input });
  if (functionName !== 'anchor') throw new RangeError(functionName);
  const [shardRoot, digest, acknowledgements] = args;
  const [anchored, ...others] = parseEventLogs({ abi: registerAbi, logs: [...logs] });
  if (anchored?.eventName !== 'Anchored' || others.length > 0) throw new RangeError('logs');
  return { shardRoot, digest, acknowledgements, log: anchored.args };
}

describe.runIf(own)(
  `a pilot of ${TOTAL.registered} consents and ${TOTAL.withdrawn} withdrawals`,
  () => {
    test('has happened, and all that it published is here', () => {
      const { consents, intervals, published } = run;
      expect(consents).toHaveLength(TOTAL.registered);
      expect(intervals.reduce((sum, { withdrawn }) => sum + withdrawn, 0)).toBe(TOTAL.withdrawn);
      expect(intervals.map(({ anchors }) => anchors.length)).toEqual(intervals.map(() => SIZE));
      // The three creations are there: so nothing in between was forgotten by the chain.
      expect(published.filter(({ transaction }) => transaction.to === null)).toHaveLength(3);
      expect(new Set(published.map(({ transaction }) => transaction.blockNumber)).size).toBe(
        published.length,
      );
    });

    test('left no leaf, handle, w, pseudonym or salt on the chain, in whatever form', () => {
      const found = run.consents.flatMap((secrets) =>
        Object.entries(secrets).filter(([, value]) =>
          formsOf(value).some((form) => everything.includes(form)),
        ),
      );
      expect(found).toEqual([]);
    });

    test('is searched by what finds a value that is there', () => {
      const { shardRoot } = decodeAnchor(at(at(run.intervals, 1).anchors, 0));
      expect(formsOf(shardRoot).filter((form) => everything.includes(form))).toHaveLength(1);
    });

    test('called nothing but anchors once the institutions were there', () => {
      const { network, intervals, published } = run;
      const anchors = intervals.flatMap((interval) => interval.anchors);
      const making = published.slice(0, published.length - anchors.length);
      expect(published.slice(making.length).map(({ transaction }) => transaction.hash)).toEqual(
        anchors.map(({ transaction }) => transaction.hash),
      );
      const calls = making
        .filter(({ transaction }) => transaction.to === network.register.contract.toLowerCase())
        .map(({ transaction: { input: data } }) => decodeFunctionData({ abi: registerAbi, data }));
      expect(new Set(calls.map(({ functionName }) => functionName))).toEqual(
        new Set(['admit', 'propose', 'vote']),
      );
    });

    test('published no number but slots, rounds and epochs, and no word that is not explained', async () => {
      const { contract } = run.network.register;
      const slots = new Map<number, bigint>();
      const anchorsOf = new Map<number, number>();
      let epoch = 0;
      for (const { anchors } of run.intervals) {
        for (const [slot, anchor] of anchors.entries()) {
          const { shardRoot, digest, acknowledgements, log } = decodeAnchor(anchor);
          const sender = at(run.network.nodes, slot).account.address;
          expect(anchor.transaction.from).toBe(sender.toLowerCase());
          slots.set(slot, slotValue(shardRoot, leafOf(slot)));
          epoch += 1;
          const root = topRootOf(slots);
          const nth = anchorsOf.get(slot) ?? 0;
          const counted = { slot, epoch: BigInt(epoch), round: BigInt(nth) };
          expect(log).toEqual({ ...counted, root, shardRoot, digest });
          anchorsOf.set(slot, nth + 1);
          const asked = { chainId: CHAIN_ID, contract, slot, anchors: nth, digest };
          expect(await signersOf(asked, acknowledgements)).toEqual([true, true]);
        }
      }
    });

    async function signersOf(
      asked: Parameters<typeof acknowledgerOf>[0],
      signatures: readonly Hex[],
    ): Promise<boolean[]> {
      const known = run.network.nodes.map(({ account }) => account.address);
      return Promise.all(
        signatures.map(async (signature) => {
          const signer = await acknowledgerOf(asked, signature);
          return signer !== undefined && known.includes(signer);
        }),
      );
    }
  },
);

describe.runIf(own)('an interval in which something changed', () => {
  // The first anchor of each slot writes to fresh storage, whatever is in it.
  const later = () => run.intervals.slice(1);
  const isQuiet = ({ registered, withdrawn }: { registered: number; withdrawn: number }) =>
    registered + withdrawn === 0;

  test('looks like one in which nothing did: the same calls, logs and work', () => {
    const shapes = later().map((interval) => interval.anchors.map(shapeOf));
    expect(later().filter(isQuiet)).toHaveLength(2);
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
  });

  test('and the other way round: a quiet one has roots and digests as new as any', () => {
    const decoded = run.intervals.flatMap(({ anchors }) => anchors.map(decodeAnchor));
    expect(new Set(decoded.map(({ shardRoot }) => shardRoot)).size).toBe(decoded.length);
    expect(new Set(decoded.map(({ digest }) => digest)).size).toBe(decoded.length);
  });
});
