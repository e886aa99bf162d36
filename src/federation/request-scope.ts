import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** What is known of an HTTP request wherever its work takes place, errors' masking included. */
interface RequestScope {
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<RequestScope>();

/** Runs the whole of a request's work under a new id. */
export function inRequestScope<Result>(requestId: string, work: () => Result): Result {
  return storage.run({ requestId }, work);
}

/** The id of the request being worked on; outside of one, a new id that nothing else has. */
export function currentRequestId(): string {
  return storage.getStore()?.requestId ?? newRequestId();
}

/** Ours, never the caller's: a log must not be led astray by what a stranger sends. */
export function newRequestId(): string {
  return randomUUID();
}
