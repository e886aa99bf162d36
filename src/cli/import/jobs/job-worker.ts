import { parentPort, workerData } from 'node:worker_threads';
import { tell } from '../../../store/relay/messages.js';
import { remoteDatabase } from '../../../store/relay/remote-database.js';
import { importStandard } from '../standard.js';
import type { JobMessage, JobOrder } from './job-messages.js';

const { input, database, port } = workerData as JobOrder;

const say = (message: JobMessage) => parentPort?.postMessage(message);

importStandard(remoteDatabase(port, database), input, {
  onReport: () => undefined,
  onBegin: () => (reached) => say({ kind: 'reached', ...reached }),
  onRefused: (_, entries) => say({ kind: 'refused', entries }),
}).then(
  (reports) => say({ kind: 'done', reports }),
  (failure: unknown) => say({ kind: 'failed', failure: tell(failure) }),
);
