import type { AnchorReader } from '../../src/client/evidence/check.js';
import { appendEvidence } from '../../src/consent/evidence/append.js';
import { createProver } from '../../src/consent/evidence/prove.js';
import { prepareDigest } from '../../src/consent/feed/prepare-digest.js';
import type { Bytes32 } from '../../src/core/bytes32.js';
import { type EvidencePart, partsOf } from '../../src/core/evidence.js';
import { toInstitutionId } from '../../src/core/ids.js';
import type { FeedNetwork } from './feed-network.js';

export const CHAIN_ID = 31_999;
export const CONTRACT = `0x${'1'.repeat(40)}` as const;

/** A record of so many, told apart by its number. */
export const partsOfRecord = (number: number): EvidencePart[] =>
  partsOf({ id: `NCT${number}`, title: `Trial ${number}` });

/** Appends records to an institution's log of records. */
export function append(network: FeedNetwork, id: string, ...numbers: number[]): Promise<Bytes32[]> {
  return network
    .feedOf(id)
    .db.transaction((tx) => appendEvidence(tx, 'TRIAL', numbers.map(partsOfRecord)));
}

/** The prover of an institution over the ledger that the test writes. */
export function proverOf(network: FeedNetwork, id: string) {
  const { db, ledger } = network.feedOf(id);
  const chain = { chainId: CHAIN_ID, contract: CONTRACT };
  return createProver({
    db,
    institution: toInstitutionId(id),
    ledger: () => ({ ...chain, institutions: ledger().institutions }),
  });
}

/** Seals and anchors, as an interval does. */
export async function anchor(network: FeedNetwork, id: string): Promise<Bytes32> {
  const { digest } = await prepareDigest(network.feedOf(id));
  network.anchored(id, digest);
  return digest;
}

/** Reads the anchors that the test wrote, as a copy of a ledger does. */
export function readerOf(network: FeedNetwork): AnchorReader {
  return {
    chainId: async () => CHAIN_ID,
    anchorAt: async ({ slot }) => {
      const institution = network.institutions[slot];
      const digest = institution?.lastAnchor?.digest as Bytes32 | undefined;
      if (institution === undefined || digest === undefined) return undefined;
      return { institution: institution.id, digest, blockNumber: 1, unixSeconds: 0 };
    },
  };
}
