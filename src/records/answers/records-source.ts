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

/** Which page: rows at most, and the cursor that the page before ended with. */
export interface PageQuestion {
  readonly first: number;
  readonly after: string | null;
}

/** Which participants of a study. */
export interface ParticipantsQuestion extends PageQuestion {
  /** These alone, as far as they are open; null for all. Each once, in order. */
  readonly pseudonyms: readonly Pseudonym[] | null;
}

/** Rows that one question for several studies asks a node for at most. */
const MAX_ROWS = 10 * MAX_PAGE;

/** How many studies may be asked about at once, for pages of this size: 1 or more. */
export function studiesPerQuestion({ first }: Pick<PageQuestion, 'first'>): number {
  return Math.min(MAX_PAGE, Math.max(1, Math.floor(MAX_ROWS / first)));
}

/**
 * Which rows of a participant's time line. Every member is always there, null where nothing was
 * asked, so that two equal questions have one canonical form.
 */
export interface RecordQuestion extends PageQuestion {
  /** Any of these; null for all, and an empty list for none. */
  readonly codes: readonly Code[] | null;
  /** Any of these codes of its categories. */
  readonly categories: readonly string[] | null;
  /** Of observations alone. */
  readonly value: ValueQuestion | null;
  /** Rows whose moment lies in [from, until); a missing end is open. */
  readonly from: Seconds | null;
  readonly until: Seconds | null;
}

/**
 * A value that an observation must have, itself or in a component: either a quantity within
 * bounds or one of those codes; never both, because no value is both.
 */
export interface ValueQuestion {
  /** What the value is of: a code of the observation or component that has it; null for any. */
  readonly codes: readonly Code[] | null;
  readonly quantity: QuantityBounds | null;
  readonly coded: readonly Code[] | null;
}

/** Bounds that a quantity is surely within; decimals, null where there is none. */
export interface QuantityBounds {
  /** Quantities of this UCUM unit alone: nothing is converted. */
  readonly ucum: string;
  readonly atLeast: string | null;
  readonly moreThan: string | null;
  readonly atMost: string | null;
  readonly lessThan: string | null;
}

/** A page of one participant's rows, and what the permit kept from it. */
export interface RecordPage<Row> extends Page<Row> {
  readonly withheld: readonly Withheld[];
}

/**
 * Where records come from: a node's database, opened by permits, or the network, asked in a
 * requester's name. Both answer the same questions with the same shapes.
 *
 * Answers for several pseudonyms are in the order asked. A pseudonym that nothing is permitted for
 * has the answer of one that nobody has: an empty page, no ParticipantRef.
 *
 * Rows are in ascending order of (moment, custodian, id), participants of their pseudonym.
 *
 * @template Opened - PermitSet in a node, Requester beside the gateway.
 */
export interface RecordsSource<Opened> {
  /** A page of each study, in the order asked: `studiesPerQuestion` of them at most. */
  participants(
    opened: Opened,
    studies: readonly StudyId[],
    question: ParticipantsQuestion,
  ): Promise<readonly Page<ParticipantRef>[]>;
  /** SOURCE_UNAVAILABLE in the place of one that is not known while a source is silent. */
  lookup(
    opened: Opened,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly (ParticipantRef | undefined | DomainError)[]>;
  /** What each custodian has of them, all of it in one page. */
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
