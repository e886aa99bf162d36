import type { GraphQLSchema } from 'graphql';
import { type Builder, createBuilder, toSubgraph } from '../../graph/builder.js';
import { addFederatedTypes } from '../../graph/federated.js';
import { addNodeInterface } from '../../graph/node/interface.js';
import { addPeriodType } from '../../graph/period.js';
import { MUTATION, QUERY } from '../../graph/words.js';
import type { ConsentSource } from '../answers/consent-source.js';
import { addWalletBackup } from './type-backup.js';
import { addEvidenceType } from './type-evidence.js';
import { addPresentationInputs, addWalletInputs } from './type-input.js';
import { addMy, addOwnTypes } from './type-my.js';
import { addOutcomeTypes, addWalletResults } from './type-outcome.js';
import { addSignedAnswerType, NONCE } from './type-signed-answer.js';
import { addStudies } from './type-studies.js';
import { addStudyType } from './type-study.js';
import { addVocabularyEnums } from './type-vocabulary.js';
import { addWalletMutations } from './type-wallet.js';
import { addWithdrawalInputs } from './type-withdrawal.js';
import { addWithdrawals } from './type-withdrawals.js';

/** The consent subgraph over a source: built in every node, and once in the gateway. */
export function consentSubgraph<Opened>(source: ConsentSource<Opened>): GraphQLSchema {
  const builder = createBuilder<Opened>();
  builder.queryType({ description: QUERY });
  builder.mutationType({ description: MUTATION });
  const enums = addVocabularyEnums(builder);
  const federated = addFederatedTypes(builder);
  const signedRef = addSignedAnswerType(builder);
  const { RefusalRef, PresentedRef } = addOutcomeTypes(builder, federated, signedRef);
  const periodRef = addPeriodType(builder);
  const nodeRef = addNodeInterface(builder);
  const StudyRef = addStudyType(builder, source, enums, { periodRef, federated, nodeRef });
  addStudies(builder, source, federated, StudyRef);
  addWithdrawals(builder, source, federated);
  const inputs = addPresentationInputs(builder, enums);
  addPresentations(builder, source, inputs, PresentedRef);
  const wallet = addWalletInputs(builder, enums, inputs.PeriodRef);
  const results = addWalletResults(builder, federated, RefusalRef, signedRef);
  addWalletMutations(builder, source, wallet, results);
  const { RefusalsRef } = results;
  addWalletBackup(builder, source, {
    institutionRef: federated.institutionRef,
    signedRef,
    wallet,
    RefusalsRef,
  });
  addWithdrawal(builder, source, addWithdrawalInputs(builder), PresentedRef);
  const evidenceRef = addEvidenceType(builder, federated);
  const own = addOwnTypes(builder, { federated, enums, periodRef, evidenceRef, RefusalRef });
  addMy(builder, source, own, wallet);
  return toSubgraph(builder);
}

type PresentedRef<Opened> = ReturnType<typeof addOutcomeTypes<Opened>>['PresentedRef'];

function addPresentations<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  inputs: ReturnType<typeof addPresentationInputs<Opened>>,
  presentedRef: PresentedRef<Opened>,
): void {
  builder.mutationFields((t) => ({
    presentConsents: t.field({
      type: presentedRef,
      description: 'Shows proofs of consent to the institutions concerned. Each judges for itself.',
      args: {
        input: t.arg({
          type: inputs.ConsentsRef,
          required: true,
          description: 'The proofs, and what they are shown for.',
        }),
      },
      resolve: (_root, { input }, { opened }) => source.presentConsents(opened, input),
    }),
    presentAccreditation: t.field({
      type: presentedRef,
      description: 'Shows proofs that an institution accredited the caller.',
      args: {
        input: t.arg({
          type: inputs.AccreditationRef,
          required: true,
          description: 'The proofs, and what they are shown for.',
        }),
      },
      resolve: (_root, { input }, { opened }) => source.presentAccreditation(opened, input),
    }),
  }));
}

function addWithdrawal<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  inputs: ReturnType<typeof addWithdrawalInputs<Opened>>,
  presentedRef: PresentedRef<Opened>,
): void {
  builder.mutationField('withdrawConsents', (t) =>
    t.field({
      type: presentedRef,
      description: 'Publishes withdrawal secrets. Two institutions take them; all act on them.',
      args: {
        secrets: t.arg({
          type: ['Field'],
          required: true,
          description: 'The withdrawal secrets, 1 to 1,000. They are published.',
        }),
        institution: t.arg.id({
          description: 'The one to ask. Absent: active ones, until enough have taken them.',
        }),
        copies: t.arg.int({
          description:
            'How many institutions have to take them, 1 or more: one could keep them to itself. ' +
            'Absent: 2 where there are two, and 1 at an institution named.',
        }),
        shown: t.arg({
          type: [inputs.ShownRef],
          description:
            'Consents that the institution may not know, 32 at most: who shows one never waits. Absent: none.',
        }),
        puzzle: t.arg({
          type: inputs.PuzzleRef,
          description:
            'Work done over all the secrets, for secrets that nothing else shows to be real. ' +
            'Absent: such secrets are refused, PUZZLE_MISSING.',
        }),
        nonce: t.arg.string({ description: NONCE }),
      },
      resolve: (_root, { shown, puzzle, ...asked }, { opened }) => {
        const { secrets, institution = null, copies = null, nonce = null } = asked;
        const proof = { shown: shown ?? [], puzzle: puzzle ?? null };
        return source.withdrawConsents(opened, { secrets, institution, copies, nonce, proof });
      },
    }),
  );
}
