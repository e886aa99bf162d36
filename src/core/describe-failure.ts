import type { ErrorCode } from './error-codes.js';
import { codeOf, DomainError, type ErrorFacts } from './errors.js';

/** What may be written of a failure anywhere: which one, of what kind, and where our code met it. */
export interface FailureDescription {
  readonly code: ErrorCode;
  readonly facts?: ErrorFacts;
  /** The class of what was thrown, if it is not ours. */
  readonly kind?: string;
  /** The code of the operating system or of Node, for example ECONNREFUSED. */
  readonly system?: string;
  /** The innermost line of our own code, for example dist/cli/serve/node.js:12. */
  readonly at?: string;
}

const CLASS_NAME = /^[A-Za-z]{1,40}$/;
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{1,59}$/;
const OWN_LINE = /\b((?:dist|src)\/[\w./-]+\.[jt]s:\d+):\d+\)?$/;

/**
 * Describes a thrown value without its message, stack and cause: drivers write rows into them, HTTP
 * clients hosts and keys, validators the values that they refuse.
 */
export function describeFailure(thrown: unknown): FailureDescription {
  const code = codeOf(thrown);
  if (thrown instanceof DomainError) {
    return Object.keys(thrown.facts).length === 0 ? { code } : { code, facts: thrown.facts };
  }
  if (!(thrown instanceof Error)) return { code, kind: typeof thrown };
  const system = (thrown as { readonly code?: unknown }).code;
  const at = ownLineOf(thrown);
  return {
    code,
    kind: CLASS_NAME.test(thrown.constructor.name) ? thrown.constructor.name : 'Error',
    ...(typeof system === 'string' && SYSTEM_CODE.test(system) ? { system } : {}),
    ...(at === undefined ? {} : { at }),
  };
}

function ownLineOf({ message, stack = '' }: Error): string | undefined {
  const begin = stack.indexOf(message);
  // A message of several lines could look like lines of the stack.
  if (begin === -1) return undefined;
  const frames = stack.slice(begin + message.length).split('\n');
  for (const frame of frames) {
    const own = frame.includes('node_modules') ? null : OWN_LINE.exec(frame);
    if (own !== null) return own[1];
  }
  return undefined;
}
