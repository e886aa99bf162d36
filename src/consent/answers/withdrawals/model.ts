import { DomainError } from '../../../core/errors.js';
import type { InstitutionId, Pseudonym, StudyId } from '../../../core/ids.js';
import { type JsonBounds, parseBoundedJson } from '../../../core/import/json-bounds.js';
import type { Seconds } from '../../../core/time.js';
import type { Page } from '../../../graph/federated.js';
import { encodeCursor } from '../../../graph/page.js';

/**
 * The longest that a question may wait, seconds: less than the timeouts of proxies and browsers.
 */
export const MAX_WAIT_SECONDS = 25;

/** A consent that the caller had presented, which ended because it was withdrawn or erased. */
export interface EndedConsent {
  readonly pseudonym: Pseudonym;
  /** Of the consent, a canonical decimal: the proof's public signal. */
  readonly handle: string;
  /** When that custodian learnt of it, and so ended the presentation. */
  readonly endedAt: Seconds;
  readonly custodian: InstitutionId;
}

/** Which withdrawals a caller asks for. */
export interface WithdrawalsQuestion {
  readonly study: StudyId;
  /** Rows at most. */
  readonly first: number;
  /** As an earlier answer gave it; opaque to gateways that pass it on. */
  readonly after: string | null;
  /** How long to wait for a first row: 0 to MAX_WAIT_SECONDS. */
  readonly waitSeconds: number;
}

/** A page of withdrawals. */
export interface WithdrawalPage extends Page<EndedConsent> {
  /**
   * Whether an institution did not know the position in `after`, and so answers from the beginning.
   */
  readonly repeated: boolean;
}

/** A row, and the cursor that continues behind it. */
export interface PlacedWithdrawal {
  readonly row: EndedConsent;
  readonly cursor: string;
}

/** The cursor of each row of a page, by the row itself. */
export function cursorsOf(placed: readonly PlacedWithdrawal[]): (row: EndedConsent) => string {
  const cursors = new Map(placed.map(({ row, cursor }) => [row, cursor]));
  return (row) => cursors.get(row) ?? '';
}

/** @throws DomainError BAD_INPUT outside 0 to MAX_WAIT_SECONDS. */
export function requireWait(seconds: number | null | undefined): number {
  const wait = seconds ?? 0;
  if (!Number.isInteger(wait) || wait < 0 || wait > MAX_WAIT_SECONDS) {
    throw new DomainError('BAD_INPUT', {
      argument: 'waitSeconds',
      least: 0,
      most: MAX_WAIT_SECONDS,
    });
  }
  return wait;
}

/** Characters of one institution's own cursor. */
const OWN_CURSOR = /^[A-Za-z0-9_-]{1,128}$/;
/** Institutions that one cursor names. */
const MAX_INSTITUTIONS = 4_096;
const BOUNDS: JsonBounds = { maxDepth: 1, maxValues: 2 * MAX_INSTITUTIONS + 1 };

/** A reader's position at each institution: that institution's own cursor. */
export type Places = ReadonlyMap<string, string>;

/** One opaque cursor over the own cursors of institutions. */
export function encodePlaces(places: Places): string {
  return encodeCursor([...places].flat());
}

/** @throws DomainError BAD_INPUT for a cursor that encodePlaces never gave. */
export function decodePlaces(after: string | null): Places {
  if (after === null) return new Map();
  const parts = textsOf(after);
  const places = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) {
    const [institution, own] = [parts[i], parts[i + 1]];
    if (institution === undefined || own === undefined || !OWN_CURSOR.test(own)) throw badCursor();
    places.set(institution, own);
  }
  return places;
}

function textsOf(after: string): readonly string[] {
  try {
    const parts = parseBoundedJson(Buffer.from(after, 'base64url'), BOUNDS);
    if (Array.isArray(parts) && parts.every((part) => typeof part === 'string')) return parts;
  } catch {
    // Falls through: not JSON is as wrong as not a list of texts.
  }
  throw badCursor();
}

function badCursor(): DomainError {
  return new DomainError('BAD_INPUT', { argument: 'after' });
}
