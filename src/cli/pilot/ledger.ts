import type { Logger } from '../../core/log.js';
import { generateLedgerKey, type LedgerAccount, ledgerAccountOf } from '../../ledger/account.js';
import { type Anvil, startAnvil } from '../../ledger/anvil.js';
import {
  type LedgerPins,
  openRegister,
  type Register,
  requirePinned,
} from '../../ledger/connection.js';
import { deployRegister } from '../../ledger/deploy.js';
import { readInstitutions } from '../../ledger/read.js';
import { admitInstitution, setEndpoint } from '../../ledger/register-client.js';
import { issuerLeaf } from '../../zk/leaf.js';
import type { NodeKeys } from '../node-keys.js';
import type { StateFolder } from '../state-folder.js';
import { PILOT_NETWORK, type PilotInstitution } from './institutions.js';
import { pilotIssuer } from './issuer.js';

const CHAIN_ID = 20_401;
const LEDGER_FILE = 'ledger/register.json';
const GOVERNOR_FILE = 'ledger/governor.json';

/** An institution as the pilot puts it on the ledger. */
export interface Member {
  readonly institution: PilotInstitution;
  readonly keys: NodeKeys;
  readonly endpoint: string;
}

/** The pilot's own chain with its register, and the governor's key to it. */
export interface PilotLedger {
  readonly anvil: Anvil;
  readonly rpcUrl: string;
  readonly register: Register;
  /** Puts an institution on the ledger, or corrects the endpoint of one that is there. */
  admit(member: Member): Promise<void>;
}

interface StoredRegister {
  readonly contract: `0x${string}`;
  readonly pins: LedgerPins;
}

/** Starts the embedded ledger and, the first time, deploys the register on it. */
export async function startPilotLedger(options: {
  readonly folder: StateFolder;
  readonly port: number;
  readonly acknowledgementQuorum: number;
  readonly log: Logger;
}): Promise<PilotLedger> {
  const { folder, port, log } = options;
  const governor = await loadGovernor(folder);
  const anvil = await startAnvil({
    stateFile: folder.at('ledger', 'anvil-state.json'),
    port,
    chainId: CHAIN_ID,
    accounts: [governor.address],
    log,
  });
  try {
    const register = await openOrDeploy(anvil, governor, options);
    return {
      anvil,
      rpcUrl: anvil.url,
      register,
      admit: (member) => admitMember(anvil, register, governor, member),
    };
  } catch (thrown) {
    await anvil.stop();
    throw thrown;
  }
}

/** The register of a pilot that runs already; undefined if there never was one in that folder. */
export async function openPilotRegister(
  folder: StateFolder,
  port: number,
): Promise<Register | undefined> {
  const stored = await folder.readJson<StoredRegister>(LEDGER_FILE);
  return stored && openRegister(`http://127.0.0.1:${port}`, stored.contract, stored.pins);
}

async function loadGovernor(folder: StateFolder): Promise<LedgerAccount> {
  const stored = await folder.readJson<{ readonly key: string }>(GOVERNOR_FILE);
  const key = stored?.key ?? generateLedgerKey();
  if (stored === undefined) await folder.writeJson(GOVERNOR_FILE, { key });
  return ledgerAccountOf(key);
}

async function openOrDeploy(
  anvil: Anvil,
  governor: LedgerAccount,
  options: { readonly folder: StateFolder; readonly acknowledgementQuorum: number },
): Promise<Register> {
  const { url: rpcUrl } = anvil;
  const stored = await options.folder.readJson<StoredRegister>(LEDGER_FILE);
  if (stored !== undefined) {
    const known = openRegister(rpcUrl, stored.contract, stored.pins);
    await requirePinned(known);
    return known;
  }
  const register = await deployRegister({
    rpcUrl,
    chainId: CHAIN_ID,
    account: governor,
    governor: governor.address,
    networkName: PILOT_NETWORK,
    acknowledgementQuorum: options.acknowledgementQuorum,
  });
  const { contract, pins } = register;
  // What the file names must be on a chain that no crash takes back.
  await anvil.dumpState();
  await options.folder.writeJson(LEDGER_FILE, { contract, pins } satisfies StoredRegister);
  return register;
}

async function admitMember(
  anvil: Anvil,
  register: Register,
  governor: LedgerAccount,
  { institution, keys, endpoint }: Member,
): Promise<void> {
  const account = ledgerAccountOf(keys.ledgerKey);
  await anvil.fund([account.address]);
  const block = await register.ledger.client.getBlockNumber();
  const listed = await readInstitutions(register, block);
  const known = listed.find(({ id }) => id === institution.id);
  if (known === undefined) {
    await admitInstitution(register, governor, {
      id: institution.id,
      name: institution.name,
      endpoint,
      account: account.address,
      roles: [institution.role],
      issuerLeaf: issuerLeaf(pilotIssuer(keys)),
    });
  } else if (known.endpoint !== endpoint) {
    await setEndpoint(register, account, known.slot, endpoint);
  }
}
