import { bigint, bigserial, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../../core/bytes32.js';
import type { ErrorCode } from '../../core/error-codes.js';
import type { OperationName } from '../../core/operator/operations.js';
import type { Seconds } from '../../core/time.js';

/** What came of a use: ALLOWED before the work began, or the code that it was refused with. */
export type OperatorOutcome = 'ALLOWED' | Extract<ErrorCode, `OPERATOR_${string}`>;

/**
 * The audit log: a row for each time that a token of a known key was used, be it refused. Append only, because
 * the evidence log holds a salted leaf of each. A token that nobody signed has none: strangers write no rows.
 */
export const operatorUse = pgTable(
  'operator_use',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
    key: text('key').notNull(), // thumbprint: who
    jti: text('jti').notNull(), // by which token
    operation: text('operation').$type<OperationName>().notNull(), // what
    requestId: text('request_id').notNull(), // as the answer and the log name it
    about: text('about'), // what of, where there are several: the id of an import
    outcome: text('outcome').$type<OperatorOutcome>().notNull(),
    leaf: text('leaf').$type<Bytes32>().notNull(), // in the evidence log
  },
  (t) => [index('operator_use_key_id_idx').on(t.key, t.id)],
);

/** What is taken no more. A row is never removed: a key that is put back into the settings stays revoked. */
export const operatorRevocation = pgTable(
  'operator_revocation',
  {
    kind: text('kind').$type<'KEY' | 'TOKEN'>().notNull(),
    name: text('name').notNull(), // a key's thumbprint, or a token's jti
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.name] })],
);
