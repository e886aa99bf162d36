import { eq } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId, StudyId } from '../../core/ids.js';
import type { SqlTransaction } from '../../store/database.js';
import { studyField } from '../../zk/arithmetic/field.js';
import { study } from '../tables/table-study.js';

/** A study as leaves and requests name it. */
export interface Study {
  readonly id: StudyId;
  readonly sponsor: InstitutionId;
  /** studyField(network, sponsor, id). */
  readonly field: bigint;
  readonly title: string;
}

/** Makes a study known to this node, or gives it another title; its field never changes. */
export async function addStudy(
  tx: SqlTransaction,
  given: {
    readonly network: string;
    readonly id: StudyId;
    readonly sponsor: InstitutionId;
    readonly title: string;
  },
): Promise<Study> {
  const { network, id, sponsor, title } = given;
  const field = studyField(network, sponsor, id);
  const [row] = await tx
    .insert(study)
    .values({ id, sponsor, field: String(field), title })
    .onConflictDoUpdate({ target: study.id, set: { title }, setWhere: eq(study.sponsor, sponsor) })
    .returning();
  // The id is known with another sponsor: two studies would share their participants' rows.
  if (row === undefined) throw new DomainError('BAD_INPUT', { study: id, expected: 'its sponsor' });
  return toStudy(row);
}

/** @throws DomainError STUDY_UNKNOWN */
export async function requireStudy(tx: SqlTransaction, id: StudyId): Promise<Study> {
  const [row] = await tx.select().from(study).where(eq(study.id, id));
  if (row === undefined) throw new DomainError('STUDY_UNKNOWN');
  return toStudy(row);
}

function toStudy(row: typeof study.$inferSelect): Study {
  return { id: row.id, sponsor: row.sponsor, field: BigInt(row.field), title: row.title };
}
