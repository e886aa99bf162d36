import type { Builder } from '../../graph/builder.js';
import type { SubgraphContext } from '../../graph/context.js';
import type { FederatedTypes } from '../../graph/federated.js';
import type { Refusals } from '../model.js';
import { oncePer } from '../my/once.js';
import type { ConsentSource } from '../source.js';
import type { addWalletInputs } from '../type-input.js';
import type { addWalletResults } from '../type-outcome.js';
import { NONCE, type SignedAnswerRef } from '../type-signed-answer.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from './model.js';

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
  const askOnce = oncePer<SubgraphContext<Opened>, Promise<WalletBackup | Refusals>>('question');
  builder.mutationField('keepWalletBackup', (t) =>
    t.field({
      type: results.KeepResult,
      nullable: true,
      description:
        "Keeps a wallet's sealed book of serials in the place of the one before it. Null beside " +
        'an error alone.',
      args: {
        institution: t.arg.id({ required: true }),
        backup: t.arg({ type: inputs.BackupRef, required: true }),
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
        'One question a request. Null beside an error alone.',
      args: {
        institution: t.arg.id({ required: true }),
        question: t.arg({ type: inputs.QuestionRef, required: true }),
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
      study: t.id({ required: true }),
      sequence: t.int({
        required: true,
        description: 'One more than that of the backup that it replaces; 1 for the first.',
      }),
      backup: t.string({ required: true, description: 'base64url, 65,574 characters at most.' }),
      publicKey: t.field({ type: PointRef, required: true }),
      signature: t.field({ type: SignatureRef, required: true }),
    }),
  });
  const QuestionRef = builder.inputRef<WalletBackupQuestion>('WalletBackupQuestion').implement({
    description: "That a study key asks for its backup, in the session of this request's token.",
    fields: (t) => ({
      study: t.id({ required: true }),
      at: t.field({ type: 'DateTime', required: true, description: 'Within 10 minutes.' }),
      publicKey: t.field({ type: PointRef, required: true }),
      signature: t.field({ type: SignatureRef, required: true }),
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
      institution: t.field({ type: institutionRef, resolve: (it) => ({ id: it.institution }) }),
      sequence: t.exposeInt('sequence'),
      signed: t.field({ type: signedRef, resolve: ({ signed }) => signed }),
    }),
  });
  const BackupRef = builder.objectRef<WalletBackup>('WalletBackup').implement({
    description: "A wallet's book of serials, which only its seed opens.",
    fields: (t) => ({
      institution: t.field({ type: institutionRef, resolve: (it) => ({ id: it.institution }) }),
      sequence: t.exposeInt('sequence', { description: '0: none was ever kept.' }),
      backup: t.exposeString('backup', {
        nullable: true,
        description: 'Null: none was ever kept.',
      }),
      signed: t.field({ type: signedRef, resolve: ({ signed }) => signed }),
    }),
  });
  const KeepResult = builder.unionType('KeepWalletBackupResult', {
    types: [ReceiptRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : ReceiptRef),
  });
  const ReadResult = builder.unionType('WalletBackupResult', {
    types: [BackupRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : BackupRef),
  });
  return { KeepResult, ReadResult };
}
