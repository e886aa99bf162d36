import { MessageChannel, Worker } from 'node:worker_threads';
import { DomainError } from '../../../core/errors.js';
import type { ImportReport, RefusedEntry } from '../../../core/import/import-report.js';
import type { Database } from '../../../store/database.js';
import { failureFrom } from '../../../store/relay/messages.js';
import { serveDatabase } from '../../../store/relay/serve-database.js';
import type { ImportInput } from '../standard.js';
import type { JobMessage, JobOrder, JobProgress } from './job-messages.js';

/** A bundle of 64 MB takes a gigabyte while it is parsed. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 1_536 };

// A thread can only run JavaScript, so the built file is used even when running from sources.
const FOLDER = import.meta.url.endsWith('.ts') ? '../../../../dist/cli/import/jobs/' : './';
const WORKER = new URL(`${FOLDER}job-worker.js`, import.meta.url);

/**
 * Imports in a separate thread, which reads, validates and decides; the calling thread only runs
 * the SQL that it asks for. If the signal ends it, everything after the last complete segment is
 * rolled back.
 *
 * @throws DomainError what the import throws; STOPPING if the signal was given; INTERNAL if the thread fails.
 */
export async function importInThread(
  db: Database,
  input: ImportInput,
  hear: {
    readonly onReached: (progress: JobProgress) => void;
    readonly onRefused: (entries: readonly RefusedEntry[]) => void;
    readonly stop: AbortSignal;
  },
): Promise<readonly ImportReport[]> {
  if (hear.stop.aborted) throw new DomainError('STOPPING');
  const { port1: own, port2: port } = new MessageChannel();
  const { engine, schema } = db;
  const served = serveDatabase(db, own);
  const order: JobOrder = { input, database: { engine, schema }, port };
  // More threads would take the cores that the node needs for its answers.
  const workerData = { ...order, input: { ...input, threads: 0 } };
  const worker = new Worker(WORKER, {
    workerData,
    transferList: [port],
    resourceLimits: THREAD_LIMITS,
  });
  const end = () => void worker.terminate();
  hear.stop.addEventListener('abort', end, { once: true });
  try {
    return await reportsOf(worker, hear);
  } finally {
    hear.stop.removeEventListener('abort', end);
    await worker.terminate();
    own.close();
    await served.ended;
  }
}

function reportsOf(
  worker: Worker,
  { onReached, onRefused, stop }: Parameters<typeof importInThread>[2],
): Promise<readonly ImportReport[]> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: JobMessage) => {
      if (message.kind === 'reached') onReached(message);
      else if (message.kind === 'refused') onRefused(message.entries);
      else if (message.kind === 'done') resolve(message.reports);
      else reject(failureFrom(message.failure));
    });
    worker.once('error', (cause) => reject(new DomainError('INTERNAL', {}, cause)));
    worker.once('exit', () => reject(new DomainError(stop.aborted ? 'STOPPING' : 'INTERNAL')));
  });
}
