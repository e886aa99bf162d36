import { type SQL, sql } from 'drizzle-orm';

/** `opened_of`: whether a link opens all merged records of one person, only its own, or none. */
function joinOpened(): SQL {
  return sql`
    LEFT JOIN merged_patient AS replaced ON replaced.id = subject.patient_id
    JOIN LATERAL (
      SELECT coalesce(replaced.survivor, subject.patient_id) AS survivor, CASE
        WHEN replaced.id IS NULL THEN 'ALL'
        WHEN EXISTS (SELECT FROM research_subject AS other
          WHERE other.study = subject.study AND other.patient_id = replaced.survivor) THEN 'NONE'
        WHEN EXISTS (SELECT FROM research_subject AS other
          JOIN merged_patient AS sibling ON sibling.id = other.patient_id
          WHERE other.study = subject.study AND sibling.survivor = replaced.survivor
            AND other.patient_id <> subject.patient_id) THEN 'OWN'
        ELSE 'ALL' END AS records
    ) AS opened_of ON true`;
}

/**
 * `JOIN … AS record`: the patients whose rows a pseudonym's link opens. The statement must have the
 * link as `subject`.
 *
 * Rows follow the record that survives a merge, and its link opens what was merged into it too. The
 * link of a merged record opens the same rows, unless another pseudonym of the study is linked with
 * one of these records. Two holders are never treated as one person: if the survivor's link is
 * among them, only that link opens the rows; otherwise each link opens what its own record had.
 */
export function joinRecords(): SQL {
  return sql`${joinOpened()}
    JOIN LATERAL (
      SELECT opened_of.survivor AS id WHERE opened_of.records = 'ALL'
      UNION ALL SELECT merged.id FROM merged_patient AS merged
        WHERE merged.survivor = opened_of.survivor AND opened_of.records = 'ALL'
      UNION ALL SELECT subject.patient_id WHERE opened_of.records = 'OWN'
    ) AS record ON true`;
}

/** `JOIN … AS shown`: the one patient whose demographics a link shows, by the same rule. */
export function joinShownPatient(): SQL {
  return sql`${joinOpened()}
    JOIN LATERAL (
      SELECT CASE WHEN opened_of.records = 'OWN' THEN subject.patient_id ELSE opened_of.survivor END
        AS id WHERE opened_of.records <> 'NONE'
    ) AS shown ON true`;
}
