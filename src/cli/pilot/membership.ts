import { invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Config } from '../../core/settings/config.js';
import type { Database, DatabaseServer } from '../../store/database.js';
import { openDatabases } from '../state/database-server.js';
import { loadNodeKeys, type NodeKeys } from '../state/node-keys.js';
import { openStateFolder, type StateFolder } from '../state/state-folder.js';
import { PILOT_INSTITUTIONS, type PilotInstitution } from './institutions.js';
import type { PilotLedger } from './ledger.js';

/** An institution of the pilot: on the ledger, with its keys, its port and its tables. */
export interface Membership {
  readonly institution: PilotInstitution;
  readonly keys: NodeKeys;
  readonly port: number;
  /** Undefined once it was released to a separate process. */
  db: Database | undefined;
}

export interface OpenedMemberships {
  readonly memberships: readonly Membership[];
  /**
   * Closes the databases of the institutions that run apart, so that their own process can open
   * them.
   */
  release(institutions: readonly InstitutionId[]): Promise<void>;
  /** Like a database server's hurry: limits running statements, so that none delays a stop. */
  hurry(ms: number): void;
  close(): Promise<void>;
}

/** Where an institution that runs apart keeps its keys and its database. */
export function apartFolder(folder: StateFolder, institution: InstitutionId): string {
  return folder.at('apart', institution);
}

/** Puts the pilot's institutions on the ledger and opens their databases: one engine, a schema each. */
export async function openMemberships(options: {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly ledger: PilotLedger;
  readonly apart: readonly InstitutionId[];
}): Promise<OpenedMemberships> {
  const { config, folder, ledger, apart } = options;
  const shared = await openDatabases(config, folder);
  const ownServers = new Map<InstitutionId, DatabaseServer>();
  const memberships: Membership[] = [];
  for (const [at, institution] of PILOT_INSTITUTIONS.entries()) {
    const { id } = institution;
    const isApart = apart.includes(id);
    const home = isApart ? await openStateFolder(apartFolder(folder, id)) : folder;
    const keys = await loadNodeKeys(home, id);
    const port = config.nodePort + at;
    const endpoint = `http://${config.nodeHost}:${port}`;
    await ledger.admit({ institution, keys, endpoint, isApart });
    if (isApart) ownServers.set(id, await openDatabases(config, home));
    const db = await (ownServers.get(id) ?? shared).open(id, { alone: true });
    memberships.push({ institution, keys, port, db });
  }
  return {
    memberships,
    async release(institutions) {
      for (const membership of memberships) {
        if (!institutions.includes(membership.institution.id)) continue;
        membership.db = undefined;
        await ownServers.get(membership.institution.id)?.close();
        ownServers.delete(membership.institution.id);
      }
    },
    hurry(ms) {
      for (const server of [shared, ...ownServers.values()]) server.hurry(ms);
    },
    async close() {
      for (const server of [shared, ...ownServers.values()]) await server.close();
    },
  };
}

/** The secret keys of that institution's node. */
export function keysAt(memberships: readonly Membership[], id: InstitutionId): NodeKeys {
  const own = memberships.find(({ institution }) => institution.id === id);
  invariant(own !== undefined, `${id} is of the pilot`);
  return own.keys;
}

/** The database of an institution that has not been released. */
export function databaseAt(memberships: readonly Membership[], id: InstitutionId): Database {
  const db = memberships.find(({ institution }) => institution.id === id)?.db;
  invariant(db !== undefined, `${id} has an open database`);
  return db;
}
