import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { toInstitutionId } from '../../src/core/ids.js';
import { packKey } from '../../src/supply/gs1.js';
import { HAS_POSTGRES, startPostgres } from '../../test/support/store/postgres-server.js';
import { type Liar, startLiar } from './liar.js';
import { type LoadQuery, loadQueries } from './queries.js';

const dist = (path: string) => new URL(`../../dist/${path}`, import.meta.url);
// The nodes run from what was built, and so does all that starts them.
const load = async <Module>(path: string) => (await import(dist(path).href)) as Module;
const { startPilot } =
  await load<typeof import('../../src/cli/pilot/pilot.js')>('cli/pilot/pilot.js');
const presenting = await load<typeof import('../../src/cli/pilot/personas-present.js')>(
  'cli/pilot/personas-present.js',
);
const { PILOT_INSTITUTIONS, LAKESHORE } = await load<
  typeof import('../../src/cli/pilot/institutions.js')
>('cli/pilot/institutions.js');
const { pilotSettings } =
  await load<typeof import('../../src/cli/pilot/settings.js')>('cli/pilot/settings.js');
const { mintToken } =
  await load<typeof import('../../src/cli/pilot/personas.js')>('cli/pilot/personas.js');
const { PILOT_STUDY, DEFAULT_SEED } =
  await load<typeof import('../../src/cli/pilot/plan.js')>('cli/pilot/plan.js');
const { seededPack } = await load<typeof import('../../src/cli/pilot/seeded-pack.js')>(
  'cli/pilot/seeded-pack.js',
);
const { ownStateFolder } = await load<typeof import('../../src/cli/state/state-folder.js')>(
  'cli/state/state-folder.js',
);
const { findFreePort, findFreePorts } =
  await load<typeof import('../../src/cli/process/ports.js')>('cli/process/ports.js');
const { setEndpoint } = await load<typeof import('../../src/ledger/governance/register-client.js')>(
  'ledger/governance/register-client.js',
);
const { ledgerAccountOf } =
  await load<typeof import('../../src/ledger/write/account.js')>('ledger/write/account.js');
const { silentProgress } =
  await load<typeof import('../../src/cli/process/progress.js')>('cli/process/progress.js');
const { createLogger } = await load<typeof import('../../src/core/log.js')>('core/log.js');

type Pilot = Awaited<ReturnType<typeof startPilot>>;

const PEOPLE = 24;
const LIMITS_OF_ONE_CLIENT = [
  'REQUESTS_PER_MINUTE_BY_ADDRESS',
  'REQUESTS_PER_MINUTE_BY_HOLDER',
  'NODE_REQUESTS_PER_MINUTE_BY_ADDRESS',
  'NODE_REQUESTS_PER_MINUTE_BY_HOLDER',
];
const START_MS = 120_000;
const SHOWN_MS = 120_000;

/** Every node in a process of its own, a gateway in another, and one node behind a proxy. */
export interface LoadNetwork {
  /** Of the gateway that is asked. */
  readonly url: string;
  readonly queries: readonly LoadQuery[];
  /** A token of one of the pilot's personas for that gateway. */
  tokenOf(persona: 'portal' | 'pharmacist'): Promise<string>;
  readonly institutions: readonly string[];
  /** The process of an institution's node as it is now, or the gateway's. */
  pidOf(name: string): number;
  /** SIGKILL, and the node started again. */
  kill(institution: string): Promise<void>;
  restart(institution: string): Promise<void>;
  /** In front of lakeshore-hospital's node. */
  readonly liar: Liar;
  stop(): Promise<void>;
}

/** Starts it: a minute, most of it proving. @param note - told of each stage. */
export async function startLoadNetwork(
  isEmbedded: boolean,
  note: (line: string) => void,
): Promise<LoadNetwork> {
  const path = mkdtempSync(join(tmpdir(), 'assent-load-'));
  const stops: (() => Promise<unknown>)[] = [
    async () => rmSync(path, { recursive: true, force: true }),
  ];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end().catch(() => undefined);
  };
  try {
    if (HAS_POSTGRES && !isEmbedded) {
      const postgres = await startPostgres();
      stops.push(() => postgres.stop());
      Object.assign(process.env, {
        DATABASE_URL: postgres.url,
        ASSENT_DATABASE_POOL_SIZE: '8',
      });
    }
    // One client stands here for many.
    for (const limit of LIMITS_OF_ONE_CLIENT) process.env[`ASSENT_${limit}`] = '10000000';
    note(`databases: ${HAS_POSTGRES && !isEmbedded ? 'PostgreSQL' : 'embedded'}`);
    return await startOver(path, { stops, stop, note });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function startOver(
  path: string,
  given: {
    readonly stops: (() => Promise<unknown>)[];
    readonly stop: () => Promise<void>;
    readonly note: (line: string) => void;
  },
): Promise<LoadNetwork> {
  const { stops, stop, note } = given;
  const folder = await ownStateFolder(join(path, 'pilot'));
  stops.push(() => folder.release());
  const config = {
    ...pilotSettings({ stateFolder: join(path, 'pilot') }),
    gatewayPort: await findFreePort(),
    ledgerPort: await findFreePort(),
    nodePort: await findFreePorts(PILOT_INSTITUTIONS.length),
    logLevel: 'fatal' as const,
    cadenceSeconds: 10,
    feedPollSeconds: 3,
  };
  const log = createLogger({ level: 'fatal', name: 'load' });
  const pilot = await startPilot({
    config,
    folder,
    log,
    seed: DEFAULT_SEED,
    people: PEOPLE,
    apart: PILOT_INSTITUTIONS.map(({ id }) => id),
    progress: { ...silentProgress, note },
  });
  stops.push(() => pilot.stop());
  const { ledger, memberships, apart } = pilot;
  const nodeOf = (institution: string) => {
    const found = [...apart.values()].find((node) => node.institution === institution);
    if (found === undefined) throw new Error(`no node of ${institution}`);
    return found;
  };
  const gateway = await startGateway(join(path, 'gateway'), config, ledger);
  stops.push(() => gateway.stop());

  await presentOnce(pilot);
  const pharmacist = presenting.keepPharmacistPresented(pilot, log);
  stops.push(async () => pharmacist.stop());

  const liar = await startLiar(pilot.endpointOf(LAKESHORE));
  stops.push(() => liar.close());
  const keys = memberships.find(({ institution }) => institution.id === LAKESHORE)?.keys;
  if (keys === undefined) throw new Error('lakeshore is of the pilot');
  const account = ledgerAccountOf(keys.ledgerKey);
  // Its node sends with the same account now and then.
  await again(() => setEndpoint(ledger.register, account, liar.url));

  const pack = seededPack(pilot.plan);
  return {
    url: gateway.url,
    queries: loadQueries(PILOT_STUDY.id, pack, packKey(pack.gtin, pack.serial).uri),
    tokenOf: async (persona) => mintToken(folder, persona, gateway.thumbprint),
    institutions: [...apart.keys()],
    pidOf: (name) => (name === 'gateway' ? gateway.pid : (nodeOf(name).pid() ?? 0)),
    kill: (institution) => nodeOf(institution).kill(),
    restart: (institution) => nodeOf(institution).restart(),
    liar,
    stop,
  };
}

/** Shows the portal's proofs once every node has heard all feeds: before that none takes a consent. */
async function presentOnce(pilot: Pilot): Promise<void> {
  const untilMs = Date.now() + SHOWN_MS;
  const isWhole = async (institution: string) => {
    const answer = await fetch(`${pilot.endpointOf(toInstitutionId(institution))}/health`);
    const { feeds } = (await answer.json()) as { readonly feeds?: { readonly behind: unknown[] } };
    return feeds?.behind.length === 0;
  };
  for (const institution of pilot.apart.keys()) {
    while (!(await isWhole(institution).catch(() => false)) && Date.now() < untilMs) {
      await delay(500);
    }
  }
  await presenting.letPortalPresent(pilot, silentProgress);
}

async function again(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (thrown) {
      if (tries === 10) throw thrown;
      await delay(500);
    }
  }
}

/** `assent gateway` as anybody runs it, in a process of its own. */
async function startGateway(
  stateFolder: string,
  config: ReturnType<typeof pilotSettings>,
  { register, rpcUrls }: Pilot['ledger'],
) {
  const port = await findFreePort();
  const { pins, contract } = register;
  const env = {
    ...process.env,
    ASSENT_STATE_FOLDER: stateFolder,
    ASSENT_GATEWAY_PORT: String(port),
    ASSENT_TOKEN_MAX_SECONDS: String(config.tokenMaxSeconds),
    ASSENT_LOG_LEVEL: 'fatal',
    ASSENT_LEDGER_RPC_URLS: rpcUrls.join(','),
    ASSENT_LEDGER_CONTRACT: contract,
    ASSENT_LEDGER_CHAIN_ID: String(pins.chainId),
    ASSENT_LEDGER_GENESIS_HASH: pins.genesisHash,
    ASSENT_LEDGER_CODE_HASH: pins.codeHash,
    ASSENT_LEDGER_LINKED_CODE_HASH: pins.linkedCodeHash,
  };
  const main = fileURLToPath(dist('cli/main.js'));
  const child: ChildProcess = spawn(process.execPath, [main, 'gateway'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const url = `http://127.0.0.1:${port}`;
  const thumbprint = await wellKnown(url, child);
  return {
    url,
    thumbprint,
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function wellKnown(url: string, child: ChildProcess): Promise<string> {
  const untilMs = Date.now() + START_MS;
  while (Date.now() < untilMs && child.exitCode === null) {
    const answer = await fetch(`${url}/.well-known/assent`).catch(() => undefined);
    if (answer?.ok) {
      const { gateway } = (await answer.json()) as {
        readonly gateway: { readonly thumbprint: string };
      };
      return gateway.thumbprint;
    }
    await delay(200);
  }
  throw new Error('the gateway did not start');
}
