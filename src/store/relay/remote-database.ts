import type { MessagePort } from 'node:worker_threads';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pg-proxy';
import { DomainError } from '../../core/errors.js';
import type { Database, SqlTransaction } from '../database.js';
import { withoutStatement } from '../failure.js';
import { type Answered, type Asked, failureFrom } from './messages.js';

type WithoutId = Asked extends infer One ? (One extends Asked ? Omit<One, 'id'> : never) : never;

/**
 * The database of another thread, which serves it over that port (serve-database.ts): long work with it
 * keeps nobody there waiting for more than a statement.
 *
 * @returns its transactions throw what those of the other thread do, and SOURCE_FAILED once the port closes.
 */
export function remoteDatabase(
  port: MessagePort,
  { engine, schema }: Pick<Database, 'engine' | 'schema'>,
): Database {
  const ask = asker(port);
  const db: Database = {
    engine,
    schema,
    async transaction(work, mode = 'write') {
      const transaction = await ask({ kind: 'begin', mode }).then(({ id }) => id);
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work(transactionOf(ask, transaction));
      } catch (thrown) {
        await ask({ kind: 'end', transaction, commit: false });
        throw withoutStatement(thrown, engine);
      }
      await ask({ kind: 'end', transaction, commit: true });
      return result;
    },
    read: (statement) => db.transaction((tx) => tx.execute(sql.raw(statement)), 'read'),
  };
  return db;
}

function transactionOf(ask: ReturnType<typeof asker>, transaction: number): SqlTransaction {
  const client = drizzle(async (text, params: unknown[], method) => {
    const asLists = method === 'all';
    const { rows } = await ask({ kind: 'query', transaction, text, params, asLists });
    // What is not mapped is handed on as the drivers hand it on.
    return { rows: asLists ? [...rows] : ({ rows } as never) };
  });
  return client as unknown as SqlTransaction;
}

interface Waiting {
  resolve(answer: { readonly id: number; readonly rows: readonly unknown[] }): void;
  reject(failure: DomainError): void;
}

function asker(port: MessagePort) {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let isClosed = false;
  port.on('message', (answer: Answered) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('rows' in answer) one?.resolve(answer);
    else one?.reject(failureFrom(answer.failure));
  });
  port.once('close', () => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(new DomainError('SOURCE_FAILED'));
  });
  return (asked: WithoutId) =>
    new Promise<{ readonly id: number; readonly rows: readonly unknown[] }>((resolve, reject) => {
      if (isClosed) return reject(new DomainError('SOURCE_FAILED'));
      last += 1;
      waiting.set(last, { resolve, reject });
      const bytes: ArrayBuffer[] = [];
      const message = { ...asked, id: last };
      if (message.kind !== 'query') return port.postMessage(message);
      // A view would take all of the memory that it is a view of along.
      const params = message.params.map((value) => {
        if (!(value instanceof Uint8Array)) return value;
        const own = new Uint8Array(value);
        bytes.push(own.buffer);
        return own;
      });
      port.postMessage({ ...message, params }, bytes);
    });
}
