import { appendFileSync } from 'node:fs';
import { DomainError } from '../../core/errors.js';
import type { RefusedEntry } from '../../core/import/import-report.js';
import { terminalProgress } from '../process/progress.js';
import { reportLinesOf } from './lines.js';
import type { ImportWatch } from './standard.js';

/**
 * Shows a bar during a long file and a line when it is done, and writes refusals into a file if one
 * is named.
 */
export function terminalWatch(refusals: string | undefined): ImportWatch {
  const progress = terminalProgress();
  let endBar = () => undefined as unknown;
  return {
    onBegin(file, sizeBytes) {
      const step = progress.beginFile(file, sizeBytes);
      endBar = () => step.end();
      return step.reach;
    },
    onReport(report) {
      endBar();
      process.stdout.write(`${reportLinesOf(report)}\n`);
    },
    ...(refusals === undefined ? {} : { onRefused: refusalWriter(refusals) }),
  };
}

/**
 * Appends to the file rather than replacing it: it may contain the refusals of the interrupted
 * import that this one resumes.
 *
 * @throws DomainError FILE_UNREADABLE at once if it cannot be written.
 */
function refusalWriter(path: string) {
  const append = (text: string) => {
    try {
      appendFileSync(path, text);
    } catch (cause) {
      throw new DomainError('FILE_UNREADABLE', { option: 'refusals' }, cause);
    }
  };
  append('');
  return (file: string, entries: readonly RefusedEntry[]) =>
    append(entries.map((entry) => `${JSON.stringify({ file, ...entry })}\n`).join(''));
}
