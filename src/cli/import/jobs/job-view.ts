import type { ImportJob } from '../../../consent/operators/import-jobs.js';
import type { Seconds } from '../../../core/time.js';
import { isoFromSeconds } from '../../../core/time.js';
import type { JobProgress } from './job-messages.js';

const moment = (at: Seconds | null) => (at === null ? undefined : isoFromSeconds(at));

/** An import as shown to its operator: counts and places, never its content. */
export function viewOf(job: ImportJob, progress: JobProgress | undefined): object {
  const { id, state, standard, name, dryRun, bytes, sha256, key, counts, failure } = job;
  return {
    id,
    state,
    standard,
    name,
    dryRun,
    receivedAt: moment(job.receivedAt),
    startedAt: moment(job.startedAt),
    endedAt: moment(job.endedAt),
    bytes,
    sha256,
    key,
    ...(progress === undefined ? {} : { progress }),
    ...(counts === null ? {} : { report: counts }),
    ...(failure === null ? {} : { failure }),
  };
}
