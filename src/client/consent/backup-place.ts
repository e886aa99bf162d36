import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { isoFromSeconds } from '../../core/time.js';
import { pseudonymOf } from '../../zk/leaf.js';
import { type GraphqlAnswer, knownCode } from '../gateway/gateway.js';
import { newReceiptNonce, requireReceipt, SIGNED_FIELDS, SignedForm } from '../gateway/receipt.js';
import { newSession } from '../gateway/session.js';
import type { BackupPlace } from '../keys/backups.js';
import type { Desk } from './consent-cycle.js';

const REFUSALS = '... on Refusals { refused { code } }';
export const KEEP = `mutation KeepBackup(
  $institution: ID!, $backup: WalletBackupInput!, $nonce: String
) {
  result: keepWalletBackup(institution: $institution, backup: $backup, nonce: $nonce) { __typename
    ... on WalletBackupReceipt { institution { id } sequence ${SIGNED_FIELDS} } ${REFUSALS} } }`;
export const READ = `query ReadBackup(
  $institution: ID!, $question: WalletBackupQuestion!, $nonce: String
) {
  result: walletBackup(institution: $institution, question: $question, nonce: $nonce) { __typename
    ... on WalletBackup { institution { id } sequence backup ${SIGNED_FIELDS} } ${REFUSALS} } }`;

const institution = z.object({ id: z.string() });
const RefusalsForm = z.object({
  __typename: z.literal('Refusals'),
  refused: z.array(z.object({ code: z.string() })).min(1),
});
const ReceiptForm = z.object({ institution, sequence: z.int().min(1), signed: SignedForm });
const BackupForm = z.object({
  institution,
  sequence: z.int().min(0),
  backup: z.string().nullable(),
  signed: SignedForm,
});

/** Long enough for a single question. */
const TOKEN_SECONDS = 60;

/** Where a backup is kept, through which gateway, and where signatures are checked. */
export type BackupDesk = Pick<Desk, 'gateway' | 'institution' | 'ledger'>;

/**
 * An institution that keeps backups, reached through a gateway. Its answers are signed, even "no
 * backup": otherwise a gateway could make a restored wallet start with an empty book.
 *
 * Each question is asked in its own session: one session for two studies would show the gateway
 * that two pseudonyms are the same person.
 */
export function backupPlace(desk: BackupDesk): BackupPlace {
  const { gateway, institution, ledger } = desk;
  return {
    institution,
    async read({ name, publicKey, signBackupRead }) {
      const session = await newSession();
      const { at, signature } = signBackupRead(institution, session.holder);
      const question = {
        study: name.id,
        at: isoFromSeconds(at),
        publicKey: inDecimals({ ...publicKey }),
        signature: inDecimals({ ...signature }),
      };
      const credential = await session.signCredential({
        audience: gateway.thumbprint,
        seconds: TOKEN_SECONDS,
      });
      const nonce = newReceiptNonce();
      const variables = { institution, question, nonce };
      const answer = await gateway.send({ document: READ, variables, credential });
      const { sequence, backup, signed } = answerOf(institution, answer, BackupForm);
      const outcome = { sequence, backup };
      const request = { study: name.id, pseudonym: String(pseudonymOf(publicKey)) };
      const asked = { institution, act: 'READ_BACKUP', request, outcome, nonce } as const;
      await requireReceipt(ledger, asked, signed);
      return outcome;
    },
    async keep({ name, publicKey, signBackup }, { sequence, backup }) {
      const signature = signBackup(institution, sequence, backup);
      const sent = {
        study: name.id,
        sequence,
        backup,
        publicKey: inDecimals({ ...publicKey }),
        signature: inDecimals({ ...signature }),
      };
      const nonce = newReceiptNonce();
      const variables = { institution, backup: sent, nonce };
      const { signed } = answerOf(
        institution,
        await gateway.send({ document: KEEP, variables }),
        ReceiptForm,
      );
      const request = { study: name.id, pseudonym: String(pseudonymOf(publicKey)), backup };
      const outcome = { sequence };
      const asked = { institution, act: 'KEEP_BACKUP', request, outcome, nonce } as const;
      await requireReceipt(ledger, asked, signed);
    },
  };
}

/** What the institution answered, or why it did not. */
function answerOf<Form extends z.ZodType<{ readonly institution: { readonly id: string } }>>(
  institution: InstitutionId,
  { data, errors }: GraphqlAnswer,
  form: Form,
): z.output<Form> {
  if (errors[0] !== undefined) throw errors[0];
  const { result } = data;
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
