import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * Structured logging to stderr. Bodies, tokens, proofs and rows are never passed to it:
 * what a request is known by in the log is its request id.
 */
export function createLogger(options: { readonly level: string; readonly name: string }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      redact: ['authorization', '*.authorization', 'token', '*.token', 'key', '*.key'],
      base: { name: options.name },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}
