import { inArray } from 'drizzle-orm';
import { type Bytes32, toBytes32 } from '../../core/bytes32.js';
import { codeOf, DomainError, invariant } from '../../core/errors.js';
import {
  type DigestPreimage,
  EVIDENCE_FORM,
  EVIDENCE_LOGS,
  type Evidence,
  type EvidenceAnchor,
  type EvidenceKind,
  type EvidenceLog,
  type EvidencePart,
  HEAD_IN_DIGEST,
  hashOfPart,
  logOf,
  OUTLINE,
  outlineOf,
  saltsOfParts,
} from '../../core/evidence/evidence.js';
import { showParts } from '../../core/evidence/evidence-parts.js';
import { inclusionRanges, type LeafRange } from '../../core/evidence/merkle-tree.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { preimageOf } from '../feed/own-digest.js';
import { evidenceEntry } from '../tables/table-evidence.js';
import { type OpenedHead, openHead } from './seal.js';
import { hashesOfRanges } from './tile.js';

/** A row whose evidence is asked for, as its owner has it now. */
export interface LoggedRow {
  /** Null for a row that was never appended. */
  readonly leaf: Bytes32 | null;
  /** What the row says: the same parts in the same order as were appended. */
  readonly parts: readonly EvidencePart[];
  /** Which parts the caller may see in addition to the outline; without it, all of them. */
  readonly shows?: (part: EvidencePart) => boolean;
}

/**
 * Proves rows against what this institution anchored last. One entry per row, in order: null for a
 * row that was never appended, was erased, or is not anchored yet.
 *
 * A row that was changed without the log gets the proof of what was appended, and fails when it is
 * verified: this node must not be the judge of its own honesty.
 */
export type ProveRows = (rows: readonly LoggedRow[]) => Promise<readonly (Evidence | null)[]>;

export interface ProverOptions {
  readonly db: Database;
  readonly institution: InstitutionId;
  /** @throws what the ledger watch throws while it has no usable snapshot. */
  readonly ledger: () => Pick<LedgerSnapshot, 'chainId' | 'contract' | 'institutions'>;
}

/** Makes the prover of a node. It reads the stored tree: some rows of SQL for each log asked. */
export function createProver(options: ProverOptions): ProveRows {
  return async (rows) => {
    const nothing = rows.map(() => null);
    if (rows.every(({ leaf }) => leaf === null)) return nothing;
    const anchor = newestAnchor(options);
    if (anchor === undefined) return nothing;
    return options.db.transaction((tx) => proveAgainst(tx, anchor, rows), 'read');
  };
}

/** Undefined before the first anchor, and while the ledger is not seen: evidence is not urgent. */
function newestAnchor({ institution, ledger }: ProverOptions): EvidenceAnchor | undefined {
  try {
    const { chainId, contract, institutions } = ledger();
    const own = institutions.find(({ id }) => id === institution);
    if (own?.lastAnchor === undefined) return undefined;
    const { digest, epoch } = own.lastAnchor;
    return { institution, slot: own.slot, epoch, chainId, contract, digest: digest as Bytes32 };
  } catch (thrown) {
    if (!(thrown instanceof DomainError) || !codeOf(thrown).startsWith('LEDGER_')) throw thrown;
    return undefined;
  }
}

/** An entry that is under the anchor, and how it is to be proven. */
interface Provable {
  readonly row: LoggedRow;
  readonly kind: EvidenceKind;
  readonly salt: Bytes32;
  readonly leaf: Bytes32;
  readonly index: number;
  readonly head: OpenedHead;
  readonly path: readonly LeafRange[];
}

async function proveAgainst(
  tx: SqlTransaction,
  anchor: EvidenceAnchor,
  rows: readonly LoggedRow[],
): Promise<(Evidence | null)[]> {
  const digest = await preimageOf(tx, anchor.digest);
  if (digest === undefined) return rows.map(() => null);
  const provable = await findProvable(tx, digest, rows);
  const proven = new Map<LoggedRow, Evidence>();
  for (const log of EVIDENCE_LOGS) {
    const inLog = provable.filter(({ kind }) => logOf(kind) === log);
    const hashes = await hashesOfRanges(
      tx,
      log,
      inLog.flatMap(({ path }) => path),
    );
    for (const one of inLog) {
      const path = hashes.splice(0, one.path.length);
      proven.set(one.row, evidenceOf(one, { path, digest, anchor }));
    }
  }
  return rows.map((row) => proven.get(row) ?? null);
}

async function findProvable(
  tx: SqlTransaction,
  digest: DigestPreimage,
  rows: readonly LoggedRow[],
): Promise<Provable[]> {
  const heads = new Map<EvidenceLog, OpenedHead | undefined>();
  for (const log of EVIDENCE_LOGS) {
    heads.set(log, await openHead(tx, log, digest[HEAD_IN_DIGEST[log]]));
  }
  const leaves = rows.flatMap(({ leaf }) => leaf ?? []);
  const entries = await tx.select().from(evidenceEntry).where(inArray(evidenceEntry.leaf, leaves));
  const byLeaf = new Map(entries.map((entry) => [entry.leaf, entry]));
  return rows.flatMap((row) => {
    const entry = row.leaf === null ? undefined : byLeaf.get(row.leaf);
    const head = entry && heads.get(entry.log);
    if (!entry || !head || entry.salt === null || entry.position === null) return [];
    if (entry.position >= head.size) return [];
    const { kind, salt, leaf, position: index } = entry;
    return [{ row, kind, salt, leaf, index, head, path: inclusionRanges(index, head.size) }];
  });
}

function evidenceOf(
  { row, kind, salt, leaf, index, head }: Provable,
  under: {
    readonly path: readonly Bytes32[];
    readonly digest: DigestPreimage;
    readonly anchor: EvidenceAnchor;
  },
): Evidence {
  const salts = saltsOfParts(salt, row.parts.length);
  const opened = row.parts.map((part, at) => {
    const partSalt = salts[at];
    invariant(partSalt, 'each part has a salt');
    return { at, part, salt: partSalt, hash: hashOfPart(partSalt, part) };
  });
  const shown = opened
    .filter(({ part }) => part.name === OUTLINE || row.shows?.(part) !== false)
    .map(({ at, part, ...one }) => {
      return { at, name: part.name, salt: toBytes32(one.salt), hash: toBytes32(one.hash) };
    });
  const hashes = opened.map(({ hash }) => hash);
  return {
    leaf,
    proof: {
      form: EVIDENCE_FORM,
      kind,
      parts: showParts(hashes, { outline: outlineOf(row.parts), shown }),
      inclusion: { index, size: head.size, path: under.path },
      headSalt: head.salt,
      digest: under.digest,
    },
    anchor: under.anchor,
  };
}
