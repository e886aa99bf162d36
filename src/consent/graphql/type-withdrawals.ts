import { toStudyId } from '../../core/ids.js';
import { isoFromSeconds } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { pageSize } from '../../graph/page.js';
import { firstWords, PSEUDONYM, STUDY_ID } from '../../graph/words.js';
import type { ConsentSource } from '../answers/consent-source.js';
import {
  type EndedConsent,
  MAX_WAIT_SECONDS,
  requireWait,
  type WithdrawalPage,
} from '../answers/withdrawals/model.js';
import { HANDLE } from './elements.js';

const DEFAULT_PAGE = 100;

const AFTER =
  'The cursor of the last row that was read, from whichever answer. Absent or null: from the ' +
  'beginning. Keep it while answers are empty. A cursor that this field did not give is BAD_INPUT; ' +
  'one that an institution no longer knows begins there again, and `repeated` is true.';

const WAIT =
  `Seconds to wait where no row is behind \`after\`, 0 to ${MAX_WAIT_SECONDS}. Absent or null: 0. ` +
  'The answer comes as soon as one institution has a row, or empty at the end. A fifth question of ' +
  'one token that waits ends the first; RATE_LIMITED where too many wait in all.';

/** Adds the query by which a portal learns that a participant withdrew. */
export function addWithdrawals<Opened>(
  builder: Builder<Opened>,
  source: Pick<ConsentSource<Opened>, 'withdrawals'>,
  federated: FederatedTypes<Opened>,
): void {
  const WithdrawalRef = addWithdrawalType(builder, federated);
  const ConnectionRef = federated.addConnection<EndedConsent>('Withdrawal', WithdrawalRef);
  builder.objectField(ConnectionRef, 'repeated', (t) =>
    t.boolean({
      description:
        'Whether an institution did not know the place that `after` names, because it was started ' +
        'again, say. It then tells all from its beginning, what it told before too: nothing is left out.',
      resolve: (page) => (page as WithdrawalPage).repeated,
    }),
  );
  builder.queryField('withdrawals', (t) =>
    t.field({
      type: ConnectionRef,
      description:
        'Which of the consents that I presented in a study ended because they were withdrawn or ' +
        'erased, as each custodian learnt it: a portal asks again and again with `waitSeconds` and ' +
        'stops using what is told. It tells of my own presentations alone, until each would have ' +
        'expired, and of no other participant. A row comes once from each custodian that was shown ' +
        'the consent, or more often. While `complete` is false, an institution may know of ' +
        'withdrawals that are not told. TOKEN_MISSING without a token.',
      args: {
        study: t.arg.id({ required: true, description: STUDY_ID }),
        first: t.arg.int({ defaultValue: DEFAULT_PAGE, description: firstWords(DEFAULT_PAGE) }),
        after: t.arg.string({ description: AFTER }),
        waitSeconds: t.arg.int({ defaultValue: 0, description: WAIT }),
      },
      resolve: (_root, { study, first, after, waitSeconds }, { opened, ending }) =>
        source.withdrawals(
          opened,
          {
            study: toStudyId(study),
            first: pageSize(first, DEFAULT_PAGE),
            after: after ?? null,
            waitSeconds: requireWait(waitSeconds),
          },
          ending,
        ),
    }),
  );
}

function addWithdrawalType<Opened>(builder: Builder<Opened>, federated: FederatedTypes<Opened>) {
  return builder.objectRef<EndedConsent>('Withdrawal').implement({
    description: 'That a consent which I had presented to a custodian has ended there.',
    fields: (t) => ({
      pseudonym: t.exposeID('pseudonym', { description: PSEUDONYM }),
      handle: t.expose('handle', { type: 'Field', description: HANDLE }),
      endedAt: t.field({
        type: 'DateTime',
        description: 'When this custodian learnt of it. It has released nothing by it since.',
        resolve: ({ endedAt }) => isoFromSeconds(endedAt),
      }),
      custodian: t.field({
        type: federated.institutionRef,
        description: 'The institution that tells it.',
        resolve: ({ custodian }) => ({ id: custodian }),
      }),
    }),
  });
}
