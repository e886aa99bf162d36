import { connectGateway } from '../../../client/gateway/gateway.js';
import { DomainError } from '../../../core/errors.js';
import type { InstitutionId } from '../../../core/ids.js';
import type { Config } from '../../../core/settings/config.js';
import { readInstitutions } from '../../../ledger/read/read.js';
import { openStateFolder } from '../../state/state-folder.js';
import { openPilotRegister } from '../ledger.js';
import { readPlan } from '../plan.js';
import { loadWallets } from '../wallets.js';
import type { Stage } from './stage.js';

/** A running pilot, reached by its URL; its wallets are read from its state folder. */
export async function runningStage(config: Config, url: string): Promise<Stage> {
  const folder = await openStateFolder(config.stateFolder);
  const plan = await readPlan(folder);
  const register = await openPilotRegister(folder, config.ledgerPort);
  if (plan === undefined || register === undefined) {
    throw new DomainError('BAD_INPUT', { expected: 'the state folder of the running pilot' });
  }
  const block = await register.ledger.client.getBlockNumber();
  const institutions = await readInstitutions(register, block);
  const endpointOf = (id: InstitutionId) => {
    const endpoint = institutions.find((one) => one.id === id)?.endpoint;
    if (endpoint === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution: id });
    return endpoint;
  };
  return {
    gateway: await connectGateway({ url: url.replace(/\/+$/, ''), fetch }),
    wallets: await loadWallets(folder),
    folder,
    plan,
    endpointOf,
    own: undefined,
    shown: undefined,
  };
}
