import { randomBytes } from 'node:crypto';
import { DomainError } from '../../../core/errors.js';
import { decodeCursor, encodeCursor } from '../../../graph/page.js';
import type { Ended } from '../../erasure/ended-presentations.js';

/** Rows kept over all lists; about 300 bytes each. */
const KEPT_ROWS = 100_000;

/** What this process has told, or could tell, of one holder's presentations in one study, in the order it learnt it. */
interface List {
  /** Names this list: a cursor of another process, or of a list that made room, is none of it. */
  readonly name: string;
  readonly rows: Ended[];
  readonly known: Set<string>;
}

/** A place in a list. */
export interface WithdrawalPlace {
  readonly list: string;
  /** Rows before it. */
  readonly count: number;
}

/** The rows behind a place. */
export interface Behind {
  readonly list: string;
  /** How many rows of the list are before the first of these. */
  readonly start: number;
  readonly rows: readonly Ended[];
  /** Whether the place is of no list that is here, so that all is told from the beginning. */
  readonly repeated: boolean;
}

/**
 * The order in which a node learnt that presentations ended. No column of the database has it: of two
 * transactions, the one with the earlier time may be committed last, and a reader who had passed that
 * time would miss it. So the process numbers what it finds, and a row found later has a higher number.
 *
 * What the process forgets is told again from the beginning, never left out.
 */
export class ToldLists {
  /** In the order of their last use. */
  readonly #lists = new Map<string, List>();
  #total = 0;

  /** @param ended - all that has ended of that holder in that study, as the database has it. */
  behind(name: string, ended: readonly Ended[], place: WithdrawalPlace | undefined): Behind {
    const list = this.#learn(name, ended);
    if (place === undefined || place.list !== list.name || place.count > list.rows.length) {
      return { list: list.name, start: 0, rows: list.rows, repeated: place !== undefined };
    }
    const { count } = place;
    return { list: list.name, start: count, rows: list.rows.slice(count), repeated: false };
  }

  #learn(name: string, ended: readonly Ended[]): List {
    const list = this.#lists.get(name) ?? { name: newName(), rows: [], known: new Set<string>() };
    for (const row of ended) {
      const key = `${row.pseudonym} ${row.handle} ${row.at}`;
      if (list.known.has(key)) continue;
      list.known.add(key);
      list.rows.push(row);
      this.#total += 1;
    }
    this.#lists.delete(name);
    // An empty one is not kept: anybody can ask under a key of their own.
    if (list.rows.length > 0) this.#lists.set(name, list);
    for (const [oldest, { rows }] of this.#lists) {
      if (this.#total <= KEPT_ROWS || oldest === name) break;
      this.#lists.delete(oldest);
      this.#total -= rows.length;
    }
    return list;
  }
}

function newName(): string {
  return randomBytes(9).toString('base64url');
}

/** One institution's own cursor. */
export function encodePlace({ list, count }: WithdrawalPlace): string {
  return encodeCursor([list, String(count)]);
}

/** @throws DomainError BAD_INPUT for what encodePlace never gave. */
export function decodePlace(cursor: string | undefined): WithdrawalPlace | undefined {
  const [list, count] = decodeCursor(cursor, 2) ?? [];
  if (list === undefined || count === undefined) return undefined;
  if (!/^(0|[1-9][0-9]{0,8})$/.test(count))
    throw new DomainError('BAD_INPUT', { argument: 'after' });
  return { list, count: Number(count) };
}
