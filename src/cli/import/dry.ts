import type { Database } from '../../store/database.js';
import { dryRun } from '../../store/dry-run/dry-run.js';

/** The tables that decide what becomes of an entry: a dry run needs their contents. */
export const DECIDED_BY: readonly string[] = [
  ...['resource', 'resource_link', 'patient', 'patient_key', 'long_id'],
  'resource_identifier',
  ...['patient_merge', 'merged_patient', 'import_progress'],
  ...['trial', 'site'],
  ...['event', 'pack', 'lot', 'product'],
];

/** Imports into a copy that is discarded, so that the report is that of a real import. */
export function importDry<T>(db: Database, work: (dry: Database) => Promise<T>): Promise<T> {
  return dryRun(db, DECIDED_BY, work);
}
