import { DomainError, type Retry } from '../../core/errors.js';
import type { SignedAnswer } from '../../core/evidence/receipt.js';
import type { InstitutionId, StudyId } from '../../core/ids.js';
import type { Period, Seconds } from '../../core/time.js';
import type { SourceState, SourceStatus } from '../../graph/ask.js';
import type {
  AccreditationRole,
  DataClass,
  Duty,
  Purpose,
  Sensitivity,
} from '../../zk/vocabulary.js';
import { REFUSAL_CODES, type RefusalCode } from './refusal-code.js';

/** A half-open span as the API takes it. */
export interface PeriodInput {
  readonly from: Date;
  readonly until: Date;
}

/** One proof as the API takes it: neither is read before the gate reads it. */
export interface ProofInput {
  readonly proof: object;
  /** Canonical decimals, in the order of PUBLIC_SIGNALS. */
  readonly publicSignals: readonly string[];
}

/** What all proofs of one presentation of consents ask for, in plaintext. */
export interface PresentConsentsInput {
  readonly study: string;
  /** Nullable so that its absence reaches the gate, which refuses it by name. */
  readonly purpose?: Purpose | null | undefined;
  readonly dataClasses: readonly DataClass[];
  readonly labels?: readonly Sensitivity[] | null | undefined;
  readonly duties?: readonly Duty[] | null | undefined;
  readonly dataWindow: PeriodInput;
  /** Absent: every institution that the grants allow. */
  readonly institution?: string | null | undefined;
  readonly expires: Date;
  readonly holder: object;
  readonly proofs: readonly ProofInput[];
}

/** What all proofs of one presentation of accreditations ask for, in plaintext. */
export interface PresentAccreditationInput {
  readonly role?: AccreditationRole | null | undefined;
  /** Absent: any study. */
  readonly study?: string | null | undefined;
  /** The organisation whose records a partner asks for, for example a GLN. */
  readonly party?: string | null | undefined;
  /** Where to present it; absent: at every active institution. */
  readonly institution?: string | null | undefined;
  readonly holder: object;
  readonly proofs: readonly ProofInput[];
}

/** A consent as its participant signed it. The study key's pseudonym is computed, not told. */
export interface SignedConsentInput {
  readonly study: string;
  /** A canonical decimal, like every field element below. */
  readonly requester: string;
  /** The one custodian allowed to release; absent: any. */
  readonly institution?: string | null | undefined;
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels?: readonly Sensitivity[] | null | undefined;
  readonly duties?: readonly Duty[] | null | undefined;
  readonly validity: PeriodInput;
  readonly dataWindow: PeriodInput;
  readonly policy: string;
  readonly serial: string;
  readonly handle: string;
  readonly salt: string;
  readonly publicKey: PointInput;
  readonly signature: SignatureInput;
}

/** A point of Baby Jubjub: an EdDSA public key. */
export interface PointInput {
  readonly ax: string;
  readonly ay: string;
}

export interface SignatureInput {
  readonly r8x: string;
  readonly r8y: string;
  readonly s: string;
}

/** What a wallet sends to be linked with the patient to whom the code was shown. */
export interface LinkInput {
  readonly study: string;
  /** linkCodeId of the code: the code itself never travels. */
  readonly codeId: string;
  readonly publicKey: PointInput;
  readonly signature: SignatureInput;
}

/** A registered consent opened, and the path of its leaf: field elements, as canonical decimals. */
export interface ShownConsentInput {
  readonly pseudonym: string;
  readonly requester: string;
  readonly study: string;
  readonly institution: string;
  readonly scope: string;
  readonly duties: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly windowFrom: string;
  readonly windowUntil: string;
  readonly policy: string;
  readonly serial: string;
  readonly handle: string;
  readonly salt: string;
  readonly issuerLeaf: string;
  readonly index: number;
  readonly slot: number;
  readonly shardSiblings: readonly string[];
  readonly topSiblings: readonly string[];
}

/** Work that was done for the secrets of a withdrawal: canonical decimals. */
export interface PuzzleInput {
  readonly at: string;
  readonly nonce: string;
}

/** What shows that withdrawal secrets are worth keeping. */
export interface WithdrawalProofInput {
  readonly shown: readonly ShownConsentInput[];
  readonly puzzle: PuzzleInput | null;
}

/** Which withdrawal secrets to publish, and where. */
export interface WithdrawalInput {
  readonly secrets: readonly string[];
  /** Null: whichever active ones take them first. */
  readonly institution: string | null;
  /** How many institutions have to take them; null: two, or as many as there are. */
  readonly copies: number | null;
  /** As the receipt repeats it; null for none. */
  readonly nonce: string | null;
  readonly proof: WithdrawalProofInput;
}

/** What a wallet sends to have its own consents erased at one institution. */
export interface ErasureInput {
  /** Canonical decimals, as the wallet's w. */
  readonly secrets: readonly string[];
  readonly publicKey: PointInput;
  readonly signature: SignatureInput;
}

/** Why the proof, secret or paper at a position was not taken. */
export interface Refusal {
  readonly index: number;
  readonly code: RefusalCode;
  readonly message: string;
  readonly retry: Retry;
}

/** What one institution did with what it was shown. */
export interface Outcome {
  readonly institution: InstitutionId;
  readonly status: SourceStatus;
  readonly accepted: number;
  readonly refused: readonly Refusal[];
  /** Places of withdrawal secrets that it holds and has not published: no digest has them. */
  readonly held: readonly number[];
  /** Its word on a withdrawal; null for what was presented, and where it did not answer. */
  readonly signed: SignedAnswer | null;
}

/** What every institution concerned did, in id order. */
export interface Presented {
  /** As many institutions as were needed took everything. */
  readonly complete: boolean;
  readonly outcomes: readonly Outcome[];
}

/** What the live presentations of one holder open in one study, and no word of the data. */
export interface Access {
  readonly study: StudyId;
  /** Participants presented; of several institutions, the most that one of them knows of. */
  readonly presented: number;
  /** Null if the presentations name several. */
  readonly purpose: Purpose | null;
  /** All that any of them opens. */
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  /** From the earliest to the latest date that any of them opens. */
  readonly dataWindow: Period;
  /** When the first of them ends. */
  readonly expires: Seconds;
}

/** What was opened in a study, and by whom it was told. */
export interface StudyAccess {
  /** Null if nothing is open: decided only where every source has decided. */
  readonly access: Access | null;
  readonly sources: readonly SourceState[];
}

/** Where a registered consent stands: what its ConsentPackage names. */
export interface RegisteredConsent {
  readonly institution: InstitutionId;
  /** The leaf's place in the institution's shard; it is provable after the next anchor. */
  readonly index: number;
  /** A canonical decimal. */
  readonly leaf: string;
  readonly registeredAt: Seconds;
  /** Opens the paths around it: GET /register/subtree/:number. */
  readonly subtreeKey: string;
  readonly signed: SignedAnswer;
}

/** That a pseudonym is linked with a patient of that institution. */
export interface LinkedParticipant {
  readonly institution: InstitutionId;
  readonly pseudonym: string;
  /** Consents may last no longer, because a proxy answered; null for the patient. */
  readonly proxyUntil: Seconds | null;
  /** Whether the patient has confirmed the key at the institution. */
  readonly confirmed: boolean;
  readonly signed: SignedAnswer;
}

/** What an institution has forgotten. */
export interface ErasedConsents {
  readonly institution: InstitutionId;
  /** How many were registered there under the key that signed. */
  readonly erased: number;
  readonly signed: SignedAnswer;
}

/** Why one institution did not do the one thing asked of it. */
export interface Refusals {
  readonly refused: readonly Refusal[];
}

/** A code as an answer: what happened is told, never with facts of another's making. */
export function refusalOf(index: number, code: RefusalCode): Refusal {
  const { retry } = new DomainError(code);
  return { index, code, message: REFUSAL_CODES[code], retry };
}
