import type { Builder } from '../../graph/builder.js';
import type { SubgraphContext } from '../../graph/context.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { NULL_BESIDE_ERROR } from '../../graph/words.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from '../answers/backup/model.js';
import type { ConsentSource } from '../answers/consent-source.js';
import type { Refusals } from '../base/model.js';
import { ACTED, ACTS, SIGNED_AT, STUDY, STUDY_KEY, WORD } from './elements.js';
import { oneQuestionPer } from './one-question-per.js';
import type { addWalletInputs } from './type-input.js';
import type { addWalletResults } from './type-outcome.js';
import { NONCE, type SignedAnswerRef } from './type-signed-answer.js';

interface BackupParts<Opened> {
  readonly institutionRef: FederatedTypes<Opened>['institutionRef'];
  readonly wallet: Pick<ReturnType<typeof addWalletInputs<Opened>>, 'PointRef' | 'SignatureRef'>;
  readonly signedRef: SignedAnswerRef<Opened>;
  readonly RefusalsRef: ReturnType<typeof addWalletResults<Opened>>['RefusalsRef'];
}

type BackupSource<Opened> = Pick<ConsentSource<Opened>, 'keepWalletBackup' | 'walletBackup'>;

/** Adds how a wallet has its book kept, and how it gets it back. */
export function addWalletBackup<Opened>(
  builder: Builder<Opened>,
  source: BackupSource<Opened>,
  parts: BackupParts<Opened>,
): void {
  const inputs = addBackupInputs(builder, parts);
  const results = addBackupResults(builder, parts);
  const askOnce = oneQuestionPer<SubgraphContext<Opened>, Promise<WalletBackup | Refusals>>(
    'question',
  );
  builder.mutationField('keepWalletBackup', (t) =>
    t.field({
      type: results.KeepResult,
      nullable: true,
      description:
        "Keeps a wallet's sealed book of serials in the place of the one before it. " +
        NULL_BESIDE_ERROR,
      args: {
        institution: t.arg.id({ required: true, description: ACTS }),
        backup: t.arg({ type: inputs.BackupRef, required: true, description: 'The book, sealed.' }),
        nonce: t.arg.string({ description: NONCE }),
      },
      resolve: (_root, { institution, backup, nonce = null }, { opened }) =>
        source.keepWalletBackup(opened, institution, backup, nonce),
    }),
  );
  builder.queryField('walletBackup', (t) =>
    t.field({
      type: results.ReadResult,
      nullable: true,
      description:
        'The sealed book that a wallet had the institution keep, by its study key. ' +
        `One question a request. ${NULL_BESIDE_ERROR}`,
      args: {
        institution: t.arg.id({
          required: true,
          description: 'The id of the institution that keeps it.',
        }),
        question: t.arg({
          type: inputs.QuestionRef,
          required: true,
          description: 'Whose book, signed by its study key.',
        }),
        nonce: t.arg.string({ description: NONCE }),
      },
      resolve: (_root, { institution, question, nonce = null }, context) =>
        askOnce(context, { institution, question, nonce }, () =>
          source.walletBackup(context.opened, institution, question, nonce),
        ),
    }),
  );
}

function addBackupInputs<Opened>(
  builder: Builder<Opened>,
  { wallet: { PointRef, SignatureRef } }: BackupParts<Opened>,
) {
  const BackupRef = builder.inputRef<WalletBackupInput>('WalletBackupInput').implement({
    description: 'A book of serials that its wallet sealed. Only linked pseudonyms have one kept.',
    fields: (t) => ({
      study: t.id({ required: true, description: STUDY }),
      sequence: t.int({
        required: true,
        description: 'One more than that of the backup that it replaces; 1 for the first.',
      }),
      backup: t.string({ required: true, description: 'base64url, 65,574 characters at most.' }),
      publicKey: t.field({ type: PointRef, required: true, description: STUDY_KEY }),
      signature: t.field({
        type: SignatureRef,
        required: true,
        description: 'Over the institution, the study, the sequence and the backup.',
      }),
    }),
  });
  const QuestionRef = builder.inputRef<WalletBackupQuestion>('WalletBackupQuestion').implement({
    description: "That a study key asks for its backup, in the session of this request's token.",
    fields: (t) => ({
      study: t.id({ required: true, description: STUDY }),
      at: t.field({ type: 'DateTime', required: true, description: SIGNED_AT }),
      publicKey: t.field({ type: PointRef, required: true, description: STUDY_KEY }),
      signature: t.field({
        type: SignatureRef,
        required: true,
        description:
          "Over the institution, the study, the time, and the key of this request's token.",
      }),
    }),
  });
  return { BackupRef, QuestionRef };
}

function addBackupResults<Opened>(
  builder: Builder<Opened>,
  { institutionRef, signedRef, RefusalsRef }: BackupParts<Opened>,
) {
  const ReceiptRef = builder.objectRef<KeptWalletBackup>('WalletBackupReceipt').implement({
    description: 'That the institution keeps the backup sent.',
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: ACTED,
        resolve: (it) => ({ id: it.institution }),
      }),
      sequence: t.exposeInt('sequence', { description: 'The number of the backup that it keeps.' }),
      signed: t.field({ type: signedRef, description: WORD, resolve: ({ signed }) => signed }),
    }),
  });
  const BackupRef = builder.objectRef<WalletBackup>('WalletBackup').implement({
    description: "A wallet's book of serials, which only its seed opens.",
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: 'The institution that keeps it.',
        resolve: (it) => ({ id: it.institution }),
      }),
      sequence: t.exposeInt('sequence', {
        description: 'The number of the backup. 0: none was ever kept.',
      }),
      backup: t.exposeString('backup', {
        nullable: true,
        description: 'The book, sealed. Null if none was ever kept.',
      }),
      signed: t.field({ type: signedRef, description: WORD, resolve: ({ signed }) => signed }),
    }),
  });
  const KeepResult = builder.unionType('KeepWalletBackupResult', {
    description: 'The backup is kept, or why it is not.',
    types: [ReceiptRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : ReceiptRef),
  });
  const ReadResult = builder.unionType('WalletBackupResult', {
    description: 'What is kept, or why it is not told.',
    types: [BackupRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : BackupRef),
  });
  return { KeepResult, ReadResult };
}
