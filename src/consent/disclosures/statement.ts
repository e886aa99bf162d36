import type { AccountedRelease } from './account.js';
import { wordsOf } from './plain-words.js';

/** How many of a number's 77 digits are shown, enough for people to tell two apart. */
const SHOWN_DIGITS = 8;

/** What an accounting says of each release, in words. @source 45 CFR 164.528(b)(2) */
export interface ReleaseStatement {
  readonly recipient: string;
  /** What was disclosed, without its content. */
  readonly description: string;
  readonly purpose: string;
}

/**
 * Says who, what and why. The recipient is known by what its consent names: a requester is a
 * number, whose name is not known here; the study and its sponsor are known by name.
 */
export function statementOf(release: AccountedRelease): ReleaseStatement {
  const { record, study, consent } = release;
  const by =
    consent === null
      ? `holder of the consent ${shortened(record.handle)}, registered at another institution`
      : `requester ${shortened(consent.requester)}`;
  const records = record.count === 1 ? '1 record' : `${record.count} records`;
  return {
    recipient: `${study.title} (${record.study}), sponsor ${study.sponsor}, ${by}`,
    description: `${records}: ${wordsOf(record.dataClass)}`,
    purpose: `${wordsOf(record.purpose)}, by consent of the individual`,
  };
}

function shortened(decimal: string): string {
  return decimal.length <= 2 * SHOWN_DIGITS
    ? decimal
    : `${decimal.slice(0, SHOWN_DIGITS)}...${decimal.slice(-SHOWN_DIGITS)}`;
}
