import type { Hex } from 'viem';
import { DomainError } from '../../core/errors.js';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { type Seconds, secondsFromUnixMs } from '../../core/time.js';
import type { Issuer } from '../contract/issuer.js';
import { toLedgerError } from '../contract/refusal.js';
import { registerAbi } from '../contract/register-abi.js';
import { type InstitutionRole, rolesOfBits } from '../contract/roles.js';
import type { Register } from '../rpc/connection.js';

export type InstitutionStatus = 'ACTIVE' | 'SUSPENDED';

/** What an institution anchored last. */
export interface LastAnchor {
  /** Undefined while its slot is empty: from a suspension or a rotation to the next anchor. */
  readonly shardRoot: bigint | undefined;
  /** SHA-256 over the heads of its feeds, 32 bytes. */
  readonly digest: Hex;
  readonly epoch: number;
  readonly anchoredAt: Seconds;
}

/** An institution as governance and its own anchors have it on the ledger. */
export interface LedgerInstitution {
  readonly id: InstitutionId;
  readonly name: string;
  /** The URL of its node at this block: never shown to a client. */
  readonly endpoint: string;
  /** The URL that will replace it, and when; undefined if no change is pending. */
  readonly pendingEndpoint: { readonly endpoint: string; readonly from: Seconds } | undefined;
  readonly account: Hex;
  readonly roles: readonly InstitutionRole[];
  readonly status: InstitutionStatus;
  /** Its place under the network root, 0 to 4,095. */
  readonly slot: number;
  /** 1 at its admission, one more with each rotation and reinstatement. */
  readonly term: number;
  /** What its issuer leaf holds, except its id and term. */
  readonly issuer: Issuer;
  /** The leaf itself, as the contract computed it. */
  readonly issuerLeaf: bigint;
  /** How often it has anchored; acknowledgements of its next anchor are bound to this number. */
  readonly anchors: number;
  /** Undefined before the first. */
  readonly lastAnchor: LastAnchor | undefined;
}

/** A network root and when its epoch began. */
export interface AnchoredRoot {
  readonly root: bigint;
  readonly anchoredAt: Seconds;
}

/** The newest epoch; roots of epochs below `floorEpoch` have ended. */
export interface LedgerHead {
  readonly epoch: number;
  readonly root: bigint;
  readonly floorEpoch: number;
}

/** What a proof needs in addition to its shard's path, all from one epoch. */
export interface TopPath {
  /** 12, from the bottom up. */
  readonly siblings: readonly bigint[];
  /** Poseidon(shard root, issuer leaf), or the empty leaf. */
  readonly slotValue: bigint;
  readonly root: bigint;
  readonly epoch: number;
}

const INSTITUTIONS_PAGE = 128;
const ROOTS_PAGE = 1_024;

/**
 * The 12 siblings of a slot and the root that they hash to. Read in one call, so they are of one
 * epoch.
 */
export async function readTopPath(register: Register, slot: number): Promise<TopPath> {
  try {
    const [siblings, slotValue, root, epoch] = await register.ledger.client.readContract({
      address: register.contract,
      abi: registerAbi,
      functionName: 'topPath',
      args: [slot],
    });
    return { siblings, slotValue, root, epoch: Number(epoch) };
  } catch (thrown) {
    throw toLedgerError(thrown, 'topPath');
  }
}

export async function readHead(register: Register, blockNumber: bigint): Promise<LedgerHead> {
  const [epoch, root, , floorEpoch] = await register.ledger.client.readContract({
    address: register.contract,
    abi: registerAbi,
    functionName: 'head',
    blockNumber,
  });
  return { epoch: Number(epoch), root, floorEpoch: Number(floorEpoch) };
}

type Contradiction =
  | { readonly missingEpoch: number }
  | { readonly rewrittenBlock: number }
  /** How many endpoints agree, and how many must. */
  | { readonly agreeing: number; readonly quorum: number };

/** What was read does not fit together: the chain moved between two calls, or the ledger lies. */
export function unsettled(contradiction: Contradiction): DomainError {
  return new DomainError('LEDGER_UNAVAILABLE', contradiction);
}

export function isUnsettled(thrown: unknown): boolean {
  if (!(thrown instanceof DomainError) || thrown.code !== 'LEDGER_UNAVAILABLE') return false;
  return ['missingEpoch', 'rewrittenBlock', 'agreeing'].some((fact) => fact in thrown.facts);
}

/** The roots of the epochs from `epoch` to `lastEpoch`, both included, at one block. */
export async function readRoots(
  register: Register,
  epoch: number,
  lastEpoch: number,
  blockNumber: bigint,
): Promise<AnchoredRoot[]> {
  const roots: AnchoredRoot[] = [];
  while (epoch + roots.length <= lastEpoch) {
    const next = epoch + roots.length;
    const page = await register.ledger.client.readContract({
      address: register.contract,
      abi: registerAbi,
      functionName: 'rootsSince',
      args: [BigInt(next), Math.min(ROOTS_PAGE, lastEpoch - next + 1)],
      blockNumber,
    });
    // A ledger that claims an epoch but does not return it would keep this loop running for ever.
    if (page.length === 0) throw unsettled({ missingEpoch: next });
    roots.push(
      ...page.map(({ root, anchoredAt }) => ({ root, anchoredAt: secondsOf(anchoredAt) })),
    );
  }
  return roots;
}

/** All institutions in slot order, suspended ones too, at one block. */
export async function readInstitutions(
  register: Register,
  blockNumber: bigint,
): Promise<LedgerInstitution[]> {
  const all: LedgerInstitution[] = [];
  for (;;) {
    const page = await register.ledger.client.readContract({
      address: register.contract,
      abi: registerAbi,
      functionName: 'institutions',
      args: [all.length, INSTITUTIONS_PAGE],
      blockNumber,
    });
    all.push(...page.map(parseInstitution));
    if (page.length < INSTITUTIONS_PAGE) return all;
  }
}

type InstitutionWire = {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly pendingEndpoint: string;
  readonly endpointFrom: bigint;
  readonly account: Hex;
  readonly roles: number;
  readonly slot: number;
  readonly status: number;
  readonly anchors: bigint;
  readonly term: bigint;
  readonly issuer: Issuer;
  readonly issuerLeaf: bigint;
  readonly shardRoot: bigint;
  readonly digest: Hex;
  readonly digestEpoch: bigint;
  readonly digestAt: bigint;
};

function parseInstitution(wire: InstitutionWire): LedgerInstitution {
  const { name, endpoint, account, slot, issuer, issuerLeaf, digest } = wire;
  return {
    id: toInstitutionId(wire.id),
    name,
    endpoint,
    pendingEndpoint:
      wire.endpointFrom === 0n
        ? undefined
        : { endpoint: wire.pendingEndpoint, from: secondsOf(wire.endpointFrom) },
    account,
    roles: rolesOfBits(wire.roles),
    // Any status but the one known to be active is treated as suspended.
    status: wire.status === 0 ? 'ACTIVE' : 'SUSPENDED',
    slot,
    term: Number(wire.term),
    issuer,
    issuerLeaf,
    anchors: Number(wire.anchors),
    lastAnchor:
      wire.anchors === 0n
        ? undefined
        : {
            shardRoot: wire.shardRoot === 0n ? undefined : wire.shardRoot,
            digest,
            epoch: Number(wire.digestEpoch),
            anchoredAt: secondsOf(wire.digestAt),
          },
  };
}

/** The chain counts Unix seconds; everything else here counts from 1900. */
function secondsOf(unixSeconds: bigint): Seconds {
  return secondsFromUnixMs(Number(unixSeconds) * 1000);
}
