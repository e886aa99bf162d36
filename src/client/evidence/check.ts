import { type Bytes32, fromBytes32, toBytes32 } from '../../core/bytes32.js';
import { DomainError } from '../../core/errors.js';
import {
  digestOf,
  type Evidence,
  HEAD_IN_DIGEST,
  headOf,
  leafOfParts,
  logOf,
  mismatchOf,
} from '../../core/evidence/evidence.js';
import { rootOfParts } from '../../core/evidence/evidence-parts.js';
import { rootOfInclusion } from '../../core/evidence/merkle-tree.js';
import { mismatch, type ReceivedRecord, type RecordCoverage, requireCovered } from './record.js';

/**
 * Requires that a record is the one that was logged, and that its log is in the digest: all checks
 * that need no ledger. Everything in the record must be covered by the log; the record may say
 * less.
 *
 * @returns which parts of the logged record it shows, and which not.
 * @throws DomainError EVIDENCE_RECORD_MISMATCH naming the field; EVIDENCE_PATH_INVALID;
 * EVIDENCE_DIGEST_MISMATCH.
 */
export function checkRecord(record: ReceivedRecord, evidence: Evidence): RecordCoverage {
  const coverage = requireCovered(record, evidence);
  requireLeaf(evidence);
  requireDigest(evidence);
  return coverage;
}

function requireLeaf({ leaf, proof }: Evidence): void {
  const root = rootOfParts(proof.parts);
  if (root === undefined) throw mismatch('(parts)');
  if (leafOfParts(proof.kind, { count: proof.parts.count, root }) !== leaf)
    throw mismatch('(leaf)');
}

function requireDigest({ leaf, proof, anchor }: Evidence): void {
  const { index, size, path } = proof.inclusion;
  const log = logOf(proof.kind);
  const root = rootOfInclusion(fromBytes32(leaf), { index, size }, path.map(fromBytes32));
  const head = root && headOf(log, { size, root: toBytes32(root), salt: proof.headSalt });
  if (head !== proof.digest[HEAD_IN_DIGEST[log]]) {
    throw new DomainError('EVIDENCE_PATH_INVALID', { index, size });
  }
  if (digestOf(proof.digest) !== anchor.digest) throw new DomainError('EVIDENCE_DIGEST_MISMATCH');
}

/** What one institution anchored in one epoch, as the ledger has it now. */
export interface AnchorOnLedger {
  /** The institution's id at that slot. */
  readonly institution: string;
  readonly digest: Bytes32;
  /** Number of the slot's anchors before this one. */
  readonly round: number;
  readonly blockNumber: number;
  /** Time of the block, Unix seconds. */
  readonly unixSeconds: number;
}

/** Reads a ledger without an account; src/client/evidence/ledger.ts does so by JSON-RPC. */
export interface AnchorReader {
  readonly chainId: () => Promise<number>;
  /** @returns undefined if that contract logged no anchor of that slot in that epoch. */
  readonly anchorAt: (at: {
    readonly contract: string;
    readonly slot: number;
    readonly epoch: number;
  }) => Promise<AnchorOnLedger | undefined>;
}

/**
 * Requires that the named institution anchored the digest on this ledger, and that the digest was
 * made for that anchor.
 *
 * @param known.contract - the register of the reader's network. Without it the contract named in
 *   the evidence is believed, and a forger may have deployed a register of their own.
 * @throws DomainError LEDGER_MISMATCH naming the pin; EVIDENCE_NOT_ANCHORED; EVIDENCE_ANCHOR_MISMATCH
 * naming the field; what the reader throws.
 */
export async function checkAnchor(
  evidence: Evidence,
  ledger: AnchorReader,
  known: { readonly contract?: string | undefined } = {},
): Promise<AnchorOnLedger> {
  const { anchor } = evidence;
  if ((await ledger.chainId()) !== anchor.chainId) {
    throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
  }
  const isOther = known.contract?.toLowerCase() !== anchor.contract.toLowerCase();
  if (known.contract !== undefined && isOther) {
    throw new DomainError('LEDGER_MISMATCH', { pin: 'contract' });
  }
  const found = await ledger.anchorAt(anchor);
  const facts = { institution: anchor.institution, epoch: anchor.epoch };
  if (found?.digest !== anchor.digest) throw new DomainError('EVIDENCE_NOT_ANCHORED', facts);
  if (found.institution !== anchor.institution) {
    throw new DomainError('EVIDENCE_NOT_ANCHORED', { ...facts, anchoredBy: found.institution });
  }
  // Any institution can anchor a digest that another one published, or repeat its own. The heads in
  // it are then not those of that time.
  const field = mismatchOf(evidence.proof.digest, { ...anchor, round: found.round });
  if (field !== undefined) throw new DomainError('EVIDENCE_ANCHOR_MISMATCH', { field });
  return found;
}
