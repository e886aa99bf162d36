import type { MessagePort } from 'node:worker_threads';
import { DomainError } from '../../core/errors.js';
import type { Database, SqlTransaction } from '../database.js';
import { withoutStatement } from '../failure.js';
import { type Answered, type Asked, tell } from './messages.js';

/** A transaction that another thread works in. */
interface Open {
  readonly tx: SqlTransaction;
  /** How it ends; heard of when it has. */
  end(commit: boolean): Promise<void>;
}

class RolledBack extends Error {}

/**
 * Does in a database what another thread asks over that port (remote-database.ts), until the port closes:
 * what is open then is rolled back.
 *
 * @returns `ended` settles when the port is closed and nothing is open any more.
 */
export function serveDatabase(db: Database, port: MessagePort): { readonly ended: Promise<void> } {
  const open = new Map<number, Open>();
  const answering = new Set<Promise<void>>();
  let isClosed = false;

  async function answer(asked: Asked): Promise<readonly unknown[]> {
    if (asked.kind === 'begin') {
      const begun = await begin(db, asked.mode);
      // Nobody would ever end it.
      if (isClosed) await begun.end(false);
      else open.set(asked.id, begun);
      return [];
    }
    const transaction = open.get(asked.transaction);
    if (transaction === undefined) throw new DomainError('INTERNAL');
    if (asked.kind === 'query') return run(transaction.tx, asked);
    open.delete(asked.transaction);
    await transaction.end(asked.commit);
    return [];
  }

  port.on('message', (asked: Asked) => {
    const { id } = asked;
    const answered = answer(asked).then(
      (rows) => port.postMessage({ id, rows } satisfies Answered),
      (failure) => {
        const told = tell(withoutStatement(failure, db.engine));
        port.postMessage({ id, failure: told } satisfies Answered);
      },
    );
    answering.add(answered);
    void answered.finally(() => answering.delete(answered));
  });
  const ended = new Promise<void>((resolve) => {
    port.once('close', () => {
      isClosed = true;
      const ends = [...open.values()].map((one) => one.end(false));
      void Promise.allSettled([...ends, ...answering]).then(() => resolve());
    });
  });
  return { ended };
}

function begin(db: Database, mode: Parameters<Database['transaction']>[1]): Promise<Open> {
  return new Promise((opened, failed) => {
    let settle: (commit: boolean) => void = () => undefined;
    const asked = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const ended = db
      .transaction(async (tx) => {
        opened({
          tx,
          end(commit) {
            settle(commit);
            return ended;
          },
        });
        if (!(await asked)) throw new RolledBack();
      }, mode)
      .catch((failure: unknown) => {
        if (!(failure instanceof RolledBack)) throw failure;
      });
    ended.catch(failed);
  });
}

async function run(
  tx: SqlTransaction,
  { text, params, asLists }: Extract<Asked, { kind: 'query' }>,
): Promise<readonly unknown[]> {
  const query = { sql: text, params: [...params] };
  const mapped = asLists ? (rows: unknown[][]) => rows : undefined;
  const prepared = tx._.session.prepareQuery(query, undefined, undefined, asLists, mapped);
  const result: unknown = await prepared.execute();
  return asLists ? (result as unknown[]) : (result as { rows: unknown[] }).rows;
}
