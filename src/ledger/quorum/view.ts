import type { Hex } from 'viem';
import { DomainError } from '../../core/errors.js';
import { type DecidedParameters, readDecidedParameters } from '../read/parameters.js';
import {
  type AnchoredRoot,
  type LedgerHead,
  type LedgerInstitution,
  readHead,
  readInstitutions,
  readRoots,
  unsettled,
} from '../read/read.js';
import { type Register, requirePinned } from '../rpc/connection.js';

/** A block as an endpoint names it. */
export interface BlockHead {
  readonly number: bigint;
  readonly hash: Hex;
  /** Unix seconds. */
  readonly timestamp: bigint;
}

/** What one endpoint says of the register at one block. */
export interface LedgerView {
  readonly head: LedgerHead;
  readonly institutions: readonly LedgerInstitution[];
  readonly decided: DecidedParameters;
  /** The epoch of the first of `roots`. */
  readonly fromEpoch: number;
  /** To the newest. */
  readonly roots: readonly AnchoredRoot[];
  /** The root of the extra epoch that was asked for; undefined if the ledger has no such epoch. */
  readonly marked: AnchoredRoot | undefined;
}

export interface ViewRequest {
  /** The first epoch whose root is read; by default the floor. */
  readonly fromEpoch?: number;
  /** A further epoch whose root is read. */
  readonly markEpoch?: number;
}

/** What a slot holds: see zk/network-root.ts. */
export interface FilledSlot {
  readonly slot: number;
  readonly shardRoot: bigint | undefined;
  readonly issuerLeaf: bigint;
}

/**
 * Recomputes the network root from the slots. Passed in, because this room may not import the
 * Poseidon hash.
 */
export type RootOf = (slots: readonly FilledSlot[]) => bigint;

/**
 * Reads the register at a block from one endpoint and checks that the answers are consistent: the
 * pins, the block's hash once all is read, and the network root, recomputed from the institutions.
 *
 * @throws DomainError LEDGER_MISMATCH if a pin differs or the root is not that of the institutions; LEDGER_UNAVAILABLE
 * if the chain moved meanwhile; what the transport throws.
 */
export async function readView(
  register: Register,
  block: BlockHead,
  { fromEpoch, markEpoch }: ViewRequest,
  rootOf: RootOf,
): Promise<LedgerView> {
  const at = block.number;
  await requirePinned(register);
  const [head, institutions, decided] = await Promise.all([
    readHead(register, at),
    readInstitutions(register, at),
    readDecidedParameters(register, at),
  ]);
  const from = Math.min(fromEpoch ?? head.floorEpoch, head.epoch);
  const hasMark = markEpoch !== undefined && markEpoch <= head.epoch;
  const [roots, marked] = await Promise.all([
    readRoots(register, from, head.epoch, at),
    hasMark ? readRoots(register, markEpoch, markEpoch, at) : [],
  ]);
  const again = await register.ledger.client.getBlock({ blockNumber: at });
  if (again.hash !== block.hash || roots.at(-1)?.root !== head.root) {
    throw unsettled({ rewrittenBlock: Number(at) });
  }
  requireRecomputed(head, institutions, rootOf);
  return { head, institutions, decided, fromEpoch: from, roots, marked: marked[0] };
}

function requireRecomputed(
  { root, epoch }: LedgerHead,
  institutions: readonly LedgerInstitution[],
  rootOf: RootOf,
): void {
  const slots = institutions.map(({ slot, issuerLeaf, lastAnchor }) => ({
    slot,
    issuerLeaf,
    shardRoot: lastAnchor?.shardRoot,
  }));
  if (rootOf(slots) !== root) throw new DomainError('LEDGER_MISMATCH', { check: 'root', epoch });
}

/** A text of everything on which endpoints must agree. */
export function keyOfView(view: LedgerView): string {
  return JSON.stringify(view, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
