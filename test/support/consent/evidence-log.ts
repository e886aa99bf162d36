import type { AnchorReader } from '../../../src/client/evidence/check.js';
import { appendEvidence } from '../../../src/consent/evidence/append.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import type { Bytes32 } from '../../../src/core/bytes32.js';
import { type EvidencePart, partsOf } from '../../../src/core/evidence/evidence.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { CHAIN, type FeedNetwork } from './feed-network.js';

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
  return createProver({
    db,
    institution: toInstitutionId(id),
    ledger: () => ({ ...CHAIN, institutions: ledger().institutions }),
  });
}

/** Seals and anchors, as an interval does. */
export function anchor(network: FeedNetwork, id: string): Promise<Bytes32> {
  return network.anchor(id);
}

/** Reads the anchors that the test wrote, as a copy of a ledger does. */
export function readerOf(network: FeedNetwork): AnchorReader {
  return {
    chainId: async () => CHAIN.chainId,
    anchorAt: async ({ slot }) => {
      const institution = network.institutions[slot];
      const digest = institution?.lastAnchor?.digest as Bytes32 | undefined;
      if (institution === undefined || digest === undefined) return undefined;
      const round = institution.anchors - 1;
      return { institution: institution.id, digest, round, blockNumber: 1, unixSeconds: 0 };
    },
  };
}
