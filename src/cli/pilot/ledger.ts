import type { Logger } from '../../core/log.js';
import { type Anvil, startAnvil } from '../../ledger/anvil/anvil.js';
import type { Admission } from '../../ledger/governance/decision.js';
import { admitByFounder, setEndpoint } from '../../ledger/governance/register-client.js';
import { decideTogether } from '../../ledger/governance/votes.js';
import { INITIAL_PARAMETERS, readNetworkSettings } from '../../ledger/read/parameters.js';
import { type LedgerInstitution, readInstitutions } from '../../ledger/read/read.js';
import {
  type LedgerPins,
  openRegister,
  type Register,
  requirePinned,
} from '../../ledger/rpc/connection.js';
import {
  generateLedgerKey,
  type LedgerAccount,
  ledgerAccountOf,
} from '../../ledger/write/account.js';
import { deployRegister } from '../../ledger/write/deploy.js';
import { keepNames } from '../state/network-names.js';
import type { NodeKeys } from '../state/node-keys.js';
import type { StateFolder } from '../state/state-folder.js';
import { PILOT_NETWORK, type PilotInstitution } from './institutions.js';
import { pilotIssuer } from './issuer.js';

const CHAIN_ID = 20_401;
const LEDGER_FILE = 'ledger/register.json';
const FOUNDER_FILE = 'ledger/founder.json';
/**
 * A majority of the pilot's five founding institutions: the founder admits this many, who then vote
 * on the rest.
 */
const VOTE_THRESHOLD = 3;

/** An institution as the pilot puts it on the ledger. */
export interface Member {
  readonly institution: PilotInstitution;
  readonly keys: NodeKeys;
  readonly endpoint: string;
  /**
   * True if another process sends its transactions. Its vote is asked for last, so that the two
   * processes do not use the same nonce.
   */
  readonly isApart?: boolean;
}

/** How an admission was decided. */
export interface AdmissionVotes {
  readonly votes: number;
  /** Number of institutions that could vote. */
  readonly institutions: number;
}

/** The pilot's own chain with its register, and the keys of all voters. */
export interface PilotLedger {
  readonly anvil: Anvil;
  readonly rpcUrls: readonly string[];
  readonly register: Register;
  /**
   * Admits an institution on the ledger (by votes of the known institutions, once the founding has
   * ended), or corrects the endpoint of an existing one.
   *
   * @returns undefined if nothing had to be voted on.
   */
  admit(member: Member): Promise<AdmissionVotes | undefined>;
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
  const founder = await loadFounder(folder);
  const anvil = await startAnvil({
    stateFile: folder.at('ledger', 'anvil-state.json'),
    port,
    chainId: CHAIN_ID,
    accounts: [founder.address],
    log,
  });
  try {
    const register = await openOrDeploy(anvil, founder, options);
    const members: Member[] = [];
    return {
      anvil,
      rpcUrls: [anvil.url],
      register,
      async admit(member) {
        await anvil.fund([accountOf(member).address]);
        const votes = await admitMember(register, { founder, members }, member);
        members.push(member);
        await keepNames(folder, await listOf(register));
        return votes;
      },
    };
  } catch (thrown) {
    await anvil.stop();
    throw thrown;
  }
}

/** The register of a running pilot; undefined if there never was a pilot in that folder. */
export async function openPilotRegister(
  folder: StateFolder,
  port: number,
): Promise<Register | undefined> {
  const stored = await folder.readJson<StoredRegister>(LEDGER_FILE);
  return stored && openRegister(`http://127.0.0.1:${port}`, stored.contract, stored.pins);
}

async function loadFounder(folder: StateFolder): Promise<LedgerAccount> {
  const stored = await folder.readJson<{ readonly key: string }>(FOUNDER_FILE);
  const key = stored?.key ?? generateLedgerKey();
  if (stored === undefined) await folder.writeJson(FOUNDER_FILE, { key });
  return ledgerAccountOf(key);
}

async function openOrDeploy(
  anvil: Anvil,
  founder: LedgerAccount,
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
    account: founder,
    founder: founder.address,
    networkName: PILOT_NETWORK,
    parameters: {
      ...INITIAL_PARAMETERS,
      voteThreshold: VOTE_THRESHOLD,
      acknowledgementQuorum: options.acknowledgementQuorum,
    },
    // A pilot's ports may change with each start, and its nodes must be found at once.
    endpointDelaySeconds: 0,
  });
  const { contract, pins } = register;
  // The file must not name a contract that a crash could remove from the chain.
  await anvil.dumpState();
  await options.folder.writeJson(LEDGER_FILE, { contract, pins } satisfies StoredRegister);
  return register;
}

async function admitMember(
  register: Register,
  deciding: { readonly founder: LedgerAccount; readonly members: readonly Member[] },
  member: Member,
): Promise<AdmissionVotes | undefined> {
  const account = accountOf(member);
  const listed = await listOf(register);
  const known = listed.find(({ id }) => id === member.institution.id);
  if (known !== undefined) {
    if (known.endpoint !== member.endpoint) await setEndpoint(register, account, member.endpoint);
    return undefined;
  }
  const admission = admissionOf(member);
  const { founded } = await readNetworkSettings(register);
  if (!founded) {
    await admitByFounder(register, deciding.founder, admission);
    return undefined;
  }
  const members = deciding.members.toSorted(
    (one, other) => Number(one.isApart ?? false) - Number(other.isApart ?? false),
  );
  const voters = members.map(accountOf);
  const votes = await decideTogether(register, voters, { kind: 'ADMIT', ...admission });
  return { votes, institutions: listed.filter(({ status }) => status === 'ACTIVE').length };
}

async function listOf(register: Register): Promise<readonly LedgerInstitution[]> {
  return readInstitutions(register, await register.ledger.client.getBlockNumber());
}

function admissionOf(member: Member): Admission {
  const { institution, keys, endpoint } = member;
  return {
    id: institution.id,
    name: institution.name,
    endpoint,
    account: accountOf(member).address,
    roles: [institution.role],
    issuer: pilotIssuer(institution.id, keys),
  };
}

function accountOf({ keys }: Member): LedgerAccount {
  return ledgerAccountOf(keys.ledgerKey);
}
