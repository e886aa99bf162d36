import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { loadNodeKeys } from '../../../src/cli/state/node-keys.js';
import { openStateFolder } from '../../../src/cli/state/state-folder.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { admitByFounder } from '../../../src/ledger/governance/register-client.js';
import { ledgerAccountOf } from '../../../src/ledger/write/account.js';
import { deployRegister } from '../../../src/ledger/write/deploy.js';
import { openPostgres } from '../../../src/store/postgres.js';
import { importTrials } from '../../../src/trials/import.js';
import { type Running, startAssent } from '../cli/assent.js';
import {
  admissionOf,
  CHAIN_ID,
  newAccount,
  parametersOf,
  startChain,
} from '../ledger/small-network.js';
import { v2Study } from '../trials/studies.js';

const INSTITUTION = toInstitutionId('institution-0');
const STUDIES = ['NCT00000001', 'NCT00000002', 'NCT00000003'];
const READY_MS = 60_000;

/** A real chain with one institution on it, whose database holds three trials. */
export interface SponsorNetwork {
  /** Starts `assent node` as a process over that database. Each has a state folder of its own. */
  launch(databaseUrl: string, env?: NodeJS.ProcessEnv): Promise<SponsorNode>;
  /** Fills the institution's tables. */
  fill(databaseUrl: string): Promise<void>;
  end(): Promise<void>;
}

export interface SponsorNode {
  readonly process: Running;
  readonly url: string;
  /** Until it says that it answers. */
  ready(): Promise<void>;
  /** Asks for the trials: `whole`, `closed`, or the codes of the errors. */
  ask(): Promise<string>;
  /** What `/readyz` says: its status, and codes. */
  health(): Promise<readonly string[]>;
  /** Messages of level warn and above, and the last line of a process that ended. */
  log(): readonly string[];
}

export async function startSponsorNetwork(): Promise<SponsorNetwork> {
  const home = mkdtempSync(join(tmpdir(), 'assent-sponsor-'));
  const chain = await startChain();
  const founder = newAccount();
  const keysOf = async (name: string) => loadNodeKeys(await openStateFolder(name), INSTITUTION);
  const first = join(home, 'node-0');
  const account = ledgerAccountOf((await keysOf(first)).ledgerKey);
  await chain.anvil.fund([founder.address, account.address]);
  const register = await deployRegister({
    rpcUrl: chain.anvil.url,
    chainId: CHAIN_ID,
    account: founder,
    founder: founder.address,
    networkName: 'pilot',
    parameters: parametersOf(),
    endpointDelaySeconds: 0,
  });
  await admitByFounder(register, founder, {
    ...admissionOf(0, account.address),
    roles: ['SPONSOR'],
  });
  let launched = 0;
  return {
    async launch(databaseUrl, env = {}) {
      const port = await findFreePort();
      const folder = join(home, `node-${launched}`);
      // Two containers of one institution have its keys, each in a folder of its own.
      if (launched > 0) cpSync(join(first, 'nodes'), join(folder, 'nodes'), { recursive: true });
      const process = startAssent(['--state-folder', folder, 'node'], {
        ASSENT_INSTITUTION: INSTITUTION,
        ASSENT_NODE_PORT: String(port),
        ASSENT_LEDGER_RPC_URLS: chain.anvil.url,
        ASSENT_LEDGER_CONTRACT: register.contract,
        ASSENT_LEDGER_CHAIN_ID: String(CHAIN_ID),
        DATABASE_URL: databaseUrl,
        ...env,
      });
      launched += 1;
      return nodeAt(`http://127.0.0.1:${port}`, process);
    },
    async fill(databaseUrl) {
      const server = await openPostgres({ url: databaseUrl });
      const db = await server.open(INSTITUTION);
      const json = STUDIES.map((id) => v2Study(id));
      await importTrials(db, json, { file: 'trials.json', names: new Map() });
      await server.close();
    },
    async end() {
      await chain.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function nodeAt(url: string, process: Running): SponsorNode {
  return {
    process,
    url,
    ready: async () => void (await process.untilPrinted(/the node answers/, READY_MS)),
    ask: () => askTrials(url),
    health: () => askHealth(url),
    log: () => wordsOf(process.stderr()),
  };
}

async function askTrials(url: string): Promise<string> {
  const body = JSON.stringify({ query: '{ trials(first: 10) { nodes { id } } }' });
  const headers = { 'content-type': 'application/json' };
  try {
    const answer = await fetch(`${url}/trials`, { method: 'POST', headers, body });
    const { data, errors = [] } = (await answer.json()) as {
      readonly data?: { readonly trials: { readonly nodes: readonly { readonly id: string }[] } };
      readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
    };
    if (errors.length > 0) return errors.map(({ extensions }) => extensions.code).join();
    const ids = data?.trials.nodes.map(({ id }) => id) ?? [];
    return ids.join() === STUDIES.join() ? 'whole' : `only ${ids}`;
  } catch {
    return 'closed';
  }
}

async function askHealth(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/readyz`).catch(() => undefined);
  if (answer === undefined) return ['closed'];
  const codes = (await answer.text()).match(/\b[A-Z]{3,}_[A-Z_]+\b/g) ?? [];
  return [String(answer.status), ...codes];
}

/** Lines that are JSON and severe, and lines that begin as the command's last one does. */
function wordsOf(stderr: string): readonly string[] {
  return stderr.split('\n').flatMap((line) => {
    const code = /^assent: ([A-Z_]+)/.exec(line)?.[1];
    if (code !== undefined) return [code];
    if (!line.startsWith('{')) return line === '' ? [] : [`no line of ours: ${line}`];
    const { level, msg } = JSON.parse(line) as { readonly level: number; readonly msg: string };
    return level >= 40 ? [msg] : [];
  });
}
