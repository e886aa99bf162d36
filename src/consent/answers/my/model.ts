import type { Evidence } from '../../../core/evidence/evidence.js';
import type { InstitutionId, Pseudonym, StudyId } from '../../../core/ids.js';
import type { Period, Seconds } from '../../../core/time.js';
import type { SourceState } from '../../../graph/ask.js';
import type { Page } from '../../../graph/federated.js';
import type { DataClass, Duty, Purpose, Sensitivity } from '../../../zk/vocabulary.js';
import type { PointInput, Refusal, SignatureInput } from '../../base/model.js';
import type { Release } from '../../disclosures/disclosure.js';
import type { ReleasePlace } from '../../disclosures/release-place.js';

/** The study key's word to one institution, as the API takes it. */
export interface SignedListInput {
  readonly institution: string;
  /** When it was signed; whole seconds count. */
  readonly at: Date;
  /** Over listMessage(institution, at, holder of this request's token). */
  readonly signature: SignatureInput;
}

/** Whose consents and disclosures are asked for: one study key, so one pseudonym of one study. */
export interface OwnQuestion {
  readonly study: string;
  readonly publicKey: PointInput;
  readonly lists: readonly SignedListInput[];
}

/** A consent as its participant signed it, where it stands, and what became of it. */
export interface OwnConsent {
  /** Where it is registered. */
  readonly institution: InstitutionId;
  readonly index: number;
  /** A canonical decimal, like every field element below. */
  readonly leaf: string;
  /** Opens the paths around it. Not a field element. */
  readonly subtreeKey: string;
  readonly serial: string;
  readonly handle: string;
  readonly requester: string;
  /** The one custodian that may release; null: any. A consent for one is registered there alone. */
  readonly custodian: InstitutionId | null;
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly duties: readonly Duty[];
  readonly validity: Period;
  readonly dataWindow: Period;
  readonly policy: string;
  readonly registeredAt: Seconds;
  readonly withdrawnAt: Seconds | null;
}

/** A release of the participant's rows, and what proves that its custodian logged it. */
export interface OwnDisclosure {
  /** Its custodian's number of it. */
  readonly id: number;
  readonly custodian: InstitutionId;
  readonly record: Release;
  /** Whom the consent named; null where no institution asked has registered that consent. */
  readonly requester: string | null;
  /** Null until the next anchor. */
  readonly evidence: Evidence | null;
}

/** Which disclosures: the newest first. */
export interface OwnPageQuestion {
  readonly first: number;
  /** Only what comes after this place; undefined: from the newest on. */
  readonly after: ReleasePlace | undefined;
  /** None older; 0: all that are kept. */
  readonly since: Seconds;
  /** Whether to prove each: some reads of SQL more. */
  readonly evidence: boolean;
}

/** What a study key may see of itself. A caller gets this only after its signature was verified. */
export interface OwnParticipation {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  /** The moment that states are told for. */
  readonly asOf: Seconds;
  readonly consents: readonly OwnConsent[];
  /** Which lists were not taken, and why. */
  readonly refused: readonly Refusal[];
  readonly sources: readonly SourceState[];
  /** Reads on with the same signatures. */
  disclosures(page: OwnPageQuestion): Promise<Page<OwnDisclosure>>;
}
