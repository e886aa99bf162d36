import type { InstitutionId } from '../core/ids.js';
import type { LedgerInstitution } from '../ledger/read/read.js';
import type { LedgerSnapshot } from '../ledger/watch/snapshot.js';
import type { Institution, Network, ProvableStatement, PublishedParameters } from './model.js';

/** Where the network subgraph reads from: only memory, so nothing here waits. */
export interface NetworkSource {
  /** @throws DomainError LEDGER_UNAVAILABLE, LEDGER_MISMATCH or LEDGER_REGRESSED. */
  network(): Network;
  /** In the order asked; undefined for an id that the ledger does not list. */
  institutions(ids: readonly InstitutionId[]): readonly (Institution | undefined)[];
}

export interface LedgerNetworkOptions {
  /** The newest snapshot. @throws DomainError as `network` does. */
  readonly snapshot: () => LedgerSnapshot;
  readonly statements: readonly ProvableStatement[];
  readonly parameters: Omit<PublishedParameters, 'acknowledgementQuorum'>;
}

/** The network as the ledger's newest snapshot shows it. */
export class LedgerNetwork implements NetworkSource {
  readonly #options: LedgerNetworkOptions;
  #lastRead: LedgerSnapshot | undefined;

  constructor(options: LedgerNetworkOptions) {
    this.#options = options;
  }

  network(): Network {
    const snapshot = this.#read();
    const { statements } = this.#options;
    const { chainId, contract, epoch, root, anchoredAt } = snapshot;
    const institutions = snapshot.institutions.map(institutionOf);
    const { acknowledgementQuorum } = snapshot.decided.parameters;
    const parameters = { ...this.#options.parameters, acknowledgementQuorum };
    return { chainId, contract, epoch, root, anchoredAt, institutions, statements, parameters };
  }

  institutions(ids: readonly InstitutionId[]): readonly (Institution | undefined)[] {
    const snapshot = this.#readOrLast();
    return ids.map((id) => {
      const institution = snapshot.institutionById(id);
      return institution === undefined ? undefined : institutionOf(institution);
    });
  }

  #read(): LedgerSnapshot {
    this.#lastRead = this.#options.snapshot();
    return this.#lastRead;
  }

  /**
   * Names are for display only: rows that were released must not be lost because the ledger is
   * silent.
   */
  #readOrLast(): LedgerSnapshot {
    try {
      return this.#read();
    } catch (thrown) {
      if (this.#lastRead === undefined) throw thrown;
      return this.#lastRead;
    }
  }
}

function institutionOf(institution: LedgerInstitution): Institution {
  const { id, name, roles, status, account, lastAnchor, pendingEndpoint } = institution;
  return {
    id,
    name,
    roles,
    status,
    account,
    anchoredAt: lastAnchor?.anchoredAt,
    endpointChangesAt: pendingEndpoint?.from,
  };
}
