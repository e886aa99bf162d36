import type { InstitutionId } from '../core/ids.js';
import type { Seconds } from '../core/time.js';
import type { Role } from '../graph/ask.js';
import type { InstitutionStatus } from '../ledger/read/read.js';

/** An institution as the ledger lists it, without what only nodes need to know about each other. */
export interface Institution {
  readonly id: InstitutionId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly status: InstitutionStatus;
  /** What signs its anchors, its feed and its receipts: 0x and 40 hexadecimal digits. */
  readonly account: string;
  /** Undefined before its first anchor. */
  readonly anchoredAt: Seconds | undefined;
  /** When its node's URL will change; undefined if no change is pending. */
  readonly endpointChangesAt: Seconds | undefined;
}

/** What a proof can state in this network, and the key that verifies it. */
export interface ProvableStatement {
  readonly name: string;
  /** SHA-256 of its verification key, hexadecimal. */
  readonly verificationKeyHash: string;
}

/** Numbers that apply to every node of a network. */
export interface PublishedParameters {
  readonly name: string;
  /** Signatures of other institutions that an anchor needs, as the institutions decided last. */
  readonly acknowledgementQuorum: number;
  /** Longest life of a requester's token, seconds. */
  readonly tokenMaxSeconds: number;
}

/** The ledger's newest head, and the institutions under its root. */
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
