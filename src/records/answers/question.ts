import { DomainError } from '../../core/errors.js';
import { toPseudonym } from '../../core/ids.js';
import { hasNoEnd, type Seconds, secondsFromUnixMs, toPeriod } from '../../core/time.js';
import { MAX_PAGE, pageSize } from '../../graph/page.js';
import { placeOfCursor, pseudonymOfCursor } from '../model/order.js';
import type {
  Code,
  ParticipantsQuestion,
  QuantityBounds,
  RecordQuestion,
  ValueQuestion,
} from './records-source.js';

/** Default number of rows in a page. */
export const DEFAULT_PAGE = 50;

/** Codes in one filter at most. */
export const MAX_CODES = 200;

/** A filter as it comes from the wire. */
export interface RecordFilter {
  readonly codes?: readonly Code[] | null | undefined;
  readonly categories?: readonly string[] | null | undefined;
  readonly value?: ValueFilter | null | undefined;
  readonly period?:
    | { readonly from?: Date | null | undefined; readonly until?: Date | null | undefined }
    | null
    | undefined;
}

export interface ValueFilter {
  readonly codes?: readonly Code[] | null | undefined;
  readonly quantity?: QuantityFilter | null | undefined;
  readonly coded?: readonly Code[] | null | undefined;
}

export type QuantityFilter = Pick<QuantityBounds, 'ucum'> & {
  readonly [Bound in Exclude<keyof QuantityBounds, 'ucum'>]?: string | null | undefined;
};

/** The longest UCUM units in use have about twenty characters, all printable ASCII. */
const UCUM = /^[!-~]{1,64}$/;

/**
 * Turns a filter and a page into the canonical form of a question.
 *
 * @throws DomainError BAD_INPUT, PERIOD_EMPTY or TIME_OUT_OF_RANGE.
 */
export function toQuestion(
  filter: RecordFilter,
  page: { readonly first?: number | null | undefined; readonly after?: string | null | undefined },
): RecordQuestion {
  const { codes, categories, value, period } = filter;
  const from = period?.from ? secondsFromUnixMs(period.from.getTime()) : null;
  const until = period?.until ? endOf(period.until) : null;
  if (from !== null && until !== null) toPeriod(from, until);
  const after = page.after ?? null;
  // Read here too, so that a wrong cursor is refused before any node is asked.
  placeOfCursor(after);
  return {
    first: pageSize(page.first, DEFAULT_PAGE),
    after,
    codes: codes ? codeList(codes, 'codes') : null,
    categories: categories ? listOf(categories, 'categories', (code) => code) : null,
    value: value ? toValueQuestion(value) : null,
    from,
    until,
  };
}

/** Null for the end of all time: that is the same question as one without an end. */
function endOf(until: Date): Seconds | null {
  const seconds = secondsFromUnixMs(until.getTime());
  return hasNoEnd(seconds) ? null : seconds;
}

/** A question for participants as it comes from the wire. */
export interface ParticipantsAsked {
  readonly where?:
    | { readonly pseudonyms?: readonly string[] | null | undefined }
    | null
    | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/**
 * The canonical form of a question for participants.
 *
 * @throws DomainError BAD_INPUT, or ID_MALFORMED for what no pseudonym can be.
 */
export function toParticipantsQuestion(asked: ParticipantsAsked): ParticipantsQuestion {
  const pseudonyms = asked.where?.pseudonyms?.map(toPseudonym);
  const after = asked.after ?? null;
  // Read here too, so that a wrong cursor is refused before any node is asked.
  pseudonymOfCursor(after);
  return {
    first: pageSize(asked.first, DEFAULT_PAGE),
    after,
    pseudonyms: pseudonyms ? listOf(pseudonyms, 'where.pseudonyms', String, MAX_PAGE) : null,
  };
}

function toValueQuestion({ codes, quantity, coded }: ValueFilter): ValueQuestion {
  if (Boolean(quantity) === Boolean(coded)) {
    throw new DomainError('BAD_INPUT', { argument: 'value', expected: 'quantity or coded' });
  }
  return {
    codes: codes ? codeList(codes, 'value.codes') : null,
    quantity: quantity ? toBounds(quantity) : null,
    coded: coded ? codeList(coded, 'value.coded') : null,
  };
}

function toBounds(filter: QuantityFilter): QuantityBounds {
  const { ucum, atLeast = null, moreThan = null, atMost = null, lessThan = null } = filter;
  if (!UCUM.test(ucum)) throw new DomainError('BAD_INPUT', { argument: 'value.quantity.ucum' });
  return { ucum, atLeast, moreThan, atMost, lessThan };
}

function codeList(codes: readonly Code[], argument: string): readonly Code[] {
  return listOf(codes, argument, ({ system, code }) => `${system}|${code}`);
}

/** Sorted and without duplicates, so that equal questions are asked once. */
function listOf<Item>(
  items: readonly Item[],
  argument: string,
  keyOf: (item: Item) => string,
  most = MAX_CODES,
): readonly Item[] {
  if (items.length > most) throw new DomainError('BAD_INPUT', { argument, most });
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  for (const key of byKey.keys()) {
    // No stored code is longer or has a control character, and PostgreSQL would refuse a NUL.
    if (key.length > 300 || /\p{Cc}|\p{Cs}/u.test(key)) {
      throw new DomainError('BAD_INPUT', { argument });
    }
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
