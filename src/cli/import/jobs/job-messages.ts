import type { MessagePort } from 'node:worker_threads';
import type { ImportReport, RefusedEntry } from '../../../core/import/import-report.js';
import type { Database } from '../../../store/database.js';
import type { Told } from '../../../store/relay/messages.js';
import type { ImportInput } from '../standard.js';

/** What an import's thread is started with. */
export interface JobOrder {
  readonly input: ImportInput;
  readonly database: Pick<Database, 'engine' | 'schema'>;
  /** The port on which it sends its SQL. */
  readonly port: MessagePort;
}

/** Progress of an import. */
export interface JobProgress {
  readonly bytes: number;
  readonly resources: number;
}

/** Messages from an import's thread. */
export type JobMessage =
  | ({ readonly kind: 'reached' } & JobProgress)
  | { readonly kind: 'refused'; readonly entries: readonly RefusedEntry[] }
  | { readonly kind: 'done'; readonly reports: readonly ImportReport[] }
  | { readonly kind: 'failed'; readonly failure: Told };
