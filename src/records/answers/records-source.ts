import type { DomainError } from '../../core/errors.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { Page } from '../../graph/federated.js';
import { MAX_PAGE } from '../../graph/page.js';
import type { KindName, RowOf } from '../kinds/kinds.js';
import type { Demographics, ParticipantRef, Withheld } from '../model/model.js';

/** A code to look for. */
export interface Code {
  readonly system: string;
  readonly code: string;
}

/** Which page: the maximum number of rows, and the cursor that the previous page ended with. */
export interface PageQuestion {
  readonly first: number;
  readonly after: string | null;
}

/** Which participants of a study. */
export interface ParticipantsQuestion extends PageQuestion {
  /** Only these, as far as permits open them; null for all. Sorted, without duplicates. */
  readonly pseudonyms: readonly Pseudonym[] | null;
}

/** Maximum number of rows that one question for several studies asks a node for. */
const MAX_ROWS = 10 * MAX_PAGE;

/** How many studies may be asked about at once for pages of this size; at least 1. */
export function studiesPerQuestion({ first }: Pick<PageQuestion, 'first'>): number {
  return Math.min(MAX_PAGE, Math.max(1, Math.floor(MAX_ROWS / first)));
}

/**
 * Which rows of a participant's time line. Every member is always present, null where nothing was
 * asked, so that equal questions have the same canonical form.
 */
export interface RecordQuestion extends PageQuestion {
  /** Any of these; null for all, and an empty list for none. */
  readonly codes: readonly Code[] | null;
  /** Any of these codes of its categories. */
  readonly categories: readonly string[] | null;
  /** For observations only. */
  readonly value: ValueQuestion | null;
  /** Rows whose moment is in [from, until); null is an open end. */
  readonly from: Seconds | null;
  readonly until: Seconds | null;
}

/**
 * A value that an observation or one of its components must have: either a quantity within bounds
 * or one of these codes. Never both, because no value is both.
 */
export interface ValueQuestion {
  /** What the value is of: a code of the observation or component; null for any. */
  readonly codes: readonly Code[] | null;
  readonly quantity: QuantityBounds | null;
  readonly coded: readonly Code[] | null;
}

/** Bounds that a quantity is certain to be within. Decimals; null for no bound. */
export interface QuantityBounds {
  /** Only quantities in this UCUM unit: nothing is converted. */
  readonly ucum: string;
  readonly atLeast: string | null;
  readonly moreThan: string | null;
  readonly atMost: string | null;
  readonly lessThan: string | null;
}

/** A page of one participant's rows, and what the permit withheld from it. */
export interface RecordPage<Row> extends Page<Row> {
  readonly withheld: readonly Withheld[];
}

/**
 * Where records come from: a node's database, opened by permits, or the network, asked in a
 * requester's name. Both answer the same questions in the same form.
 *
 * Answers for several pseudonyms are in the order asked. A pseudonym without a permit is answered
 * as one that does not exist: an empty page, no ParticipantRef.
 *
 * Rows are in ascending order of (moment, custodian, id); participants, of their pseudonym.
 *
 * @template Opened - PermitSet in a node, Requester in the gateway.
 */
export interface RecordsSource<Opened> {
  /** A page of each study, in the order asked: `studiesPerQuestion` of them at most. */
  participants(
    opened: Opened,
    studies: readonly StudyId[],
    question: ParticipantsQuestion,
  ): Promise<readonly Page<ParticipantRef>[]>;
  /**
   * SOURCE_UNAVAILABLE in place of a participant that no source shows while one does not answer.
   */
  lookup(
    opened: Opened,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly (ParticipantRef | undefined | DomainError)[]>;
  /** What each custodian knows of them, all in one page. */
  demographics(
    opened: Opened,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly Page<Demographics>[]>;
  /** The rows of one kind, of many participants at once. */
  timeline<Name extends KindName>(
    opened: Opened,
    kind: Name,
    pseudonyms: readonly Pseudonym[],
    question: RecordQuestion,
  ): Promise<readonly RecordPage<RowOf<Name>>[]>;
}
