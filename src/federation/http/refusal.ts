import { DomainError, type ErrorFacts } from '../../core/errors.js';

/** Input that HTTP has a status of its own for, and headers that say what would have been right. */
export class HttpRefusal extends DomainError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, facts: ErrorFacts, headers: Readonly<Record<string, string>> = {}) {
    super('BAD_INPUT', facts);
    this.status = status;
    this.headers = headers;
  }
}
