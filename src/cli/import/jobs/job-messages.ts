import type { MessagePort } from 'node:worker_threads';
import type { ImportReport, RefusedEntry } from '../../../core/import/import-report.js';
import type { Database } from '../../../store/database.js';
import type { Told } from '../../../store/relay/messages.js';
import type { ImportInput } from '../standard.js';

/** What the thread of an import is given. */
export interface JobOrder {
  readonly input: ImportInput;
  readonly database: Pick<Database, 'engine' | 'schema'>;
  /** Where it asks for SQL. */
  readonly port: MessagePort;
}

/** How far an import is. */
export interface JobProgress {
  readonly bytes: number;
  readonly resources: number;
}

/** What the thread of an import says. */
export type JobMessage =
  | ({ readonly kind: 'reached' } & JobProgress)
  | { readonly kind: 'refused'; readonly entries: readonly RefusedEntry[] }
  | { readonly kind: 'done'; readonly reports: readonly ImportReport[] }
  | { readonly kind: 'failed'; readonly failure: Told };
