import { and, eq, isNotNull } from 'drizzle-orm';
import { z } from 'zod';
import { type Bytes32, fromBytes32, isBytes32, ZERO_HEAD } from '../../core/bytes32.js';
import { DomainError } from '../../core/errors.js';
import {
  type AnchorName,
  digestOf,
  EVIDENCE_LOGS,
  type EvidenceLog,
  HEAD_IN_DIGEST,
  headOf,
  mismatchOf,
} from '../../core/evidence/evidence.js';
import { digestPreimageShape } from '../../core/evidence/evidence-wire.js';
import { isConsistent } from '../../core/evidence/merkle-tree.js';
import type { InstitutionId } from '../../core/ids.js';
import { listOf } from '../../core/list-of.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { Feed } from '../feed/feed.js';
import { evidenceSeen, evidenceSeenTree } from '../tables/table-evidence.js';
import { signAuditRequest } from './auditor.js';
import { type EvidenceGap, isSecond, keepGap, seenTreeWithin } from './gap.js';
import type { OpenedDigest } from './serve.js';
import { requireSuccession, type SignedSuccession } from './succession.js';

/** How this node asks others about their logs. Answers are unknown until they are parsed. */
export interface EvidencePeers {
  /** GETs a path of another node. @throws if it does not answer, or refuses. */
  fetchEvidence(
    from: InstitutionId,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown>;
}

const bytes32 = z.custom<Bytes32>(isBytes32);
const head = z.strictObject({ size: z.int().min(1), root: bytes32, salt: bytes32 }).nullable();
const openedShape: z.ZodType<OpenedDigest> = z.strictObject({
  digest: digestPreimageShape,
  heads: z.strictObject({ DISCLOSURES: head, RECORDS: head }),
});
const consistencyShape = z.strictObject({ path: listOf(bytes32, 128) });

/** A log's tree under an anchored digest. */
interface Tree {
  readonly size: number;
  readonly root: Bytes32;
}

const EMPTY: Tree = { size: 0, root: ZERO_HEAD };

/**
 * Holds what an institution has anchored now against the newest that this node saw it anchor: its
 * logs must begin with all that they held, unchanged and in order.
 *
 * What was seen first stays remembered while the two do not agree, so an institution that dropped,
 * reordered or rewrote entries is named with every anchor until it shows the log it had.
 *
 * @returns the gaps that it was told of now: logs that ended and began again (succession.ts).
 * @throws DomainError EVIDENCE_INCONSISTENT {institution, log, seen, found} in entries, or {check}
 * digest: what it opens is not what it anchored, or is made for another anchor; what the peers throw if it does not answer.
 */
export async function auditInstitution(
  feed: Feed,
  peers: EvidencePeers,
  listed: LedgerInstitution,
): Promise<readonly EvidenceGap[]> {
  const { id, slot, anchors, lastAnchor, term } = listed;
  if (lastAnchor === undefined || id === feed.institution) return [];
  const digest = lastAnchor.digest as Bytes32;
  const remembered = await seenOf(feed, id);
  if (EVIDENCE_LOGS.every((log) => isSettled(remembered.get(log), digest))) return [];
  const { chainId, contract } = feed.ledger();
  const anchor = { chainId, contract, slot, round: anchors - 1 };
  const trees = await openAnchored(feed, peers, id, { digest, anchor });
  const gaps: EvidenceGap[] = [];
  for (const log of EVIDENCE_LOGS) {
    const seen = remembered.get(log) ?? { ...EMPTY, term };
    const found = trees[log];
    const holds = await continues(feed, peers, { id, log, seen, found });
    const gap = holds ? undefined : await succeed(feed, peers, listed, { log, seen, found });
    const isTaken = holds || gap !== undefined;
    await remember(feed, { id, log, digest, term }, isTaken ? found : undefined);
    if (gap !== undefined) gaps.push(gap);
    if (!isTaken) {
      const sizes = { seen: seen.size, found: found.size };
      throw new DomainError('EVIDENCE_INCONSISTENT', { institution: id, log, ...sizes });
    }
  }
  return gaps;
}

/**
 * Takes it that a log ended and a new one began: only under keys that governance gave the institution
 * after its log was seen last, once in their term, and if the new log begins with what was seen of the
 * entries that it says it has kept.
 *
 * @returns undefined if there is no such succession.
 */
async function succeed(
  feed: Feed,
  peers: EvidencePeers,
  listed: LedgerInstitution,
  of: {
    readonly log: EvidenceLog;
    readonly seen: Tree & { readonly term: number };
    readonly found: Tree;
  },
): Promise<EvidenceGap | undefined> {
  const { id, term } = listed;
  const { log, seen, found } = of;
  if (term <= seen.term) return undefined;
  const succession = await fetchSuccession(feed, peers, listed);
  const kept = succession?.kept[log] ?? 0;
  if (succession === undefined || kept > found.size || kept >= seen.size) return undefined;
  const base = await feed.db.transaction(async (tx) => {
    if (await isSecond(tx, succession)) return undefined;
    return (await seenTreeWithin(tx, { institution: id, log, most: kept })) ?? EMPTY;
  }, 'read');
  if (base === undefined) return undefined;
  if (!(await continues(feed, peers, { id, log, seen: base, found }))) return undefined;
  const at = feed.clock.nowSeconds();
  return feed.db.transaction((tx) => keepGap(tx, succession, { log, ended: seen.size, at }));
}

/** An institution that has none says so as it refuses anything else; one that signs wrongly is at fault. */
async function fetchSuccession(
  feed: Feed,
  peers: EvidencePeers,
  listed: LedgerInstitution,
): Promise<SignedSuccession | undefined> {
  const wire = await ask(feed, peers, listed.id, '/evidence/succession', z.unknown()).catch(
    () => undefined,
  );
  if (wire === undefined) return undefined;
  return requireSuccession(feed, listed, wire).catch(() => undefined);
}

/** The institutions whose logs did not continue what this node had seen of them, in id order. */
export async function inconsistentInstitutions(feed: Feed): Promise<InstitutionId[]> {
  const rows = await feed.db.transaction(
    (tx) =>
      tx
        .selectDistinct({ id: evidenceSeen.institution })
        .from(evidenceSeen)
        .where(isNotNull(evidenceSeen.brokenBy))
        .orderBy(evidenceSeen.institution),
    'read',
  );
  return rows.map(({ id }) => id);
}

type Seen = typeof evidenceSeen.$inferSelect;

function isSettled(seen: Seen | undefined, digest: Bytes32): boolean {
  return seen?.digest === digest && seen.brokenBy === null;
}

async function seenOf(feed: Feed, id: InstitutionId): Promise<ReadonlyMap<EvidenceLog, Seen>> {
  const rows = await feed.db.transaction(
    (tx) => tx.select().from(evidenceSeen).where(eq(evidenceSeen.institution, id)),
    'read',
  );
  return new Map(rows.map((row) => [row.log, row]));
}

/** The trees under a digest: the ledger's digest decides whether what is opened is the truth. */
async function openAnchored(
  feed: Feed,
  peers: EvidencePeers,
  id: InstitutionId,
  { digest, anchor }: { readonly digest: Bytes32; readonly anchor: AnchorName },
): Promise<Record<EvidenceLog, Tree>> {
  const opened = await ask(feed, peers, id, `/evidence/digest/${digest}`, openedShape);
  const holds = EVIDENCE_LOGS.every((log) => {
    const one = opened.heads[log];
    return opened.digest[HEAD_IN_DIGEST[log]] === (one === null ? ZERO_HEAD : headOf(log, one));
  });
  if (!holds || digestOf(opened.digest) !== digest || mismatchOf(opened.digest, anchor)) {
    throw new DomainError('EVIDENCE_INCONSISTENT', { institution: id, check: 'digest' });
  }
  const { DISCLOSURES, RECORDS } = opened.heads;
  return { DISCLOSURES: DISCLOSURES ?? EMPTY, RECORDS: RECORDS ?? EMPTY };
}

async function continues(
  feed: Feed,
  peers: EvidencePeers,
  of: {
    readonly id: InstitutionId;
    readonly log: EvidenceLog;
    readonly seen: Tree;
    readonly found: Tree;
  },
): Promise<boolean> {
  const { id, log, seen, found } = of;
  if (seen.size === 0) return true;
  if (found.size <= seen.size) return found.size === seen.size && found.root === seen.root;
  const path = `/evidence/${log}/consistency?first=${seen.size}&second=${found.size}`;
  const proof = await ask(feed, peers, id, path, consistencyShape);
  return isConsistent(toHead(seen), toHead(found), proof.path.map(fromBytes32));
}

/** A malformed answer counts as no answer: it does not show who is at fault. */
async function ask<T>(
  feed: Feed,
  peers: EvidencePeers,
  id: InstitutionId,
  path: string,
  shape: z.ZodType<T>,
): Promise<T> {
  const headers = await signAuditRequest(feed, id, path);
  const parsed = shape.safeParse(await peers.fetchEvidence(id, path, headers));
  if (!parsed.success) throw new DomainError('SOURCE_FAILED', { institution: id, check: 'shape' });
  return parsed.data;
}

async function remember(
  feed: Feed,
  of: { id: InstitutionId; log: EvidenceLog; digest: Bytes32; term: number },
  tree: Tree | undefined,
): Promise<void> {
  const { id, log, digest, term } = of;
  const same = and(eq(evidenceSeen.institution, id), eq(evidenceSeen.log, log));
  await feed.db.transaction(async (tx) => {
    if (tree === undefined) {
      await tx.update(evidenceSeen).set({ brokenBy: digest }).where(same);
      return;
    }
    const { size, root } = tree;
    const seen = { digest, size, root, term, seenAt: feed.clock.nowSeconds(), brokenBy: null };
    await tx
      .insert(evidenceSeen)
      .values({ institution: id, log, ...seen })
      .onConflictDoUpdate({ target: [evidenceSeen.institution, evidenceSeen.log], set: seen });
    // After a gap, what the log has at this size from now on counts.
    if (size > 0) {
      await tx
        .insert(evidenceSeenTree)
        .values({ institution: id, log, size, root })
        .onConflictDoUpdate({
          target: [evidenceSeenTree.institution, evidenceSeenTree.log, evidenceSeenTree.size],
          set: { root },
        });
    }
  });
}

function toHead({ size, root }: Tree): { readonly size: number; readonly root: Uint8Array } {
  return { size, root: fromBytes32(root) };
}
