import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import type { GatewayKey } from '../../network/gateway-key.js';
import { loadStatements } from '../../zk/verify/verify.js';
import { Ends } from '../process/ends.js';
import { exitWithError } from '../process/exit.js';
import type { Progress } from '../process/progress.js';
import { type RunningGateway, startGateway } from '../serve/gateway.js';
import type { AskingParts } from '../serve/network-parts.js';
import { type RunningNode, startNode } from '../serve/node.js';
import { loadGatewayKey } from '../state/gateway-key.js';
import type { StateFolder } from '../state/state-folder.js';
import { registerPharmacist } from './accreditation.js';
import { type ApartNode, startApart } from './apart.js';
import { pilotPages } from './explorer/pilot-pages.js';
import { PILOT_INSTITUTIONS } from './institutions.js';
import { type PilotLedger, startPilotLedger } from './ledger.js';
import { type Membership, openMemberships } from './membership.js';
import { makePersonas } from './personas.js';
import { loadPlan, type SeedPlan } from './plan.js';
import { seedPilot } from './seed.js';
import { loadWallets, type PilotWallet, preparePilotWallets } from './wallets.js';

export interface PilotOptions {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly seed: number;
  readonly people: number;
  /** Institutions that run in separate processes with their own databases. */
  readonly apart?: readonly InstitutionId[];
  readonly progress: Progress;
  readonly log: Logger;
  /** Once it is aborted, filling and proving stop where another start can continue. */
  readonly stopSignal?: AbortSignal;
  /** Collects how to end what was started; by default the pilot has its own. */
  readonly ends?: Ends;
}

/** A running pilot network. */
export interface Pilot {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly plan: SeedPlan;
  readonly ledger: PilotLedger;
  readonly gateway: RunningGateway;
  readonly gatewayKey: GatewayKey;
  readonly memberships: readonly Membership[];
  readonly nodes: ReadonlyMap<InstitutionId, RunningNode>;
  readonly apart: ReadonlyMap<InstitutionId, ApartNode>;
  readonly wallets: readonly PilotWallet[];
  /** Settles once the generated data are stored. Nodes answer earlier, with what is there. */
  readonly seeded: Promise<void>;
  readonly stopSignal: AbortSignal | undefined;
  /** The URL of an institution's node, as the ledger lists it. */
  readonly endpointOf: (institution: InstitutionId) => string;
  stop(): Promise<void>;
}

/** How long a database statement may take once the pilot was told to stop. */
const HURRIED_MS = 2_000;

/** Starts the whole pilot network; the first start creates and fills it. */
export async function startPilot(options: PilotOptions): Promise<Pilot> {
  const { ends = new Ends() } = options;
  try {
    return await start(options, ends);
  } catch (thrown) {
    await ends.run();
    throw thrown;
  }
}

async function start(options: PilotOptions, ends: Ends): Promise<Pilot> {
  const { config, folder, progress, apart: apartIds = [], stopSignal } = options;
  const { vkeyHashes, ledger } = await startLedger(options, ends);

  stopSignal?.throwIfAborted();
  const opened = await openMemberships({ config, folder, ledger, apart: apartIds });
  const { memberships } = opened;
  ends.add(() => opened.close());
  stopSignal?.addEventListener('abort', () => opened.hurry(HURRIED_MS), { once: true });
  progress.note(`${PILOT_INSTITUTIONS.length} institutions are on the ledger`);

  const plan = await loadPlan(folder, options);
  await makePersonas(folder);
  const filling = { folder, memberships, plan, progress, stopSignal };
  await preparePilotWallets(filling);
  await registerPharmacist(folder, memberships);
  const seed = () => seedPilot(filling);
  // Only one process can open a database, so those that run apart are filled before they start.
  if (apartIds.length > 0) await seed();
  await opened.release(apartIds);

  stopSignal?.throwIfAborted();
  const { nodes, apart } = await startNodes(options, ledger, memberships, ends);
  await Promise.all([...nodes.values()].map((node) => node.anchoring.anchorNow()));
  for (const node of nodes.values()) node.startCadence();
  progress.note('every institution has anchored');

  const gatewayKey = await loadGatewayKey(folder);
  const wallets = await loadWallets(folder);
  const endpointOf = (institution: InstitutionId) =>
    gateway.watch.current().requireInstitution(institution).endpoint;
  const ground = { folder, plan, wallets, memberships, stopSignal, endpointOf };
  const pages = pilotPages({ ...ground, audience: gatewayKey.thumbprint });
  const asking = { ...partsOf(options, ledger), gatewayKey, vkeyHashes };
  const gateway = await startGateway({ ...asking, ...pages });
  ends.add(() => gateway.stop());
  const seeded = seed();
  seeded.catch(() => undefined); // Reported to those who await it, not as an unhandled rejection.
  ends.add(() => seeded);
  const stop = () => {
    opened.hurry(HURRIED_MS);
    return ends.run();
  };
  return {
    config,
    folder,
    plan,
    ledger,
    gateway,
    gatewayKey,
    memberships,
    nodes,
    apart,
    wallets,
    seeded,
    endpointOf,
    stopSignal,
    stop,
  };
}

/** Loads the statements' keys and starts the ledger with its register. */
async function startLedger({ config, folder, log, progress }: PilotOptions, ends: Ends) {
  const vkeyHashes = await loadStatements({
    production: config.environment === 'production',
    allowDevelopmentKeys: config.allowDevelopmentKeys,
  });
  const { ledgerPort: port, acknowledgementQuorum } = config;
  const ledger = await startPilotLedger({ folder, port, acknowledgementQuorum, log });
  ends.add(() => ledger.anvil.stop());
  progress.note(`ledger runs, chain ${ledger.register.pins.chainId}`);
  return { vkeyHashes, ledger };
}

/** The parts of the gateway that the pilot's options and ledger determine. */
function partsOf(
  { config, folder, log }: PilotOptions,
  { register, rpcUrls }: PilotLedger,
): Pick<AskingParts, 'config' | 'register' | 'rpcUrls' | 'log' | 'stateFolder'> {
  return { config, register, rpcUrls, log, stateFolder: folder.path };
}

async function startNodes(
  { config, folder, log }: PilotOptions,
  ledger: PilotLedger,
  memberships: readonly Membership[],
  ends: Ends,
) {
  const nodes = new Map<InstitutionId, RunningNode>();
  const apart = new Map<InstitutionId, ApartNode>();
  for (const { institution, keys, port, db } of memberships) {
    const { id } = institution;
    const { register, rpcUrls } = ledger;
    if (db === undefined) {
      const node = await startApart({ folder, config, ledger, institution: id, port });
      ends.add(() => node.stop());
      apart.set(id, node);
    } else {
      const host = config.nodeHost;
      const node = await startNode({
        institution: id,
        config,
        db,
        keys,
        register,
        rpcUrls,
        host,
        port,
        log,
        stateFolder: folder.path,
        onRestoredOld: exitWithError,
      });
      ends.add(() => node.stop());
      nodes.set(id, node);
    }
  }
  return { nodes, apart };
}
