import type { RefusalCode } from '../../../../src/consent/base/refusal-code.js';

/** Which test refuses with a code, and shows it. */
export interface ShownBy {
  /** From `test/`, without its ending. */
  readonly suite: string;
  /** How its name, or the row of its table, begins. */
  readonly test: string;
  /** Where the table of the suite is, if it has one in another file. */
  readonly table?: string;
  /** `answer`: the refusal itself. `rule`: the error, which every answer tells as a refusal. */
  readonly at: 'answer' | 'rule';
}

const answer = (suite: string, test: string, table?: string): ShownBy => ({
  suite: `consent/${suite}`,
  test,
  at: 'answer',
  ...(table === undefined ? {} : { table }),
});
const gate = (why: string) => answer('gate/gate', why, 'support/consent/gate-refusals');
const rule = (suite: string, test: string): ShownBy => ({ suite, test, at: 'rule' });

/** One test of each code that an answer can refuse with. */
export const SHOWN_BY: Readonly<Record<RefusalCode, ShownBy>> = {
  BAD_INPUT: gate('two purposes at once'),
  INPUT_TOO_LARGE: answer('answers/wallet-backup', 'longer than any book'),
  FIELD_OUT_OF_RANGE: gate('a signal of the field order and more'),
  PERIOD_EMPTY: gate('a data window without a moment in it'),
  TIME_OUT_OF_RANGE: gate('a time before 1900'),
  ID_MALFORMED: gate('a study whose id is none'),
  NOT_FOR_THIS_INSTITUTION: gate('another institution addressed'),
  STUDY_UNKNOWN: gate('a study nobody knows'),
  PURPOSE_MISSING: gate('no purpose'),
  DATA_CLASS_MISSING: gate('no data class'),
  ROLE_UNKNOWN: answer('gate/gate-accreditation', 'no role'),
  PROOF_MALFORMED: gate('five public signals'),
  PROOF_INVALID: gate('a changed pseudonym'),
  PROOF_FROM_FUTURE: gate('a proof 61 s ahead'),
  PROOF_TOO_OLD: gate('a proof a second too old'),
  ROOT_UNKNOWN: gate('a root that was never anchored'),
  ROOT_STALE: gate('a root superseded a second more than'),
  PURPOSE_MISMATCH: gate('another purpose'),
  REQUEST_MISMATCH: gate('another study'),
  HOLDER_MISMATCH: gate("another holder's key"),
  EXPIRY_TOO_FAR: gate('an expiry a second beyond seven days'),
  CONSENT_EXPIRED: gate('an expiry that is now'),
  CONSENT_WITHDRAWN: answer('gate/gate', 'refuses the consent, and ends what was presented before'),
  SIGNATURE_INVALID: answer('answers/wallet-backup', 'a stranger, in her name'),
  SIGNATURE_TOO_OLD: answer('answers/wallet-backup', 'an old question'),
  SIGNATURE_FROM_FUTURE: answer('answers/wallet-backup', 'a question of tomorrow'),
  SERIAL_NOT_NEWER: answer('answers/wallet', 'amends at the institution named'),
  SERIAL_FROM_FUTURE: rule('consent/registration/register-consent', 'SERIAL_FROM_FUTURE'),
  LINK_CODE_INVALID: answer('answers/wallet', 'goes from the code in the session to the receipt'),
  LINK_NOT_CONFIRMED: answer('answers/wallet', 'goes from the code in the session to the receipt'),
  PSEUDONYM_TAKEN: rule('consent/registration/proxy', 'PSEUDONYM_TAKEN'),
  PSEUDONYM_NOT_LINKED: answer(
    'answers/wallet',
    'goes from the code in the session to the receipt',
  ),
  PROXY_ENDED: rule('consent/registration/proxy', 'PROXY_ENDED'),
  PAST_MAJORITY: {
    suite: 'client/consent/consent-cycle',
    at: 'answer',
    test: 'hears until when it may sign, and signs no longer',
  },
  BACKUP_NOT_NEWER: answer('answers/wallet-backup', 'the first one again'),
  SHARD_FULL: rule('consent/shard/register', 'SHARD_FULL'),
  SECRET_MALFORMED: answer('answers/wallet', 'with a secret that is none'),
  PATH_INVALID: rule('consent/gate/withdrawal-flood', 'is not in the register: PATH_INVALID'),
  PUZZLE_MISSING: rule('consent/gate/withdrawal-flood', 'PUZZLE_MISSING'),
  PUZZLE_INVALID: rule('core/signed/puzzle', 'PUZZLE_INVALID'),
  PUZZLE_TOO_EASY: rule('consent/gate/withdrawal-flood', 'PUZZLE_TOO_EASY'),
  RATE_LIMITED: {
    suite: 'faults/proofs',
    at: 'answer',
    test: 'proofs-too-many: more of them than its share are refused at once',
  },
  VERIFYING_TIMEOUT: answer('gate/gate', 'refuses by index what its time is too short for'),
  VERIFIER_FAILED: {
    suite: 'faults/proofs',
    at: 'answer',
    test: 'verifier-died: what a thread had is told as failed',
  },
  FEED_GAP: answer('gate/gate', 'FEED_GAP'),
  FEED_FORKED: rule('consent/feed/feed-fork', 'FEED_FORKED'),
  LEDGER_UNAVAILABLE: gate('a ledger that cannot be read'),
  LEDGER_MISMATCH: rule('ledger/watch/watch', 'LEDGER_MISMATCH'),
  LEDGER_REGRESSED: rule('ledger/watch/watch', 'LEDGER_REGRESSED'),
  INTERNAL: answer('gate/gate', 'accepts nothing from a verifier that'),
};
