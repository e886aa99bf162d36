import {
  addJob,
  changeJob,
  type ImportJob,
  interruptJobs,
  MAX_REFUSALS,
} from '../../../consent/operators/import-jobs.js';
import type { ImportCounts, ImportState } from '../../../consent/tables/table-import-job.js';
import type { Clock } from '../../../core/clock.js';
import { codeOf, DomainError } from '../../../core/errors.js';
import type { FileForm } from '../../../core/import/import-files.js';
import {
  endedCount,
  type ImportReport,
  type RefusedEntry,
} from '../../../core/import/import-report.js';
import type { Logger } from '../../../core/log.js';
import type { Database } from '../../../store/database.js';
import { importDry } from '../dry.js';
import type { ImportInput } from '../standard.js';
import type { JobProgress } from './job-messages.js';
import { importInThread } from './job-thread.js';
import type { Spool } from './spool.js';

/** Seconds after which a client may retry when the queue is full: an import takes minutes. */
const FULL_SECONDS = 60;

/** An upload in the spool. */
export interface QueuedImport {
  readonly job: ImportJob;
  readonly form: FileForm;
  readonly read: Pick<ImportInput, 'server' | 'longIds'>;
}

export interface ImportJobsParts {
  readonly db: Database;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Logger;
  /** Maximum number of imports that wait, run or arrive. */
  readonly most: number;
  /** The institutions' names, to resolve sponsors and sites of trials. */
  readonly names: () => ImportInput['names'];
}

interface Running {
  readonly id: string;
  /** Key of the operator who uploaded it. */
  readonly key: string;
  readonly stop: AbortController;
  progress: JobProgress;
  /** The state to end in when the signal is given. */
  end: ImportState;
  /** Resolves when the import no longer runs. */
  ended: Promise<void>;
}

/**
 * The imports that operators upload: one runs at a time, in a thread, and the others wait in order.
 */
export class ImportJobs {
  private readonly queue: QueuedImport[] = [];
  /** Keys of the operators whose uploads are arriving. */
  private readonly arriving: string[] = [];
  private running: Running | undefined;
  private working: Promise<void> = Promise.resolve();
  private isClosed = false;

  private constructor(private readonly parts: ImportJobsParts) {}

  /** Marks what an earlier run left unfinished as INTERRUPTED. */
  static async open(parts: ImportJobsParts): Promise<ImportJobs> {
    await interruptJobs(parts.db, parts.clock.nowSeconds());
    return new ImportJobs(parts);
  }

  /**
   * Receives an upload if there is room, and queues it. One key can have all places but the last, so
   * that there is room for another operator.
   *
   * @param key - of the operator who sends it.
   * @param receive - resolves with the upload once it is complete in the spool.
   * @throws DomainError OVERLOADED {seconds}, STOPPING; what `receive` throws.
   */
  async take(key: string, receive: () => Promise<QueuedImport>): Promise<ImportJob> {
    if (this.isClosed) throw new DomainError('STOPPING');
    const { most } = this.parts;
    const held = this.heldBy();
    const own = held.filter((one) => one === key).length;
    if (held.length >= most || own >= Math.max(1, most - 1)) {
      throw new DomainError('OVERLOADED', { seconds: FULL_SECONDS });
    }
    this.arriving.push(key);
    try {
      const queued = await receive();
      try {
        if (this.isClosed) throw new DomainError('STOPPING');
        await addJob(this.parts.db, queued.job);
      } catch (failure) {
        await this.parts.spool.remove(queued.job.id);
        throw failure;
      }
      this.queue.push(queued);
      return queued.job;
    } finally {
      this.arriving.splice(this.arriving.indexOf(key), 1);
      this.working = this.working.then(() => this.runNext());
    }
  }

  /** The keys that hold places, one for each place. */
  private heldBy(): readonly string[] {
    const queued = this.queue.map(({ job }) => job.key);
    return [...this.arriving, ...queued, ...(this.running === undefined ? [] : [this.running.key])];
  }

  /** Progress of the running import; undefined for any other. */
  progressOf(id: string): JobProgress | undefined {
    return this.running?.id === id ? this.running.progress : undefined;
  }

  /**
   * Cancels an import that waits or runs; what it has stored stays. @returns whether there was one.
   */
  async cancel(id: string): Promise<boolean> {
    if (this.running?.id === id) {
      const { running } = this;
      running.end = 'CANCELLED';
      running.stop.abort();
      await running.ended;
      return true;
    }
    const at = this.queue.findIndex(({ job }) => job.id === id);
    if (at < 0) return false;
    this.queue.splice(at, 1);
    await this.parts.spool.remove(id);
    await this.note(id, 'CANCELLED');
    return true;
  }

  /**
   * Ends the running import after its current segment. It and the waiting ones become INTERRUPTED.
   */
  async close(): Promise<void> {
    this.isClosed = true;
    this.running?.stop.abort();
    await this.working;
    for (const { job } of this.queue.splice(0)) {
      await this.parts.spool.remove(job.id);
      await this.note(job.id, 'INTERRUPTED');
    }
  }

  private async runNext(): Promise<void> {
    const next = this.isClosed ? undefined : this.queue.shift();
    if (next === undefined) return;
    const { id, key } = next.job;
    const running: Running = {
      id,
      key,
      stop: new AbortController(),
      end: 'INTERRUPTED',
      progress: { bytes: 0, resources: 0 },
      ended: Promise.resolve(),
    };
    this.running = running;
    running.ended = this.runToEnd(next, running).finally(() => {
      this.running = undefined;
    });
    await running.ended;
  }

  private async runToEnd(queued: QueuedImport, running: Running): Promise<void> {
    try {
      const startedAt = this.parts.clock.nowSeconds();
      await changeJob(this.parts.db, running.id, { state: 'RUNNING', startedAt });
      await this.run(queued, running);
    } catch (failure) {
      await this.fail(running, failure);
    }
  }

  private async run({ job, form, read }: QueuedImport, running: Running): Promise<void> {
    const { db, spool, log } = this.parts;
    const refused: RefusedEntry[] = [];
    const standard = job.standard as ImportInput['standard'];
    const names = standard === 'trials' ? this.parts.names() : undefined;
    const from = [{ path: spool.pathOf(job.id), name: job.name, form }];
    const take = (into: Database) =>
      importInThread(
        into,
        { standard, from, names, ...read },
        {
          stop: running.stop.signal,
          onReached: ({ bytes, resources }) => {
            running.progress = { bytes, resources };
          },
          onRefused: (entries) => {
            refused.push(...entries.slice(0, MAX_REFUSALS - refused.length));
          },
        },
      );
    const [report] = await (job.dryRun ? importDry(db, take) : take(db));
    if (report === undefined) throw new DomainError('INTERNAL');
    const { state, counts } = endOf(report);
    await spool.remove(job.id);
    await this.note(job.id, state, { counts }, refused);
    log.info({ job: job.id, state }, 'an uploaded import has ended');
  }

  private async fail({ id, stop, end }: Running, failure: unknown): Promise<void> {
    const { log, spool } = this.parts;
    const code = codeOf(failure);
    const state = stop.signal.aborted ? end : 'FAILED';
    log[state === 'FAILED' ? 'error' : 'info'](
      { job: id, state, code },
      'an import has not completed',
    );
    const told = state === 'FAILED' ? { failure: code } : {};
    // What cannot be deleted now is deleted at the next start.
    await spool.remove(id).catch(() => undefined);
    // If the database is unavailable it stays RUNNING there, and the next start marks it
    // INTERRUPTED.
    await this.note(id, state, told).catch(() => undefined);
  }

  private async note(
    id: string,
    state: ImportState,
    more: Pick<Partial<ImportJob>, 'counts' | 'failure'> = {},
    refused: readonly RefusedEntry[] = [],
  ): Promise<void> {
    const endedAt = this.parts.clock.nowSeconds();
    await changeJob(this.parts.db, id, { state, endedAt, ...more }, refused);
  }
}

function endOf(report: ImportReport): { state: ImportState; counts: ImportCounts } {
  const { file: _, refused: listed, refusedUnlisted = 0, ...ends } = report;
  const refused = listed.length + refusedUnlisted;
  const isRefused =
    refused > 0 && endedCount(report) === refused && ends.resumedLines === undefined;
  return { state: isRefused ? 'REFUSED' : 'DONE', counts: { ...ends, refused } };
}
