import { writeSync } from 'node:fs';
import colors from 'picocolors';
import { describeFailure } from '../../core/describe-failure.js';
import { DomainError } from '../../core/errors.js';

/** What the process says of itself when it ends; 0 is that all went well. */
export const EXIT = {
  /** Nothing was done, or not all of it: the line on standard error says why. */
  failed: 1,
  /** A fault of this program. As sysexits.h names it: EX_SOFTWARE. */
  fault: 70,
  /** It may not go on, and may be started again: EX_TEMPFAIL. */
  stopped: 75,
} as const;

/** Ends the process with one clear line: a code and a sentence, never a stack for bad input. */
export function exitWithError(thrown: unknown): never {
  process.stderr.write(`${colors.red('assent:')} ${lineOf(thrown)}\n`);
  process.exit(EXIT.failed);
}

/** What went wrong in one line. Of what is not ours only kind and place: its message may hold rows. */
export function lineOf(thrown: unknown): string {
  if (thrown instanceof DomainError) return `${thrown.code} ${thrown.message}`;
  const { code, kind, system, at } = describeFailure(thrown);
  const known = [kind, system, at].filter((word) => word !== undefined);
  return `${code} A fault of this program (${known.join(', ')})`;
}

/** Lets no fault of the process pass: a thrown value or a rejection that nobody took ends it. */
export function endOnFaults(): void {
  const end = (thrown: unknown) => endNow(thrown, 'the process ends by a fault', EXIT.fault);
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Ends the process at once, with one JSON line that says no more than describeFailure. */
export function endNow(thrown: unknown, msg: string, exitCode: number): never {
  const line = { level: 60, time: Date.now(), name: 'assent', ...describeFailure(thrown), msg };
  try {
    writeSync(2, `${JSON.stringify(line)}\n`);
  } catch {
    // Nobody reads it any more; the process ends all the same.
  }
  process.exit(exitCode);
}
