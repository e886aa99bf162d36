import type { SignedAnswer } from '../../../core/evidence/receipt.js';
import type { InstitutionId } from '../../../core/ids.js';
import type { PointInput, SignatureInput } from '../../base/model.js';

/** A sealed book of serials that a wallet has an institution keep, as the API takes it. */
export interface WalletBackupInput {
  readonly study: string;
  /** One more than that of the backup that it replaces; 1 for the first. */
  readonly sequence: number;
  /** base64url. */
  readonly backup: string;
  readonly publicKey: PointInput;
  /** Over backupMessage(institution, study, sequence, backup). */
  readonly signature: SignatureInput;
}

/** A study key's signed request for its own backup, bound to the session of the request's token. */
export interface WalletBackupQuestion {
  readonly study: string;
  /** When it was signed; whole seconds count. */
  readonly at: Date;
  readonly publicKey: PointInput;
  /** Over backupReadMessage(institution, study, at, holder of this request's token). */
  readonly signature: SignatureInput;
}

/** Confirms that an institution stored the backup. */
export interface KeptWalletBackup {
  readonly institution: InstitutionId;
  readonly sequence: number;
  readonly signed: SignedAnswer;
}

/** A wallet's backup at an institution; sequence 0 and null if it never stored one. */
export interface WalletBackup {
  readonly institution: InstitutionId;
  readonly sequence: number;
  readonly backup: string | null;
  /** Also signs that there is no backup, or a gateway could claim so. */
  readonly signed: SignedAnswer;
}
