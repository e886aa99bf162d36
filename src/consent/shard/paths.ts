import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution, TopPath } from '../../ledger/read/read.js';
import type { Database } from '../../store/database.js';
import { rootFromPath, slotValueOf } from '../../zk/tree.js';
import { readSubtree, type Subtree } from './subtree.js';

/** What serving paths reads from the ledger. */
export interface PathLedger {
  /** This institution, from the snapshot. */
  own(): LedgerInstitution;
  /** One call to the chain, so that all of it is of one epoch. */
  topPath(slot: number): Promise<TopPath>;
}

/** The preimage of an issuer leaf but for the institution, as the ledger has it. Decimals. */
export interface IssuerAnswer {
  readonly ax: string;
  readonly ay: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly grants: string;
  /** Ids of the parties. */
  readonly parties: readonly string[];
  readonly term: string;
}

/** A subtree with everything above it: paths of 1,024 leaves under one network root. Decimals. */
export interface RegisterPathAnswer {
  readonly institution: InstitutionId;
  readonly epoch: number;
  readonly slot: number;
  /** The issuer leaf in its slot, so that a party accredited here can open it. */
  readonly issuer: IssuerAnswer;
  /** The subtree's number: its leaves are [1024 n, 1024 (n + 1)). */
  readonly subtree: number;
  /** 1,024. */
  readonly leaves: readonly string[];
  /** From the subtree's root to the shard root, 10. */
  readonly siblings: readonly string[];
  /** From the slot to the network root, 12. */
  readonly topSiblings: readonly string[];
  /** The network root that all of this hashes to. */
  readonly root: string;
}

/** While an anchor is confirmed and not yet committed here, what is served is asked for again. */
const RETRY_AFTER_MS = [100, 250, 500, 1_000];

/**
 * The top path that led from this node's shard to a network root last. Between an anchor's
 * confirmation and its commit here the shard served is the one before: this still leads from it
 * to a root that is superseded, and accepted all the same.
 */
export interface LastTop {
  top: TopPath | undefined;
}

/**
 * The paths of a subtree, checked to lead to the network root they are said to lead to.
 *
 * @param last - kept between calls.
 * @throws DomainError BAD_INPUT for a subtree outside [0, 1024); SOURCE_FAILED with check
 * `anchored` while the shard served is not one on the ledger (mended by the next anchor).
 */
export async function registerPaths(
  db: Database,
  ledger: PathLedger,
  number: number,
  last: LastTop = { top: undefined },
): Promise<RegisterPathAnswer> {
  for (const waitMs of [...RETRY_AFTER_MS, undefined]) {
    const answer = await pathsNow(db, ledger, number, last);
    if (answer !== undefined) return answer;
    if (waitMs !== undefined) await delay(waitMs);
  }
  throw new DomainError('SOURCE_FAILED', { institution: ledger.own().id, check: 'anchored' });
}

async function pathsNow(
  db: Database,
  ledger: PathLedger,
  number: number,
  last: LastTop,
): Promise<RegisterPathAnswer | undefined> {
  const own = ledger.own();
  const { id, slot, issuerLeaf } = own;
  // The ledger first: a shard read before it could be older than both tops that are tried.
  const newest = await ledger.topPath(slot);
  const subtree = await readSubtree(db, number);
  const top = [newest, last.top].find(
    (one) => one !== undefined && rootAbove(subtree, { slot, issuerLeaf, top: one }) === one.root,
  );
  if (top === undefined) return undefined;
  last.top = top;
  return {
    institution: id,
    epoch: top.epoch,
    slot,
    issuer: issuerAnswerOf(own),
    subtree: number,
    leaves: subtree.leaves.map(String),
    siblings: subtree.siblings.map(String),
    topSiblings: top.siblings.map(String),
    root: String(top.root),
  };
}

function issuerAnswerOf({ issuer, term }: LedgerInstitution): IssuerAnswer {
  return {
    ax: String(issuer.ax),
    ay: String(issuer.ay),
    validFrom: String(issuer.validFrom),
    validUntil: String(issuer.validUntil),
    grants: String(issuer.grants),
    parties: issuer.parties,
    term: String(term),
  };
}

function rootAbove(
  subtree: Subtree,
  { slot, issuerLeaf, top }: { slot: number; issuerLeaf: bigint; top: TopPath },
): bigint {
  const shardRoot = rootFromPath(subtree.root, subtree.siblings, subtree.number);
  return rootFromPath(slotValueOf(shardRoot, issuerLeaf), top.siblings, slot);
}
