import type { StudyId } from '../core/ids.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from './backup/model.js';
import type {
  Access,
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
  WithdrawalProofInput,
} from './model.js';
import type { OwnParticipation, OwnQuestion } from './my/model.js';

/**
 * Where consents are shown, registered and withdrawn: a node, or the network asked in a
 * requester's name. Both answer the same questions with the same shapes.
 *
 * Nothing here throws for "not permitted": what is refused is in the answer, by index and code.
 *
 * @template Opened - PermitSet in a node, Requester beside the gateway.
 */
export interface ConsentSource<Opened> {
  /**
   * What the caller's live presentations open, in the order asked; null for a study that nothing
   * was presented for, which is also the answer for one that nobody has.
   */
  access(opened: Opened, studies: readonly StudyId[]): Promise<readonly (Access | null)[]>;
  presentConsents(opened: Opened, input: PresentConsentsInput): Promise<Presented>;
  presentAccreditation(opened: Opened, input: PresentAccreditationInput): Promise<Presented>;
  registerConsent(
    opened: Opened,
    institution: string,
    consent: SignedConsentInput,
  ): Promise<RegisteredConsent | Refusals>;
  /** Registers a consent and withdraws those that it replaces, or does neither. */
  amendConsent(
    opened: Opened,
    institution: string,
    consent: SignedConsentInput,
    supersededSecrets: readonly string[],
  ): Promise<RegisteredConsent | Refusals>;
  /** Publishes withdrawal secrets and deletes what that institution keeps of the consents. */
  eraseConsents(
    opened: Opened,
    institution: string,
    erasure: ErasureInput,
  ): Promise<ErasedConsents | Refusals>;
  linkParticipant(
    opened: Opened,
    institution: string,
    link: LinkInput,
  ): Promise<LinkedParticipant | Refusals>;
  /**
   * Takes withdrawal secrets. One institution is enough: the others learn of it by its feed.
   *
   * @param proof - needed where the consents are not known.
   */
  withdrawConsents(
    opened: Opened,
    secrets: readonly string[],
    institution: string | null,
    proof: WithdrawalProofInput,
  ): Promise<Presented>;
  /**
   * What a study key may see of itself. It is no permit's business: whoever asks signs for it.
   *
   * @throws DomainError TOKEN_MISSING, BAD_INPUT, INPUT_TOO_LARGE
   */
  my(opened: Opened, question: OwnQuestion): Promise<OwnParticipation>;
  /** Keeps a wallet's sealed book at one institution. */
  keepWalletBackup(
    opened: Opened,
    institution: string,
    backup: WalletBackupInput,
  ): Promise<KeptWalletBackup | Refusals>;
  /**
   * What one institution keeps of a wallet.
   *
   * @throws DomainError TOKEN_MISSING
   */
  walletBackup(
    opened: Opened,
    institution: string,
    question: WalletBackupQuestion,
  ): Promise<WalletBackup | Refusals>;
}
