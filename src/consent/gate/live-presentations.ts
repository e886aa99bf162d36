import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { livePresentations, livingStamp, type PresentationRow, stampOf } from './presentations.js';

/** Rows kept over all holders; about 500 bytes each. */
const KEPT_ROWS = 100_000;

interface Kept {
  readonly stamp: string;
  readonly rows: readonly PresentationRow[];
}

/** Reads what a holder has shown that neither ended nor was withdrawn. */
export type ReadLive = (
  tx: SqlTransaction,
  holder: string,
  now: Seconds,
) => Promise<readonly PresentationRow[]>;

/**
 * Makes the reader of one node. A portal shows a thousand proofs and then asks a thousand questions:
 * the rows are fetched once, and each question asks the database for their stamp alone.
 *
 * The stamp is over the rows that live at this moment, so that one withdrawn, erased, ended or shown
 * since makes another, whichever process did it. Nothing here remembers a decision.
 */
export function createLiveReader(): ReadLive {
  const keptFor = new Map<string, Kept>();
  let total = 0;

  function forget(holder: string): void {
    total -= keptFor.get(holder)?.rows.length ?? 0;
    keptFor.delete(holder);
  }

  function keep(holder: string, rows: readonly PresentationRow[]): void {
    forget(holder);
    if (rows.length > KEPT_ROWS) return;
    keptFor.set(holder, { stamp: stampOf(rows), rows });
    total += rows.length;
    for (const oldest of keptFor.keys()) {
      if (total <= KEPT_ROWS) break;
      forget(oldest);
    }
  }

  return async (tx, holder, now) => {
    const kept = keptFor.get(holder);
    if (kept !== undefined && kept.stamp === (await livingStamp(tx, holder, now))) return kept.rows;
    const rows = await livePresentations(tx, holder, now);
    keep(holder, rows);
    return rows;
  };
}
