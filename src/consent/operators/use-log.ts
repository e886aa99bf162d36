import { desc, max } from 'drizzle-orm';
import { invariant } from '../../core/errors.js';
import { WHOLE_RECORD } from '../../core/evidence/evidence.js';
import type { OperationName } from '../../core/operator/operations.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { appendEvidence } from '../evidence/append.js';
import { type OperatorOutcome, operatorUse } from '../tables/table-operator.js';

/** One use of an operator token, as the audit log and its leaf in the evidence log have it. */
export interface OperatorUse {
  readonly at: Seconds;
  /** Who: the key's thumbprint. */
  readonly key: string;
  readonly jti: string;
  /** What. */
  readonly operation: OperationName;
  readonly requestId: string;
  /** The id of what it is about, where there are several. */
  readonly about: string | null;
  readonly outcome: OperatorOutcome;
}

/** Appends a use to the audit log, and its leaf to the evidence log. @returns the row's id. */
export async function recordUse(tx: SqlTransaction, given: OperatorUse): Promise<number> {
  const use = useOf(given);
  const [leaf] = await appendEvidence(tx, 'OPERATOR_USE', [[{ name: WHOLE_RECORD, value: use }]]);
  invariant(leaf !== undefined, 'each entry has a leaf');
  const [row] = await tx
    .insert(operatorUse)
    .values({ ...use, leaf })
    .returning({ id: operatorUse.id });
  invariant(row !== undefined, 'an inserted row has an id');
  return row.id;
}

/** The newest uses, the newest first. */
export async function newestUses(
  tx: SqlTransaction,
  most: number,
): Promise<readonly (OperatorUse & { readonly id: number })[]> {
  const rows = await tx.select().from(operatorUse).orderBy(desc(operatorUse.id)).limit(most);
  return rows.map((row) => ({ id: row.id, ...useOf(row) }));
}

/** When each key was last used, refused uses included. */
export async function lastUses(tx: SqlTransaction): Promise<ReadonlyMap<string, Seconds>> {
  const { key, at } = operatorUse;
  const rows = await tx
    .select({ key, at: max(at) })
    .from(operatorUse)
    .groupBy(key);
  return new Map(rows.flatMap((row) => (row.at === null ? [] : [[row.key, row.at] as const])));
}

/** Without what only the table has: exactly what was logged. */
function useOf({ at, key, jti, operation, requestId, about, outcome }: OperatorUse): OperatorUse {
  return { at, key, jti, operation, requestId, about, outcome };
}
