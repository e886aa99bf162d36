import { codeOf, DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { createLogger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import { watchRegister } from './ledger-watch.js';
import { openNamedRegister } from './register-file.js';
import type { StateFolder } from './state-folder.js';

/** The register's current state on the ledger, read once. @throws DomainError LEDGER_*. */
export async function readSnapshot(
  config: Config,
  folder: StateFolder,
  institution: InstitutionId,
): Promise<LedgerSnapshot> {
  const named = await openNamedRegister(config, folder);
  const log = createLogger({ level: 'silent', name: institution });
  const watch = watchRegister(named, config, { log });
  try {
    return await watch.ready;
  } finally {
    watch.stop();
  }
}

/**
 * The shard root that an institution anchored last, read once; undefined while its slot is empty.
 * If the ledger cannot be asked, the code of the failure is returned.
 */
export async function readShardRoot(
  config: Config,
  folder: StateFolder,
  institution: InstitutionId,
): Promise<bigint | undefined | { readonly code: string }> {
  try {
    const snapshot = await readSnapshot(config, folder, institution);
    return snapshot.requireInstitution(institution).lastAnchor?.shardRoot;
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return { code: codeOf(thrown) };
  }
}
