import { randomBytes } from 'node:crypto';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { type NodeParts, type RunningNode, startNode } from '../../../src/cli/serve/node.js';
import { clockOf } from '../../../src/core/clock.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { loadConfig } from '../../../src/core/settings/config.js';
import { setEndpoint } from '../../../src/ledger/governance/register-client.js';
import type { Register } from '../../../src/ledger/rpc/connection.js';
import type { LedgerAccount } from '../../../src/ledger/write/account.js';
import type { Peers } from '../../../src/network/peers.js';
import type { Database } from '../../../src/store/database.js';
import { at, deployNetwork, keyOf, silentLog, startChain } from '../ledger/small-network.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { LINK_KEY, PATH_KEY } from './link-key.js';
import { CUT, layWire, straightTo, type Wire } from './wire.js';

const QUORUM = 2;
/** What a node waits for another at most: network/peers.ts. */
const PEER_BUDGET_MS = 3_000;

/** A node of the product, and what a test does to its surroundings. */
export interface LoopbackNode extends RunningNode {
  /** Where it listens, past the wire. */
  readonly url: string;
  readonly wire: Wire;
  /** Cuts it off from the other nodes, both ways; the ledger it still sees. Or lets it on again. */
  cutOff(isCut: boolean): void;
  /** Moves its clock, and lets it look at the ledger after that. */
  advance(ms: number): Promise<void>;
  /** Ends it and starts it again on the same database: what it had in memory is gone. */
  restart(): Promise<void>;
}

/** Nodes as they are run, over HTTP on loopback, on the real contract of a real chain. */
export async function startLoopbackNetwork(options: {
  readonly size: number;
  readonly cadenceSeconds: number;
  /** Only nodes behind a wire can be cut off; without one, nothing stands in the way. All, if left out. */
  readonly isWired?: (slot: number) => boolean;
  /** What a node is given beside what all have. */
  readonly more?: (slot: number) => Partial<NodeParts>;
}) {
  const chain = await startChain();
  const { register, accounts } = await deployNetwork(chain.anvil, options.size, QUORUM);
  const server = await openFreshPglite();
  const nodes: LoopbackNode[] = [];
  const close = async () => {
    for (const { wire } of nodes) await wire.stop();
    for (const node of nodes) await node.stop();
    await server.close();
    await chain.end();
  };
  try {
    for (const [slot, account] of accounts.entries()) {
      const db = await server.open(`institution-${slot}`);
      nodes.push(
        await startOne({ register, rpcUrls: [chain.anvil.url] }, db, { slot, account, ...options }),
      );
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { nodes, node: (slot: number) => at(nodes, slot), register, accounts, chain, close };
}

async function startOne(
  ledger: { readonly register: Register; readonly rpcUrls: readonly string[] },
  db: Database,
  options: {
    readonly slot: number;
    readonly account: LedgerAccount;
    readonly cadenceSeconds: number;
    readonly isWired?: (slot: number) => boolean;
    readonly more?: (slot: number) => Partial<NodeParts>;
  },
): Promise<LoopbackNode> {
  const { slot, account, cadenceSeconds, isWired = () => true, more = () => ({}) } = options;
  const port = await findFreePort();
  const wire = isWired(slot) ? await layWire(port) : straightTo(port);
  await setEndpoint(ledger.register, account, wire.endpoint);
  let isCut = false;
  let aheadMs = 0;
  const parts: NodeParts = {
    ...ledger,
    db,
    port,
    host: '127.0.0.1',
    log: silentLog,
    institution: toInstitutionId(`institution-${slot}`),
    config: loadConfig({ env: {}, flags: { cadenceSeconds, acknowledgementQuorum: QUORUM } }),
    keys: {
      ledgerKey: keyOf(account),
      issuerSeed: randomBytes(32),
      idKey: randomBytes(32),
      linkKey: LINK_KEY,
      pathKey: PATH_KEY,
    },
    clock: clockOf(() => Date.now() + aheadMs),
    reach: (peers) => cuttable(peers, () => isCut),
    ...more(slot),
  };
  const node = await startNode(parts);
  const self: LoopbackNode = {
    ...node,
    url: `http://127.0.0.1:${port}`,
    wire,
    cutOff(next) {
      isCut = next;
      wire.meddle(next ? CUT : undefined);
    },
    async advance(ms) {
      aheadMs += ms;
      await self.watch.refresh();
    },
    async restart() {
      await self.stop();
      Object.assign(self, await startNode(parts));
    },
  };
  return self;
}

/** Ways on which, while they are cut, nothing comes back before a node has given up. */
function cuttable(peers: Peers, isCut: () => boolean): Peers {
  const through = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (!isCut()) {
      const answer = await ask();
      // What was asked before the cut is lost on its way back.
      if (!isCut()) return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, PEER_BUDGET_MS));
    throw new Error('no answer');
  };
  return {
    fetchSegment: (...asked) => through(() => peers.fetchSegment(...asked)),
    fetchForked: (...asked) => through(() => peers.fetchForked(...asked)),
    fetchFork: (...asked) => through(() => peers.fetchFork(...asked)),
    offerHeld: (...asked) => through(() => peers.offerHeld(...asked)),
    fetchEvidence: (...asked) => through(() => peers.fetchEvidence(...asked)),
    requestAcknowledgement: (...asked) => through(() => peers.requestAcknowledgement(...asked)),
  };
}
