import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, DomainError } from '../../core/errors.js';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { createLogger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import { loadStatements } from '../../zk/verify/verify.js';
import { drain } from '../process/drain.js';
import type { Ends } from '../process/ends.js';
import { exitWithError } from '../process/exit.js';
import { runUntilStopped } from '../process/run-until-stopped.js';
import { type NodeParts, type RunningNode, startNode } from '../serve/node.js';
import { openDatabases } from '../state/database-server.js';
import { loadNodeKeys } from '../state/node-keys.js';
import { openNamedRegister } from '../state/register-file.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';
import { ownStateFolder } from '../state/state-folder.js';

const RETRY_MS = 500;
/** How long a database statement may take once the process was told to stop. */
const HURRIED_MS = 2_000;

/** `assent node`: one institution's node; runs until stopped. */
export async function runNode(
  options: CommonOptions & { readonly institution?: string },
): Promise<void> {
  const config = settingsOf(options, { institution: options.institution });
  if (config.institution === undefined) {
    throw new DomainError('CONFIGURATION_INVALID', { institution: 'needed' });
  }
  const institution = toInstitutionId(config.institution);
  await runUntilStopped((ends, stop) => start(config, institution, { ends, stop }));
}

async function start(
  config: Config,
  institution: InstitutionId,
  { ends, stop }: { readonly ends: Ends; readonly stop: AbortSignal },
): Promise<void> {
  const log = createLogger({ level: config.logLevel, name: institution });
  const folder = await ownStateFolder(config.stateFolder);
  ends.add(() => folder.release());
  const { register, rpcUrls } = await openNamedRegister(config, folder);
  await loadStatements({
    production: config.environment === 'production',
    allowDevelopmentKeys: config.allowDevelopmentKeys,
  });
  const server = await openDatabases(config, folder);
  ends.add(() => server.close());
  const db = await server.open(institution, { alone: true });
  const keys = await loadNodeKeys(folder, institution);
  const { nodeHost: host, nodePort: port } = config;
  stop.addEventListener('abort', () => server.hurry(HURRIED_MS), { once: true });
  const parts = {
    institution,
    config,
    db,
    keys,
    register,
    rpcUrls,
    host,
    port,
    log,
    operators: { host: config.operatorHost, port: config.operatorPort },
    stateFolder: folder.path,
    onRestoredOld: exitWithError,
  };
  const node = await startOnceAdmitted(parts, stop);
  ends.add(async () => {
    await drain(node, config.drainMilliseconds);
    await node.stop();
  });
  node.startCadence();
  log.info({ institution, port }, 'the node answers');
}

/** A node may start before its institution is admitted: it waits until the ledger lists it. */
async function startOnceAdmitted(parts: NodeParts, stop: AbortSignal): Promise<RunningNode> {
  const { institution, log } = parts;
  let told = false;
  for (;;) {
    stop.throwIfAborted();
    try {
      return await startNode(parts);
    } catch (thrown) {
      if (codeOf(thrown) !== 'INSTITUTION_UNKNOWN') throw thrown;
      if (!told) log.info({ institution }, 'waiting to be admitted on the ledger');
      told = true;
    }
    await delay(RETRY_MS, undefined, { signal: stop });
  }
}
