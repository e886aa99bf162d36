import type { Hex } from 'viem';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { DecidedParameters, RootedStatement } from '../read/parameters.js';
import type { LedgerInstitution } from '../read/read.js';
import type { RootHistory } from './root-history.js';

/**
 * The status of a root: of the newest epoch; superseded, within the time that the statement allows;
 * superseded for longer; never anchored, or ended by a suspension or rotation.
 */
export type RootStanding = 'CURRENT' | 'SUPERSEDED' | 'STALE' | 'UNKNOWN';

export interface SnapshotFields {
  readonly chainId: number;
  readonly contract: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  /** When the block says it was made, Unix milliseconds. */
  readonly blockAtMs: number;
  /** Unix milliseconds before the ledger was asked. */
  readonly readAtMs: number;
  /** In slot order, suspended ones too. */
  readonly institutions: readonly LedgerInstitution[];
  readonly roots: RootHistory;
  readonly decided: DecidedParameters;
}

/** The register as it stood at one block. Never changes; a newer block gives another snapshot. */
export class LedgerSnapshot {
  readonly chainId: number;
  readonly contract: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly blockAtMs: number;
  readonly readAtMs: number;
  readonly institutions: readonly LedgerInstitution[];
  readonly roots: RootHistory;
  readonly decided: DecidedParameters;
  readonly #byId: ReadonlyMap<string, LedgerInstitution>;

  constructor(fields: SnapshotFields) {
    this.chainId = fields.chainId;
    this.contract = fields.contract;
    this.blockNumber = fields.blockNumber;
    this.blockHash = fields.blockHash;
    this.blockAtMs = fields.blockAtMs;
    this.readAtMs = fields.readAtMs;
    this.institutions = fields.institutions;
    this.roots = fields.roots;
    this.decided = fields.decided;
    this.#byId = new Map(fields.institutions.map((institution) => [institution.id, institution]));
  }

  /** The newest epoch. */
  get epoch(): number {
    return this.roots.epoch;
  }

  /** The newest network root. */
  get root(): bigint {
    return this.roots.newest.root;
  }

  /** When the newest epoch began. */
  get anchoredAt(): Seconds {
    return this.roots.newest.anchoredAt;
  }

  /** Roots of earlier epochs than this have ended. */
  get floorEpoch(): number {
    return this.roots.firstEpoch;
  }

  get activeInstitutions(): readonly LedgerInstitution[] {
    return this.institutions.filter(({ status }) => status === 'ACTIVE');
  }

  /**
   * The active institutions that have not anchored for longer than `maxAgeSeconds`, or never: their
   * withdrawals since then are under no root.
   */
  lateInstitutions(nowSeconds: Seconds, maxAgeSeconds: number): readonly LedgerInstitution[] {
    return this.activeInstitutions.filter(
      ({ lastAnchor }) =>
        lastAnchor === undefined || nowSeconds - lastAnchor.anchoredAt > maxAgeSeconds,
    );
  }

  /** @returns undefined if the ledger has none of this id. A suspended one is returned. */
  institutionById(id: string): LedgerInstitution | undefined {
    return this.#byId.get(id);
  }

  /** @throws DomainError INSTITUTION_UNKNOWN. */
  requireInstitution(id: InstitutionId): LedgerInstitution {
    const institution = this.#byId.get(id);
    if (institution === undefined)
      throw new DomainError('INSTITUTION_UNKNOWN', { institution: id });
    return institution;
  }

  /**
   * The status of an epoch's root now. An epoch that ended is not accepted, even if a later one has
   * the same root.
   *
   * @param anchored.epoch - the epoch of the root: what `epochOf` said when it was first presented.
   * @param when.nowSeconds - since 1900, by the verifier's clock.
   * @param when.statement - whose window applies, as the institutions voted. A window that was
   * narrowed and widened again does not bring back a root that was refused in between.
   * @source isAccepted of contracts/IConsentRegister.sol, which a test holds it to
   */
  acceptsRoot(
    { root, epoch }: { readonly root: bigint; readonly epoch: number },
    when: { readonly nowSeconds: Seconds; readonly statement: RootedStatement },
  ): RootStanding {
    if (this.roots.at(epoch)?.root !== root) return 'UNKNOWN';
    const next = this.roots.at(epoch + 1);
    if (next === undefined) return 'CURRENT';
    const supersededSeconds = when.nowSeconds - next.anchoredAt;
    const { maxSupersededSeconds, closedBefore } = this.decided.windows[when.statement];
    const isOpen = next.anchoredAt >= closedBefore && supersededSeconds <= maxSupersededSeconds;
    return isOpen ? 'SUPERSEDED' : 'STALE';
  }

  /**
   * The newest epoch that has this root and has not ended: stored with each presentation under that
   * root.
   *
   * @returns undefined if the root was never anchored, or all its epochs have ended.
   */
  epochOf(root: bigint): number | undefined {
    return this.roots.lastEpochOf(root);
  }

  /** The same state, found unchanged at a later time. */
  readAgainAt(readAtMs: number): LedgerSnapshot {
    return new LedgerSnapshot({ ...this, readAtMs });
  }
}
