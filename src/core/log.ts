import { type Logger, pino } from 'pino';
import { describeFailure } from './describe-failure.js';

export type { Logger } from 'pino';

/**
 * Structured logging to stderr. Bodies, tokens, proofs and rows are never passed to it:
 * what a request is known by in the log is its request id. An error may be passed: of it, only what
 * describeFailure tells is written.
 */
export function createLogger(options: { readonly level: string; readonly name: string }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      redact: ['authorization', '*.authorization', 'token', '*.token', 'key', '*.key'],
      base: { name: options.name },
      formatters: { log: withoutErrors },
      hooks: { logMethod: nameErrors },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

/** An error that is logged alone would give its message to the line. */
function nameErrors(
  this: Logger,
  args: Parameters<Logger['info']>,
  method: (this: Logger, ...args: Parameters<Logger['info']>) => void,
): void {
  const [first, ...rest] = args as unknown as readonly unknown[];
  const plain =
    first instanceof Error ? [{ err: first }, ...(rest.length > 0 ? rest : [''])] : args;
  method.apply(this, plain as Parameters<Logger['info']>);
}

function withoutErrors(line: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(line).map(([name, value]) => [
      name,
      value instanceof Error ? describeFailure(value) : value,
    ]),
  );
}
