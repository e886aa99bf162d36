import { eq } from 'drizzle-orm';
import type { Bytes32 } from '../../core/bytes32.js';
import { DomainError } from '../../core/errors.js';
import {
  type DigestPreimage,
  type EvidenceLog,
  HEAD_IN_DIGEST,
} from '../../core/evidence/evidence.js';
import { consistencyRanges, inclusionRanges } from '../../core/evidence/merkle-tree.js';
import type { Database } from '../../store/database.js';
import { preimageOf } from '../feed/own-digest.js';
import { evidenceEntry } from '../tables/table-evidence.js';
import { type OpenedHead, openHead, sizeOf } from './seal.js';
import { hashesOfRanges } from './tile.js';

/** A digest of this institution with what its logs' heads hide; null for a log still empty. */
export interface OpenedDigest {
  readonly digest: DigestPreimage;
  readonly heads: Readonly<Record<EvidenceLog, OpenedHead | null>>;
}

/** @throws DomainError BAD_INPUT for a digest that this institution did not prepare. */
export function openDigest(db: Database, digest: Bytes32): Promise<OpenedDigest> {
  return db.transaction(async (tx) => {
    const preimage = await preimageOf(tx, digest);
    if (preimage === undefined) throw new DomainError('BAD_INPUT', { expected: 'own digest' });
    const opened = (log: EvidenceLog) => openHead(tx, log, preimage[HEAD_IN_DIGEST[log]]);
    const heads = {
      DISCLOSURES: (await opened('DISCLOSURES')) ?? null,
      RECORDS: (await opened('RECORDS')) ?? null,
    };
    return { digest: preimage, heads };
  }, 'read');
}

/** That the log of `second` entries begins with those of `first`. @throws DomainError BAD_INPUT. */
export function proveConsistency(
  db: Database,
  log: EvidenceLog,
  { first, second }: { readonly first: number; readonly second: number },
): Promise<{ readonly path: readonly Bytes32[] }> {
  return db.transaction(async (tx) => {
    const sealed = await sizeOf(tx, log);
    if (!(first >= 1 && first <= second && second <= sealed)) {
      throw new DomainError('BAD_INPUT', { expected: 'sizes of this log' });
    }
    return { path: await hashesOfRanges(tx, log, consistencyRanges(first, second)) };
  }, 'read');
}

/** Where a leaf stands in the log of `size` entries. @throws DomainError BAD_INPUT if it does not. */
export function proveInclusion(
  db: Database,
  log: EvidenceLog,
  { leaf, size }: { readonly leaf: Bytes32; readonly size: number },
): Promise<{ readonly index: number; readonly path: readonly Bytes32[] }> {
  return db.transaction(async (tx) => {
    const [entry] = await tx.select().from(evidenceEntry).where(eq(evidenceEntry.leaf, leaf));
    const index = entry?.log === log ? entry.position : null;
    if (index === null || index >= size || size > (await sizeOf(tx, log))) {
      throw new DomainError('BAD_INPUT', { expected: 'leaf and size of this log' });
    }
    return { index, path: await hashesOfRanges(tx, log, inclusionRanges(index, size)) };
  }, 'read');
}
