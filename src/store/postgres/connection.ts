import type pg from 'pg';
import type { DomainError } from '../../core/errors.js';
import { failureOf } from '../failure.js';

/** What drizzle and this room ask of a client. */
type Query = (text: unknown, values?: unknown) => Promise<unknown>;

/**
 * A connection while a transaction has it. The pool listens to idle connections only, and a server
 * that ends one in use would end the process; so this listens, and knows that it is lost.
 */
export class Connection {
  readonly #client: pg.PoolClient;
  #lost: unknown;

  readonly #note: (since: number | undefined) => void;

  /** @param note - hears since when it waits for the server, and when it does no more. */
  constructor(client: pg.PoolClient, note: (since: number | undefined) => void) {
    this.#client = client;
    this.#note = note;
    client.on('error', this.#onError);
  }

  readonly #onError = (cause: unknown): void => {
    this.#lost ??= cause;
  };

  /** Whether nothing can be asked of it any more, a ROLLBACK neither. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Runs a statement. @throws DomainError DATABASE_*, never what the driver throws. */
  readonly query: Query = async (text, values) => {
    this.#note(performance.now());
    try {
      return await (this.#client.query as unknown as Query).call(this.#client, text, values);
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      if (!this.isLost) this.#note(undefined);
    }
  };

  /** Gives it back; one that is lost, or may be in the middle of a transaction, is closed. */
  release(isUsable: boolean): void {
    if (this.isLost) cut(this.#client);
    this.#client.release(this.isLost || !isUsable);
    this.#client.off('error', this.#onError);
  }

  #failure(cause: unknown): DomainError {
    const failure = failureOf(cause, 'postgres');
    const isSilent = failure.facts.sqlState === undefined;
    const isBusy = failure.code === 'DATABASE_BUSY';
    if (failure.code === 'DATABASE_UNAVAILABLE' || (isSilent && isBusy)) this.#lost ??= cause;
    // The driver says of a lost connection that it is lost; the server may have said why before.
    return isSilent && this.isLost ? failureOf(this.#lost, 'postgres') : failure;
  }
}

/** Cuts a connection without a goodbye, which a server that hangs would never answer. */
export function cut(client: pg.ClientBase): void {
  const { connection } = client as unknown as {
    readonly connection: { readonly stream: { destroy(): void } };
  };
  connection.stream.destroy();
}
