import type { InstitutionId } from '../../core/ids.js';
import { hasNoEnd, isoFromSeconds, type Period, type Seconds } from '../../core/time.js';
import { institutionField } from '../../zk/arithmetic/field.js';
import type { ConsentFields } from '../../zk/leaf.js';
import {
  type DataClass,
  type Duty,
  LABEL_BITS,
  type Purpose,
  readDuties,
  readScope,
  type Sensitivity,
} from '../../zk/vocabulary.js';
import { wordsOf, wordsOfEach } from './plain-words.js';

/** What of a consent decides on what it lets through. */
export type ExplainedFields = Pick<
  ConsentFields,
  'requester' | 'institution' | 'scope' | 'duties' | 'validity' | 'dataWindow'
> & {
  readonly withdrawnAt: Seconds | null;
};

/** Whether a consent lets anything through now, and if not, why. */
export type ConsentState = 'ACTIVE' | 'NOT_YET' | 'EXPIRED' | 'WITHDRAWN';

/** What a consent lets through, for its participant: in words of the vocabulary, and in sentences. */
export interface Explanation {
  readonly state: ConsentState;
  /** A canonical decimal: who may use it. */
  readonly requester: string;
  /** The one that may release; null if any may, or one that this network does not list. */
  readonly custodian: InstitutionId | null;
  readonly anyCustodian: boolean;
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  /** Labels not granted: what bears one of them does not exist for the requester. */
  readonly withheldLabels: readonly Sensitivity[];
  readonly duties: readonly Duty[];
  readonly validity: Period;
  readonly dataWindow: Period;
  /** In plain English, the state first. */
  readonly sentences: readonly string[];
}

/**
 * Says what a consent lets through at a moment: the same rules as the gate's, explained to the
 * person who signed it.
 *
 * @param known.institutions - the network's, because a leaf holds a custodian's hash alone.
 * @throws DomainError CODE_UNKNOWN for a scope or duties that this vocabulary does not name.
 */
export function explainConsent(
  fields: ExplainedFields,
  now: Seconds,
  known: { readonly institutions?: readonly InstitutionId[] } = {},
): Explanation {
  const scope = readScope(fields.scope);
  const custodian = known.institutions?.find((id) => institutionField(id) === fields.institution);
  const told = {
    state: stateAt(fields, now),
    requester: String(fields.requester),
    custodian: custodian ?? null,
    anyCustodian: fields.institution === 0n,
    ...scope,
    withheldLabels: namesOf(LABEL_BITS).filter((label) => !scope.labels.includes(label)),
    duties: readDuties(fields.duties),
    validity: periodOf(fields.validity),
    dataWindow: periodOf(fields.dataWindow),
  };
  return { ...told, sentences: sentencesOf(told) };
}

function stateAt({ validity, withdrawnAt }: ExplainedFields, now: Seconds): ConsentState {
  if (withdrawnAt !== null) return 'WITHDRAWN';
  if (validity.until <= now) return 'EXPIRED';
  return validity.from > now ? 'NOT_YET' : 'ACTIVE';
}

const STATE_SENTENCES: Readonly<Record<ConsentState, string>> = {
  ACTIVE: 'This consent is in force.',
  NOT_YET: 'This consent is not in force yet; nothing is released under it before it begins.',
  EXPIRED: 'This consent has ended; nothing is released under it any more.',
  WITHDRAWN: 'You have withdrawn this consent; nothing is released under it any more.',
};

function sentencesOf(told: Omit<Explanation, 'sentences'>): readonly string[] {
  const { labels, withheldLabels, duties, validity, dataWindow } = told;
  return [
    STATE_SENTENCES[told.state],
    `The requester whose number is ${told.requester} may use it, and nobody else.`,
    custodianSentence(told),
    `Your records may be used for: ${wordsOfEach(told.purposes)}.`,
    `It covers these kinds of records: ${wordsOfEach(told.dataClasses)}.`,
    ...withheldClassSentence(told.dataClasses),
    ...(labels.length > 0 ? [`It covers sensitive records on: ${wordsOfEach(labels)}.`] : []),
    ...(withheldLabels.length > 0
      ? [`It does not cover sensitive records on: ${wordsOfEach(withheldLabels)}.`]
      : []),
    ...duties.map((duty) => `The requester has to keep to this: ${wordsOf(duty)}.`),
    `It may be used ${spanWords(validity)}.`,
    `It covers what is dated ${spanWords(dataWindow)}.`,
    undatedSentence(dataWindow),
  ];
}

function custodianSentence({ anyCustodian, custodian }: Omit<Explanation, 'sentences'>): string {
  if (anyCustodian)
    return 'Any institution of this network that has records of you may release them.';
  if (custodian === null)
    return 'One institution may release them, which this network does not list.';
  return `Only the institution ${custodian} may release them.`;
}

/** A class that is said to be missing only where it narrows the others that are there. */
function withheldClassSentence(granted: readonly DataClass[]): readonly string[] {
  return granted.includes('EXACT_DATE') ? [] : ['Of each date only the year is told.'];
}

/** What a date alone does not decide on. */
function undatedSentence({ from, until }: Period): string {
  if (!hasNoEnd(until)) {
    return 'It covers no record without a date, and none whose period has no end.';
  }
  return from === 0
    ? 'It also covers records without a date, and those whose period has no beginning or no end.'
    : 'It also covers records whose period has no end, but none without a date.';
}

function spanWords({ from, until }: Period): string {
  const begins = from === 0 ? 'from any time on' : `from ${momentWords(from)} on`;
  return hasNoEnd(until) ? `${begins}, without end` : `${begins}, before ${momentWords(until)}`;
}

/** A whole day in UTC is told as one. */
function momentWords(seconds: Seconds): string {
  const iso = isoFromSeconds(seconds);
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, -'T00:00:00.000Z'.length) : iso;
}

function periodOf({ from, until }: ConsentFields['validity']): Period {
  return { from: Number(from), until: Number(until) };
}

function namesOf<Name extends string>(bits: Readonly<Record<Name, number>>): readonly Name[] {
  return Object.keys(bits) as Name[];
}
