import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import type { Config } from '../../core/settings/config.js';
import type { Database } from '../../store/database.js';
import { openDatabases } from './database-server.js';
import { type CommonOptions, settingsOf } from './settings.js';
import { type OwnedStateFolder, openStateFolder, ownStateFolder } from './state-folder.js';

/** One institution's database while a command works in it. */
export interface OpenDatabase {
  readonly db: Database;
  readonly institution: InstitutionId;
  readonly config: Config;
  readonly folder: OwnedStateFolder;
}

type Options = CommonOptions & { readonly institution: string };

/**
 * Works exclusively in an institution's database: its node must be stopped.
 *
 * @throws DomainError ALREADY_RUNNING, ID_MALFORMED, and what the work throws.
 */
export async function withDatabase(
  options: Options,
  work: (open: OpenDatabase) => Promise<void>,
): Promise<void> {
  const config = settingsOf(options);
  const folder = await ownStateFolder(config.stateFolder);
  await workIn({ ...options, alone: true }, config, folder, work);
}

/**
 * The same for work that can run at the same time as a node. The embedded engine still allows only
 * one process, so with it the node must be stopped.
 */
export async function withDatabaseBesideNode(
  options: Options,
  work: (open: OpenDatabase) => Promise<void>,
): Promise<void> {
  const config = settingsOf(options);
  const { stateFolder, databaseUrl } = config;
  const shared = async () => ({
    ...(await openStateFolder(stateFolder)),
    release: async () => undefined,
  });
  const folder = await (databaseUrl === undefined ? ownStateFolder(stateFolder) : shared());
  await workIn({ ...options, alone: false }, config, folder, work);
}

/**
 * Long limits: an operator's commands may scan a whole table, and compute for long between
 * statements.
 */
const PATIENT = {
  databaseStatementMilliseconds: 3_600_000,
  databaseIdleMilliseconds: 3_600_000,
  databaseLockMilliseconds: 3_600_000,
} as const;

async function workIn(
  options: Options & { readonly alone: boolean },
  config: Config,
  folder: OwnedStateFolder,
  work: (open: OpenDatabase) => Promise<void>,
): Promise<void> {
  try {
    const institution = toInstitutionId(options.institution);
    const server = await openDatabases({ ...config, ...PATIENT }, folder);
    try {
      const { alone } = options;
      const db = await server.open(institution, { alone });
      await work({ db, institution, config, folder });
    } finally {
      await server.close();
    }
  } finally {
    await folder.release();
  }
}
