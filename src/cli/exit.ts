import colors from 'picocolors';
import { DomainError } from '../core/errors.js';

/** Ends the process with one clear line: a code and a sentence, never a stack for bad input. */
export function exitWithError(thrown: unknown): never {
  process.stderr.write(`${colors.red('assent:')} ${lineOf(thrown)}\n`);
  process.exit(1);
}

/** What went wrong in one line: its code if it has one. */
export function lineOf(thrown: unknown): string {
  if (thrown instanceof DomainError) return `${thrown.code} ${thrown.message}`;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** Settles at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(130));
      });
    }
  });
}
