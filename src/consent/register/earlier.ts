import { sql } from 'drizzle-orm';
import { invariant } from '../../core/errors.js';
import type { StudyId } from '../../core/ids.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import type { ConsentFields } from '../../zk/leaf.js';
import { erasedMarksOf } from './erased-mark.js';

/** What this node knows that decides on registering one more consent, erased ones included. */
export interface Earlier {
  /** Undefined for a study that this node does not know. */
  readonly study: StudyId | undefined;
  /** Whether a patient here is linked with the pseudonym. */
  readonly linked: boolean;
  /** Of this pseudonym for this requester; undefined if there was none. */
  readonly highestSerial: bigint | undefined;
  readonly handleUsed: boolean;
  /** Places of the shard that the pseudonym has taken. */
  readonly leaves: number;
}

/** All of it in one statement: registering waits for each round trip, under a lock. */
export async function readEarlier(tx: SqlTransaction, fields: ConsentFields): Promise<Earlier> {
  const [pseudonym, requester] = [String(fields.pseudonym), String(fields.requester)];
  const [study, handle] = [String(fields.study), String(fields.handle)];
  const marks = erasedMarksOf({ pseudonym, requester, handle });
  const result = await tx.execute(sql`
    SELECT known.id AS study, linked.patient_id IS NOT NULL AS linked,
      greatest(own.serial, by_requester.serial)::text AS serial,
      coalesce(own.handle_used, false) OR by_handle.mark IS NOT NULL AS handle_used,
      (own.leaves + coalesce(by_participant.leaves, 0))::int AS leaves
    FROM (SELECT count(*) AS leaves, max(serial) FILTER (WHERE requester = ${requester}) AS serial,
        bool_or(handle = ${handle}) AS handle_used
      FROM consent WHERE pseudonym = ${pseudonym}) AS own
    LEFT JOIN study AS known ON known.field = ${study}
    LEFT JOIN research_subject AS linked
      ON linked.study = known.id AND linked.pseudonym = ${pseudonym}
    LEFT JOIN erased_mark AS by_requester ON by_requester.mark = ${marks.requester}
    LEFT JOIN erased_mark AS by_handle ON by_handle.mark = ${marks.handle}
    LEFT JOIN erased_mark AS by_participant ON by_participant.mark = ${marks.participant}`);
  const [row] = rowsOf<EarlierRow>(result);
  invariant(row !== undefined, 'an aggregate has one row');
  return {
    study: row.study ?? undefined,
    linked: row.linked,
    highestSerial: row.serial === null ? undefined : BigInt(row.serial),
    handleUsed: row.handle_used,
    leaves: row.leaves,
  };
}

type EarlierRow = {
  readonly study: StudyId | null;
  readonly linked: boolean;
  readonly serial: string | null;
  readonly handle_used: boolean;
  readonly leaves: number;
};
