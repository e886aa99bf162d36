import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, DomainError } from '../core/errors.js';
import { type InstitutionId, toInstitutionId } from '../core/ids.js';
import { createLogger, type Logger } from '../core/log.js';
import { loadStatements } from '../zk/verify.js';
import { openDatabases } from './database-server.js';
import { drain } from './drain.js';
import { untilToldToStop } from './exit.js';
import { type NodeParts, type RunningNode, startNode } from './node.js';
import { loadNodeKeys } from './node-keys.js';
import { openNamedRegister } from './register-file.js';
import { type CommonOptions, settingsOf } from './settings.js';
import { ownStateFolder } from './state-folder.js';

const RETRY_MS = 500;
/** How long a statement may take once the process was told to stop. */
const HURRIED_MS = 2_000;

/** `assent node`: one institution's node, until it is told to stop. */
export async function runNode(
  options: CommonOptions & { readonly institution?: string },
): Promise<void> {
  const config = settingsOf(options, { institution: options.institution });
  if (config.institution === undefined) {
    throw new DomainError('CONFIGURATION_INVALID', { institution: 'needed' });
  }
  const institution = toInstitutionId(config.institution);
  const log = createLogger({ level: config.logLevel, name: institution });
  const folder = await ownStateFolder(config.stateFolder);
  const { register, rpcUrls } = await openNamedRegister(config, folder);
  await loadStatements({
    production: config.environment === 'production',
    allowDevelopmentKeys: config.allowDevelopmentKeys,
  });
  const server = await openDatabases(config, folder);
  const db = await server.open(institution);
  const keys = await loadNodeKeys(folder, institution);
  const { nodeHost: host, nodePort: port } = config;
  const stopping = untilToldToStop();
  void stopping.then(() => server.hurry(HURRIED_MS));
  const parts = {
    ...{ institution, config, db, keys, register, rpcUrls, host, port, log },
    stateFolder: folder.path,
  };
  const node = await startOnceAdmitted(parts, institution, log, stopping);
  node?.startCadence();
  if (node !== undefined) log.info({ institution, port }, 'the node answers');
  await stopping;
  if (node !== undefined) await drain(node, config.drainMilliseconds);
  await node?.stop();
  await server.close();
  await folder.release();
}

/** An institution may be ready before it is admitted: its node waits for the ledger to list it. */
async function startOnceAdmitted(
  parts: NodeParts,
  institution: InstitutionId,
  log: Logger,
  stopping: Promise<void>,
): Promise<RunningNode | undefined> {
  let told = false;
  const toldToStop = stopping.then(() => undefined);
  for (;;) {
    try {
      return await startNode(parts);
    } catch (thrown) {
      if (codeOf(thrown) !== 'INSTITUTION_UNKNOWN') throw thrown;
      if (!told) log.info({ institution }, 'waiting to be admitted on the ledger');
      told = true;
    }
    const waited = await Promise.race([delay(RETRY_MS, 'waited' as const), toldToStop]);
    if (waited === undefined) return undefined;
  }
}
