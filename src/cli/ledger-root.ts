import type { Config } from '../core/config.js';
import { codeOf, DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import { createLogger } from '../core/log.js';
import { watchRegister } from './ledger-watch.js';
import { openNamedRegister } from './register-file.js';
import type { StateFolder } from './state-folder.js';

/**
 * The shard root that an institution anchored last, read once; undefined before its first anchor.
 * A ledger that cannot be asked is an answer too: its code.
 */
export async function readShardRoot(
  config: Config,
  folder: StateFolder,
  institution: InstitutionId,
): Promise<bigint | undefined | { readonly code: string }> {
  try {
    const named = await openNamedRegister(config, folder);
    const log = createLogger({ level: 'silent', name: institution });
    const watch = watchRegister(named, config, { log });
    try {
      const snapshot = await watch.ready;
      return snapshot.requireInstitution(institution).lastAnchor?.shardRoot;
    } finally {
      watch.stop();
    }
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return { code: codeOf(thrown) };
  }
}
