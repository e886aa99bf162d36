import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Period, Seconds } from '../../core/time.js';
import type { AccreditationRole, DataClass, Purpose, Sensitivity } from '../../zk/vocabulary.js';
import type { Holder } from './holder-key.js';

/** What one live presentation opens at this node: one participant, within a scope and a window. */
export interface Permit {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  /** The consent's handle, a canonical decimal: what a withdrawal ends. */
  readonly handle: string;
  readonly purpose: Purpose;
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly dataWindow: Period;
  readonly expires: Seconds;
}

/** What an accreditation opens at this node. It names an organisation, never a person. */
export interface PartnerPermit {
  readonly role: AccreditationRole;
  /** The party's id as presented, for example a GLN; empty if the accreditation names none. */
  readonly party: string;
  readonly study: StudyId | undefined;
  /** The nullifier of the period, a canonical decimal: what a budget is counted under. */
  readonly nullifier: string;
  readonly expires: Seconds;
}

/**
 * What a holder's presentations open; requests between which nothing changed share one. Only
 * `PermitSet.mint` makes one and only the gate calls that
 * (test/law.test.ts), so a read of participant-level rows without a gate does not compile.
 *
 * What it holds is behind private names: an object that was only given this prototype, or cast to
 * this type, throws at the first question, whoever asks it.
 */
export class PermitSet {
  readonly #permits: readonly Permit[];
  readonly #partners: readonly PartnerPermit[];
  readonly #holder: Holder | undefined;
  readonly #gateway: string | undefined;

  private constructor(
    permits: readonly Permit[],
    partners: readonly PartnerPermit[],
    holder: Holder | undefined,
    gateway: string | undefined,
  ) {
    this.#permits = Object.freeze([...permits]);
    this.#partners = Object.freeze([...partners]);
    this.#holder = holder;
    this.#gateway = gateway;
    // Otherwise a property of the same name, set later, would stand before the getters.
    Object.freeze(this);
  }

  /**
   * The gate's own door.
   *
   * @param holder - whose verified token asks; undefined for a request without one.
   * @param gateway - thumbprint of the gateway that signed the request.
   */
  static mint(
    permits: readonly Permit[],
    partners: readonly PartnerPermit[],
    holder?: Holder,
    gateway?: string,
  ): PermitSet {
    return new PermitSet(permits, partners, holder, gateway);
  }

  /** The key that this request's token was verified with: it opens nothing by itself. */
  get holder(): Holder | undefined {
    return this.#holder;
  }

  /** Where the request comes from: its holder, else its gateway; undefined if it has neither. */
  get source(): string | undefined {
    return this.#holder?.thumbprint ?? this.#gateway;
  }

  /** Thumbprint of the gateway that signed the request; undefined where the node is asked directly. */
  get gateway(): string | undefined {
    return this.#gateway;
  }

  /** False if this holder has shown this node nothing that still lives: NOT_PRESENTED. */
  get presented(): boolean {
    return this.#permits.length + this.#partners.length > 0;
  }

  get permits(): readonly Permit[] {
    return this.#permits;
  }

  get partners(): readonly PartnerPermit[] {
    return this.#partners;
  }

  forStudy(study: StudyId): readonly Permit[] {
    return this.#permits.filter((permit) => permit.study === study);
  }

  forPseudonyms(pseudonyms: readonly Pseudonym[]): readonly Permit[] {
    const wanted = new Set(pseudonyms);
    return this.#permits.filter((permit) => wanted.has(permit.pseudonym));
  }
}
