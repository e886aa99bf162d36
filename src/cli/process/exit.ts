import { writeSync } from 'node:fs';
import colors from 'picocolors';
import { describeFailure } from '../../core/describe-failure.js';
import { DomainError } from '../../core/errors.js';

/** Exit codes; 0 means success. */
export const EXIT = {
  /** Nothing was done, or not everything: the line on standard error says why. */
  failed: 1,
  /** A fault of this program: EX_SOFTWARE of sysexits.h. */
  fault: 70,
  /** It must not continue, but may be started again: EX_TEMPFAIL. */
  stopped: 75,
} as const;

/** Ends the process with one clear line: a code and a sentence, never a stack for bad input. */
export function exitWithError(thrown: unknown): never {
  process.stderr.write(`${colors.red('assent:')} ${lineOf(thrown)}\n`);
  process.exit(EXIT.failed);
}

/**
 * What went wrong, in one line. For foreign errors only kind and place, because their message may
 * contain rows.
 */
export function lineOf(thrown: unknown): string {
  if (thrown instanceof DomainError) return `${thrown.code} ${thrown.message}`;
  const { code, kind, system, at } = describeFailure(thrown);
  const known = [kind, system, at].filter((word) => word !== undefined);
  return `${code} A fault of this program (${known.join(', ')})`;
}

/** Ends the process at any uncaught exception or unhandled rejection. */
export function endOnFaults(): void {
  const end = (thrown: unknown) => endNow(thrown, 'the process ends by a fault', EXIT.fault);
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Ends the process at once, with one JSON line that contains only what describeFailure says. */
export function endNow(thrown: unknown, msg: string, exitCode: number): never {
  const line = { level: 60, time: Date.now(), name: 'assent', ...describeFailure(thrown), msg };
  try {
    writeSync(2, `${JSON.stringify(line)}\n`);
  } catch {
    // Nobody reads standard error any more; the process still ends.
  }
  process.exit(exitCode);
}
