import type { Seconds } from '../../core/time.js';
import type { Database } from '../../store/database.js';
import { changeStamp, livePresentations, type PresentationRow } from './presentations.js';

/** Rows kept over all holders; about 500 bytes each. */
const KEPT_ROWS = 100_000;

interface Kept {
  readonly stamp: string;
  readonly rows: readonly PresentationRow[];
}

/** Reads a holder's presentations that have neither ended nor been withdrawn. */
export type ReadLive = (holder: string, now: Seconds) => Promise<readonly PresentationRow[]>;

/**
 * Makes the reader of one node. A portal shows a thousand proofs and then asks a thousand questions:
 * the rows are fetched once, and each question asks the database whether anything changed since.
 *
 * Any withdrawal, erasure, deletion or new presentation, by any process, changes the stamp. What
 * ended by the clock is left out here. No decision is cached.
 */
export function createLiveReader(db: Database): ReadLive {
  const readStamp = together(() => changeStamp(db));
  const keptFor = new Map<string, Kept>();
  let total = 0;

  function forget(holder: string): void {
    total -= keptFor.get(holder)?.rows.length ?? 0;
    keptFor.delete(holder);
  }

  function keep(holder: string, stamp: string, rows: readonly PresentationRow[]): void {
    forget(holder);
    if (rows.length > KEPT_ROWS) return;
    keptFor.set(holder, { stamp, rows });
    total += rows.length;
    for (const oldest of keptFor.keys()) {
      if (total <= KEPT_ROWS) break;
      forget(oldest);
    }
  }

  return async (holder, now) => {
    // The stamp is read before the rows, so that a change in between is found by the next question.
    const stamp = await readStamp();
    const kept = keptFor.get(holder);
    if (kept?.stamp === stamp) return living(kept.rows, now);
    const rows = await db.transaction((tx) => livePresentations(tx, holder, now), 'read');
    keep(holder, stamp, rows);
    return rows;
  };
}

/** Returns the same list if none has ended, the common case: copying a long list is expensive. */
function living(rows: readonly PresentationRow[], now: Seconds): readonly PresentationRow[] {
  return rows.every(({ expires }) => expires > now)
    ? rows
    : rows.filter(({ expires }) => expires > now);
}

/**
 * One read serves all callers that asked before it began. A caller that asks during a read waits
 * for the next one: a result from before the question could be outdated.
 */
function together<T>(read: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        const reading = read();
        underWay = reading;
        return reading;
      });
    return next;
  };
}
