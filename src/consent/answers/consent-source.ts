import type { StudyId } from '../../core/ids.js';
import type { Page } from '../../graph/federated.js';
import type {
  ErasedConsents,
  ErasureInput,
  LinkedParticipant,
  LinkInput,
  PresentAccreditationInput,
  PresentConsentsInput,
  Presented,
  Refusals,
  RegisteredConsent,
  SignedConsentInput,
  StudyAccess,
  WithdrawalInput,
} from '../base/model.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from './backup/model.js';
import type { OwnParticipation, OwnQuestion } from './my/model.js';
import type { StudiesQuestion, StudyReference } from './studies/model.js';
import type { WithdrawalPage, WithdrawalsQuestion } from './withdrawals/model.js';

/**
 * Where consents are shown, registered and withdrawn: a node, or the network asked in a
 * requester's name. Both answer the same questions with the same shapes.
 *
 * Nothing here throws for "not permitted": what is refused is in the answer, by index and code. What
 * one institution did for a wallet comes with its signature (core/evidence/receipt.ts), which repeats the nonce.
 *
 * @template Opened - PermitSet in a node, Requester at the gateway.
 */
export interface ConsentSource<Opened> {
  /**
   * What the caller's live presentations open, in the order asked; null for a study without a
   * presentation, and also for an unknown study.
   */
  access(opened: Opened, studies: readonly StudyId[]): Promise<readonly StudyAccess[]>;
  /**
   * The studies in which the caller's live presentations open something, in order of id by code
   * unit. Computed from presentations alone.
   */
  studies(opened: Opened, page: StudiesQuestion): Promise<Page<StudyReference>>;
  /**
   * The caller's presentations in a study that ended by a withdrawal or an erasure.
   *
   * @param ending - makes the signal that ends a wait early: the client has left, or the server stops.
   * @throws DomainError TOKEN_MISSING, BAD_INPUT, RATE_LIMITED
   */
  withdrawals(
    opened: Opened,
    question: WithdrawalsQuestion,
    ending: (() => AbortSignal) | undefined,
  ): Promise<WithdrawalPage>;
  presentConsents(opened: Opened, input: PresentConsentsInput): Promise<Presented>;
  presentAccreditation(opened: Opened, input: PresentAccreditationInput): Promise<Presented>;
  registerConsent(
    opened: Opened,
    institution: string,
    consent: SignedConsentInput,
    nonce: string | null,
  ): Promise<RegisteredConsent | Refusals>;
  /** Registers a consent and withdraws those that it replaces, or does neither. */
  amendConsent(
    opened: Opened,
    institution: string,
    consent: SignedConsentInput,
    supersededSecrets: readonly string[],
    nonce: string | null,
  ): Promise<RegisteredConsent | Refusals>;
  /** Publishes withdrawal secrets and deletes what that institution keeps of the consents. */
  eraseConsents(
    opened: Opened,
    institution: string,
    erasure: ErasureInput,
    nonce: string | null,
  ): Promise<ErasedConsents | Refusals>;
  linkParticipant(
    opened: Opened,
    institution: string,
    link: LinkInput,
    nonce: string | null,
  ): Promise<LinkedParticipant | Refusals>;
  /**
   * Accepts withdrawal secrets. Institutions that were not asked learn of them through the feeds. A
   * proof of work is needed at institutions that do not know the consents.
   */
  withdrawConsents(opened: Opened, withdrawal: WithdrawalInput): Promise<Presented>;
  /**
   * What a study key may see of itself. It needs no permit: the caller signs with the study key.
   *
   * @throws DomainError TOKEN_MISSING, BAD_INPUT, INPUT_TOO_LARGE
   */
  my(opened: Opened, question: OwnQuestion): Promise<OwnParticipation>;
  /** Stores a wallet's sealed book at one institution. */
  keepWalletBackup(
    opened: Opened,
    institution: string,
    backup: WalletBackupInput,
    nonce: string | null,
  ): Promise<KeptWalletBackup | Refusals>;
  /**
   * The backup that one institution stores for a wallet.
   *
   * @throws DomainError TOKEN_MISSING
   */
  walletBackup(
    opened: Opened,
    institution: string,
    question: WalletBackupQuestion,
    nonce: string | null,
  ): Promise<WalletBackup | Refusals>;
}
