import { z } from 'zod';
import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import { isoFromSeconds } from '../core/time.js';
import type { BackupPlace } from './backups.js';
import { type Gateway, knownCode } from './gateway.js';
import { newSession } from './session.js';

const REFUSALS = '... on Refusals { refused { code } }';
const KEEP = `mutation KeepBackup($institution: ID!, $backup: WalletBackupInput!) {
  result: keepWalletBackup(institution: $institution, backup: $backup) {
    __typename ... on WalletBackupReceipt { institution { id } sequence } ${REFUSALS} } }`;
const READ = `query ReadBackup($institution: ID!, $question: WalletBackupQuestion!) {
  result: walletBackup(institution: $institution, question: $question) {
    __typename ... on WalletBackup { institution { id } sequence backup } ${REFUSALS} } }`;

const institution = z.object({ id: z.string() });
const RefusalsForm = z.object({
  __typename: z.literal('Refusals'),
  refused: z.array(z.object({ code: z.string() })).min(1),
});
const ReceiptForm = z.object({ institution, sequence: z.int().min(1) });
const BackupForm = z.object({
  institution,
  sequence: z.int().min(0),
  backup: z.string().nullable(),
});

/** A token for one question needs no longer. */
const TOKEN_SECONDS = 60;

/**
 * An institution that keeps backups, by way of a gateway.
 *
 * Each question is asked in a session of its own: one session for two studies would tell the gateway
 * that two pseudonyms are one person.
 */
export function backupPlace(gateway: Gateway, institution: InstitutionId): BackupPlace {
  return {
    institution,
    async read({ name, publicKey, signBackupRead }) {
      const session = await newSession();
      const { at, signature } = signBackupRead(institution, session.holder);
      const question = {
        ...{ study: name.id, at: isoFromSeconds(at) },
        publicKey: inDecimals({ ...publicKey }),
        signature: inDecimals({ ...signature }),
      };
      const credential = await session.signCredential({
        audience: gateway.thumbprint,
        seconds: TOKEN_SECONDS,
      });
      const variables = { institution, question };
      const { data, errors } = await gateway.send({ document: READ, variables, credential });
      if (errors[0] !== undefined) throw errors[0];
      const { sequence, backup } = answerOf(institution, data.result, BackupForm);
      return { sequence, backup };
    },
    async keep({ name, publicKey, signBackup }, { sequence, backup }) {
      const signature = signBackup(institution, sequence, backup);
      const sent = {
        ...{ study: name.id, sequence, backup },
        publicKey: inDecimals({ ...publicKey }),
        signature: inDecimals({ ...signature }),
      };
      const { data, errors } = await gateway.send({
        ...{ document: KEEP, variables: { institution, backup: sent } },
      });
      if (errors[0] !== undefined) throw errors[0];
      const kept = answerOf(institution, data.result, ReceiptForm);
      if (kept.sequence !== sequence) throw new DomainError('SOURCE_FAILED', { institution });
    },
  };
}

/** What the institution answered, or why it did not. */
function answerOf<Form extends z.ZodType<{ readonly institution: { readonly id: string } }>>(
  institution: InstitutionId,
  result: unknown,
  form: Form,
): z.output<Form> {
  const refused = RefusalsForm.safeParse(result);
  if (refused.success) throw new DomainError(knownCode(refused.data.refused[0]?.code));
  const answer = form.safeParse(result);
  if (!answer.success || answer.data.institution.id !== institution) {
    throw new DomainError('SOURCE_FAILED', { institution });
  }
  return answer.data;
}

function inDecimals(elements: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(elements).map(([name, value]) => [name, String(value)]));
}
