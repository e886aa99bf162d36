import { and, desc, eq, gte, sql } from 'drizzle-orm';
import {
  type Evidence,
  type EvidencePart,
  logOf,
  WHOLE_RECORD,
} from '../../core/evidence/evidence.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import type { DataClass, Purpose } from '../../zk/vocabulary.js';
import { eraseEvidence, newEntry } from '../evidence/append.js';
import type { ProveRows } from '../evidence/prove.js';
import { disclosure } from '../tables/table-disclosure.js';

/** Rows of one participant and one data class that leave this node in one request. */
export interface Release {
  readonly at: Seconds;
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  /** The handle of the consent it is released under, a canonical decimal. */
  readonly handle: string;
  readonly purpose: Purpose;
  readonly dataClass: DataClass;
  /** Rows released. */
  readonly count: number;
}

/** A release as its participant, or an officer of this institution, may show it to anybody. */
export interface ProvenRelease {
  readonly id: number;
  readonly record: Release;
  /** Null until the next anchor. */
  readonly evidence: Evidence | null;
}

/** A page of releases: the newest first, so that the first one says who looked lately. */
export interface ReleasePage {
  /** Only those before (at, id) in time; undefined: from the newest on. */
  readonly below?: { readonly at: Seconds; readonly id: number } | undefined;
  /** None older; 0: all that are kept, which is all that were not erased. */
  readonly since: Seconds;
  readonly size: number;
}

/**
 * Records what is about to leave this node: the rows and their leaves in the evidence log, in one
 * statement, because an answer waits for it.
 */
export async function recordDisclosures(
  tx: SqlTransaction,
  releases: readonly Release[],
): Promise<void> {
  if (releases.length === 0) return;
  const rows = releases.map((given) => {
    const release = releaseOf(given);
    return { ...release, ...newEntry('DISCLOSURE', partsOfRelease(release)) };
  });
  await tx.execute(sql`
    WITH released AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row(at bigint, study text,
        pseudonym text, handle text, purpose text, "dataClass" text, count integer, leaf text,
        salt text)
    ), logged AS (
      INSERT INTO evidence_entry (log, kind, leaf, salt)
      SELECT ${logOf('DISCLOSURE')}, 'DISCLOSURE', leaf, salt FROM released
    )
    INSERT INTO disclosure (at, study, pseudonym, handle, purpose, data_class, count, leaf)
    SELECT at, study, pseudonym, handle, purpose, "dataClass", count, leaf FROM released`);
}

/**
 * What was released of one participant of a study, newest first, each with its evidence.
 *
 * The caller decides who may see it: the participant by the study key, or the institution's own
 * officer. The answer proves itself to anybody it is handed on to.
 */
export async function provenDisclosures(
  db: Database,
  prove: ProveRows,
  of: { readonly study: StudyId; readonly pseudonym: Pseudonym },
  page: ReleasePage,
): Promise<ProvenRelease[]> {
  const { below, since, size } = page;
  const older = below && sql`(${disclosure.at}, ${disclosure.id}) < (${below.at}, ${below.id})`;
  const rows = await db.transaction(
    (tx) =>
      tx
        .select()
        .from(disclosure)
        .where(and(isOf(of), gte(disclosure.at, since), older))
        .orderBy(desc(disclosure.at), desc(disclosure.id))
        .limit(size),
    'read',
  );
  const evidence = await prove(
    rows.map((row) => ({ leaf: row.leaf, parts: partsOfRelease(releaseOf(row)) })),
  );
  return rows.map((row, i) => ({
    id: row.id,
    record: releaseOf(row),
    evidence: evidence[i] ?? null,
  }));
}

/** Erases what was released of one participant: the leaves stay, and nothing tells whose they were. */
export async function eraseDisclosures(
  tx: SqlTransaction,
  of: { readonly study: StudyId; readonly pseudonym: Pseudonym },
): Promise<void> {
  const erased = await tx.delete(disclosure).where(isOf(of)).returning({ leaf: disclosure.leaf });
  await eraseEvidence(
    tx,
    erased.flatMap(({ leaf }) => leaf ?? []),
  );
}

function isOf({ study, pseudonym }: { readonly study: StudyId; readonly pseudonym: Pseudonym }) {
  return and(eq(disclosure.study, study), eq(disclosure.pseudonym, pseudonym));
}

function partsOfRelease(release: Release): EvidencePart[] {
  return [{ name: WHOLE_RECORD, value: release }];
}

/** A stored release without what only its table has: exactly what was logged. */
export function releaseOf(row: Release): Release {
  const { at, study, pseudonym, handle, purpose, dataClass, count } = row;
  return { at, study, pseudonym, handle, purpose, dataClass, count };
}
