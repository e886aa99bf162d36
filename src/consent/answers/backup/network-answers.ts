import { z } from 'zod';
import { invariant } from '../../../core/errors.js';
import type { InstitutionId } from '../../../core/ids.js';
import { listOf } from '../../../core/list-of.js';
import { BACKUP_FORM, MAX_BACKUP_CHARACTERS } from '../../../core/wallet-backup.js';
import { type Refusals, refusalOf } from '../../base/model.js';
import { REFUSAL_CODES, type RefusalCode } from '../../base/refusal-code.js';
import { signedAnswer } from '../network-answers.js';
import { SIGNED } from '../network-documents.js';
import type { KeptWalletBackup, WalletBackup } from './model.js';

const REFUSALS = '... on Refusals { refused { code } }';

/** The fixed documents that a gateway asks a node with, in its participant's name. */
export const KEEP_BACKUP = `mutation KeepWalletBackup(
  $institution: ID!, $backup: WalletBackupInput!, $nonce: String
) {
  result: keepWalletBackup(institution: $institution, backup: $backup, nonce: $nonce) {
    __typename
    ... on WalletBackupReceipt { institution { id } sequence ${SIGNED} }
    ${REFUSALS}
  }
}`;

export const READ_BACKUP = `query ReadWalletBackup(
  $institution: ID!, $question: WalletBackupQuestion!, $nonce: String
) {
  result: walletBackup(institution: $institution, question: $question, nonce: $nonce) {
    __typename
    ... on WalletBackup { institution { id } sequence backup ${SIGNED} }
    ${REFUSALS}
  }
}`;

const institution = z.object({ id: z.string() });
const code = z.enum(Object.keys(REFUSAL_CODES) as [RefusalCode, ...RefusalCode[]]);
const refusedForm = z.object({
  __typename: z.literal('Refusals'),
  refused: listOf(z.object({ code }), 1, 1),
});

const keptForm = z.object({
  result: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('WalletBackupReceipt'),
      institution,
      sequence: z.int().min(1),
      signed: signedAnswer,
    }),
    refusedForm,
  ]),
});

const backupForm = z.object({
  result: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('WalletBackup'),
      institution,
      sequence: z.int().min(0),
      backup: z.string().max(MAX_BACKUP_CHARACTERS).regex(BACKUP_FORM).nullable(),
      signed: signedAnswer,
    }),
    refusedForm,
  ]),
});

/** Reads that a node keeps what it was sent, and nothing else. */
export function parseKept(sent: number) {
  return (data: unknown, asked: InstitutionId): KeptWalletBackup | Refusals => {
    const { result } = keptForm.parse(data);
    if (result.__typename === 'Refusals') return refusals(result);
    invariant(result.institution.id === asked, 'a node answers for itself');
    invariant(result.sequence === sent, 'a node answers for what it was sent');
    return { institution: asked, sequence: result.sequence, signed: result.signed };
  };
}

/** Reads what a node keeps. Whether it is what the wallet wrote, the wallet alone can tell. */
export function parseBackup(data: unknown, asked: InstitutionId): WalletBackup | Refusals {
  const { result } = backupForm.parse(data);
  if (result.__typename === 'Refusals') return refusals(result);
  const { sequence, backup, signed } = result;
  invariant(result.institution.id === asked, 'a node answers for itself');
  invariant((sequence === 0) === (backup === null), 'a backup is numbered from 1');
  return { institution: asked, sequence, backup, signed };
}

function refusals({ refused }: z.output<typeof refusedForm>): Refusals {
  return { refused: refused.map((one) => refusalOf(0, one.code)) };
}
