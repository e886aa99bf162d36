import { sql } from 'drizzle-orm';

/** Marks a transaction as one of which nothing stays. */
export const MARK_DRY = sql.raw("SET LOCAL assent.dry_run = 'on'");

/** Whether it is no such transaction: only then does a lock keep others waiting to some purpose. */
export const UNLESS_DRY = sql.raw("current_setting('assent.dry_run', true) IS DISTINCT FROM 'on'");
