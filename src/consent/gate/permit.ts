import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
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
  /** The nullifier of the period, a canonical decimal; query budgets are counted per nullifier. */
  readonly nullifier: string;
  readonly expires: Seconds;
}

/**
 * Why this node cannot decide now whether a holder's presentations still hold. They are neither
 * open nor ended, so answering that nothing is open would be wrong.
 */
export interface Undecided {
  /** Set while live consents are neither opened nor refused. */
  readonly permits?: ErrorCode;
  /** The same of accreditations. */
  readonly partners?: ErrorCode;
}

/**
 * What a holder's presentations open; requests between which nothing changed share one. Only
 * `PermitSet.mint` makes one and only the gate calls that
 * (test/law.test.ts), so a read of participant-level rows without a gate does not compile.
 *
 * What it holds is behind private names: an object that was only given this prototype, or cast to
 * this type, throws at the first question. A set that this node could not decide on throws its code
 * in the same way, so that no reader takes it for an empty one.
 */
export class PermitSet {
  readonly #permits: readonly Permit[];
  readonly #partners: readonly PartnerPermit[];
  readonly #holder: Holder | undefined;
  readonly #gateway: string | undefined;
  readonly #undecided: Undecided;

  private constructor(
    permits: readonly Permit[],
    partners: readonly PartnerPermit[],
    holder: Holder | undefined,
    gateway: string | undefined,
    undecided: Undecided,
  ) {
    this.#permits = Object.freeze([...permits]);
    this.#partners = Object.freeze([...partners]);
    this.#holder = holder;
    this.#gateway = gateway;
    this.#undecided = Object.freeze({ ...undecided });
    // Otherwise a property of the same name, set later, would shadow the getters.
    Object.freeze(this);
  }

  /**
   * Only for the gate.
   *
   * @param holder - whose verified token asks; undefined for a request without one.
   * @param gateway - thumbprint of the gateway that signed the request.
   * @param undecided - what of the holder's presentations could not be decided.
   */
  static mint(
    permits: readonly Permit[],
    partners: readonly PartnerPermit[],
    holder?: Holder,
    gateway?: string,
    undecided: Undecided = {},
  ): PermitSet {
    return new PermitSet(permits, partners, holder, gateway, undecided);
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

  /**
   * False if this holder has no live presentation at this node: NOT_PRESENTED.
   *
   * @throws DomainError with the code of what is undecided, as permits and partners do.
   */
  get presented(): boolean {
    return this.#decidedPermits().length + this.#decidedPartners().length > 0;
  }

  /** @throws DomainError FEED_GAP, FEED_FORKED, LEDGER_* while this node cannot decide about them. */
  get permits(): readonly Permit[] {
    return this.#decidedPermits();
  }

  /** @throws DomainError LEDGER_* while this node cannot decide about them. */
  get partners(): readonly PartnerPermit[] {
    return this.#decidedPartners();
  }

  /** @throws as permits. */
  forStudy(study: StudyId): readonly Permit[] {
    return this.#decidedPermits().filter((permit) => permit.study === study);
  }

  /** @throws as permits. */
  forPseudonyms(pseudonyms: readonly Pseudonym[]): readonly Permit[] {
    const wanted = new Set(pseudonyms);
    return this.#decidedPermits().filter((permit) => wanted.has(permit.pseudonym));
  }

  // Not through the getters: a property of the same name would shadow them.
  #decidedPermits(): readonly Permit[] {
    requireDecided(this.#undecided.permits);
    return this.#permits;
  }

  #decidedPartners(): readonly PartnerPermit[] {
    requireDecided(this.#undecided.partners);
    return this.#partners;
  }
}

function requireDecided(code: ErrorCode | undefined): void {
  if (code !== undefined) throw new DomainError(code);
}
