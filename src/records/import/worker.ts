import { parentPort } from 'node:worker_threads';
import type { Origin } from './bundle.js';
import { type NumberedLine, prepareLines } from './prepare.js';
import { fhirValidator } from './validate.js';

/** Lines of one file, for a thread of pool.ts to validate. */
export interface LinesTask {
  readonly origin: Origin;
  readonly lines: readonly NumberedLine[];
}

const validator = fhirValidator();

parentPort?.on('message', async ({ origin, lines }: LinesTask) => {
  parentPort?.postMessage(prepareLines(lines, await validator, origin));
});
