import { type SQL, sql } from 'drizzle-orm';
import { codeKey } from '../deidentify/concept.js';
import type { Code, QuantityBounds, ValueQuestion } from './records-source.js';

/**
 * SQL condition: the clinical_record `row` has such a value, as observation-values.ts stores them.
 *
 * A value that is an interval ("<5", a range) matches bounds only if all of it is within them.
 */
export function hasValue({ codes, quantity, coded }: ValueQuestion): SQL {
  const conditions: SQL[] = [];
  if (codes !== null) conditions.push(sql`one.codes && ${keys(codes)}`);
  if (coded !== null) conditions.push(sql`one.coded && ${keys(coded)}`);
  if (quantity !== null) conditions.push(...within(quantity));
  return sql`EXISTS (
    SELECT FROM jsonb_to_recordset(row.measured) AS one(codes text[], ucum text, low numeric,
      low_open boolean, high numeric, high_open boolean, coded text[])
    WHERE ${sql.join(conditions, sql` AND `)})`;
}

function within({ ucum, atLeast, moreThan, atMost, lessThan }: QuantityBounds): readonly SQL[] {
  const conditions = [sql`one.ucum = ${ucum}`];
  if (atLeast !== null) conditions.push(sql`one.low >= ${atLeast}::numeric`);
  if (moreThan !== null) {
    conditions.push(sql`(one.low > ${moreThan}::numeric
      OR one.low = ${moreThan}::numeric AND one.low_open)`);
  }
  if (atMost !== null) conditions.push(sql`one.high <= ${atMost}::numeric`);
  if (lessThan !== null) {
    conditions.push(sql`(one.high < ${lessThan}::numeric
      OR one.high = ${lessThan}::numeric AND one.high_open)`);
  }
  return conditions;
}

function keys(codes: readonly Code[]): SQL {
  return textArray(codes.map(codeKey));
}

/** Sent as JSON, because each driver sends JavaScript arrays in its own way. */
export function textArray(texts: readonly string[]): SQL {
  return sql`ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;
}
