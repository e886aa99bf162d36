import type { InstitutionId } from '../core/ids.js';
import type { Seconds } from '../core/time.js';
import type { Role } from '../graph/ask.js';
import type { InstitutionStatus } from '../ledger/read/read.js';

/** An institution as the ledger has it, without what only nodes need to know of each other. */
export interface Institution {
  readonly id: InstitutionId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly status: InstitutionStatus;
  /** What signs its anchors, its feed and its receipts: 0x and 40 hexadecimal digits. */
  readonly account: string;
  /** Undefined before its first anchor. */
  readonly anchoredAt: Seconds | undefined;
  /** When its node will be looked for at another place; undefined where no change is to come. */
  readonly endpointChangesAt: Seconds | undefined;
}

/** What a proof can state in this network, and the key that verifies it. */
export interface ProvableStatement {
  readonly name: string;
  /** SHA-256 of its verification key, hexadecimal. */
  readonly verificationKeyHash: string;
}

/** Numbers that every node of a network goes by. */
export interface PublishedParameters {
  readonly name: string;
  /** Signatures of other institutions that an anchor needs, as the institutions decided last. */
  readonly acknowledgementQuorum: number;
  /** Longest life of a requester's token, seconds. */
  readonly tokenMaxSeconds: number;
}

/** The ledger's newest head, and what stands under it. */
export interface Network {
  readonly chainId: number;
  readonly contract: string;
  readonly epoch: number;
  readonly root: bigint;
  readonly anchoredAt: Seconds;
  readonly institutions: readonly Institution[];
  readonly statements: readonly ProvableStatement[];
  readonly parameters: PublishedParameters;
}
