import type { FastifyInstance } from 'fastify';
import { databaseHighWater } from '../../consent/anchoring/high-water.js';
import { requireNotRestored } from '../../consent/anchoring/restored.js';
import { DatabaseConsents } from '../../consent/answers/node-consents.js';
import { createReceipts } from '../../consent/answers/receipts.js';
import { createAudit } from '../../consent/evidence/audit-all.js';
import { signAuditRequest } from '../../consent/evidence/auditor.js';
import { createProver } from '../../consent/evidence/prove.js';
import { type Feed, feedHealth, openFeed, requireCompleteFeed } from '../../consent/feed/feed.js';
import { startFeedSync } from '../../consent/feed/follow.js';
import { takeBackOwnFeed } from '../../consent/feed/sync.js';
import { createAuthenticate } from '../../consent/gate/authenticate.js';
import { createGate } from '../../consent/gate/gate.js';
import { consentSubgraph } from '../../consent/graphql/subgraph.js';
import { addEvidenceRoutes } from '../../consent/routes/evidence.js';
import { addRegisterRoutes } from '../../consent/routes/register.js';
import { type Clock, systemClock } from '../../core/clock.js';
import type { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import { serverLimitsOf } from '../../federation/http/server-limits.js';
import { createNodeServer, listen } from '../../federation/node-server.js';
import { createReadiness } from '../../federation/readiness.js';
import { mountSubgraph, type RawRequest } from '../../federation/serve-subgraph.js';
import { readTopPath } from '../../ledger/read/read.js';
import type { Register } from '../../ledger/rpc/connection.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';
import { ledgerAccountOf } from '../../ledger/write/account.js';
import { endpointRuleOf } from '../../network/endpoint-rule.js';
import { PeerClocks } from '../../network/peer-clocks.js';
import { createPeers, type Peers } from '../../network/peers.js';
import { openWire } from '../../network/wire.js';
import type { Database } from '../../store/database.js';
import { isKeyInForce, verifyingHealth, verifyStatements } from '../../zk/verify/verify.js';
import { feedKeysOf } from '../state/feed-keys.js';
import { watchRegister } from '../state/ledger-watch.js';
import type { NodeKeys } from '../state/node-keys.js';
import { createNodeAnchoring, type NodeAnchoring } from './node-anchoring.js';
import { nodeHealth } from './node-health.js';
import { domainSubgraphs } from './node-subgraphs.js';
import { listenForOperators, type OperatorAddress } from './operator-listener.js';
import { hearBlocks, nodeChecks } from './ready-checks.js';
import { watchForRestore } from './restored-watch.js';

const DAY_SECONDS = 86_400;

/**
 * What a node is built from. The statements' keys must be loaded (zk's loadStatements) before it
 * starts.
 */
export interface NodeParts {
  readonly institution: InstitutionId;
  readonly config: Config;
  readonly db: Database;
  readonly keys: NodeKeys;
  readonly register: Register;
  readonly rpcUrls: readonly string[];
  readonly host: string;
  /** The port that it listens on; its endpoint on the ledger leads here. */
  readonly port: number;
  /** Where it listens for its operators, if the settings have operator keys; by default nowhere. */
  readonly operators?: OperatorAddress;
  readonly log: Logger;
  readonly clock?: Clock;
  /**
   * Where this node keeps its files; readiness checks that it is writable. Without it, this is not
   * checked.
   */
  readonly stateFolder?: string;
  /** Called once if its database is older than what it anchored: the process must end. */
  readonly onRestoredOld?: (thrown: DomainError) => void;
  /** Wraps the connections to the other nodes, so that a test can cut them. */
  readonly reach?: (peers: Peers) => Peers;
}

/** A running node. */
export interface RunningNode {
  readonly institution: InstitutionId;
  readonly db: Database;
  readonly feed: Feed;
  readonly watch: LedgerWatch;
  readonly anchoring: NodeAnchoring;
  /** Starts anchoring at the network's cadence; has an effect only once. */
  startCadence(): void;
  /** From now on `/readyz` says STOPPING; everything else is answered as before. */
  beginStop(): void;
  stop(): Promise<void>;
}

/**
 * Starts one institution's node: its gate, its shard of the register, its feed, and the subgraphs
 * of its roles, each at its own path.
 *
 * @throws DomainError PORT_TAKEN, LEDGER_*, INSTITUTION_UNKNOWN if the ledger does not list it;
 * RESTORED_OLD if its database is older than what it anchored: nothing is served then.
 */
export async function startNode(parts: NodeParts): Promise<RunningNode> {
  const { config, db, log, clock } = parts;
  const watch = watchRegister(parts, config, { log, clock, highWater: databaseHighWater(db) });
  const stops: (() => Promise<unknown> | unknown)[] = [() => watch.stop()];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
  };
  try {
    const snapshot = await watch.ready;
    const { roles } = snapshot.requireInstitution(parts.institution);
    const feed = await openNodeFeed(parts, watch);
    const clocks = new PeerClocks(() => (clock ?? systemClock).nowMs());
    hearBlocks(watch, clocks);
    const peers = peersOf(parts, { watch, feed, clocks });
    await takeBackOwnFeed(feed, peers);
    await requireNotRestored(parts.db, snapshot.requireInstitution(parts.institution));
    const requireWhole = watchForRestore(watch, feed, parts.onRestoredOld);
    const anchoring = createNodeAnchoring(parts, { feed, peers, watch, requireWhole });
    const audit = await createAudit(feed, { peers, log: parts.log });
    const readiness = createReadiness(nodeChecks(parts, { watch, feed, clocks }), log);
    const server = createNodeServer({
      limits: serverLimitsOf(config, 'node'),
      logger: log,
      readiness,
      health: () => ({
        ...nodeHealth(parts, watch.current(), anchoring.health()),
        feeds: feedHealth(feed),
        evidence: audit.health(),
        verifying: verifyingHealth(),
      }),
    });
    stops.push(() => server.close());
    await mountSubgraphs(server, parts, { feed, watch, roles });
    addNodeRoutes(server, parts, { watch, feed });
    await listen(server, parts);
    stops.push(await listenForOperators(parts, watch));
    const sync = startFeedSync(feed, {
      peers,
      everyMs: parts.config.feedPollSeconds * 1000,
      log: parts.log,
    });
    stops.push(() => sync.stop());
    const auditing = audit.start(parts.config.cadenceSeconds * 1000);
    stops.push(() => auditing.stop());
    let cadence: { stop(): Promise<void> } | undefined;
    stops.push(() => {
      anchoring.giveUpSoon();
      return cadence?.stop();
    });
    const startCadence = () => {
      cadence ??= anchoring.start();
    };
    const { institution, db } = parts;
    const beginStop = () => readiness.beginStop();
    return { institution, db, feed, watch, anchoring, startCadence, beginStop, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function addNodeRoutes(
  server: FastifyInstance,
  { institution, keys, register }: NodeParts,
  { watch, feed }: { readonly watch: LedgerWatch; readonly feed: Feed },
): void {
  addRegisterRoutes(server, {
    feed,
    pathKey: keys.pathKey,
    ledger: {
      own: () => watch.current().requireInstitution(institution),
      topPath: (slot) => readTopPath(register, slot),
    },
  });
  addEvidenceRoutes(server, feed);
}

function peersOf(
  { config, reach = (ways) => ways }: NodeParts,
  {
    watch,
    feed,
    clocks,
  }: { readonly watch: LedgerWatch; readonly feed: Feed; readonly clocks: PeerClocks },
): Peers {
  const wire = openWire(endpointRuleOf(config));
  const institutions = () => watch.latest().institutions;
  const sign = (to: InstitutionId, path: string) => signAuditRequest(feed, to, path);
  return reach(createPeers({ institutions, wire, sign, clocks }));
}

function openNodeFeed(parts: NodeParts, watch: LedgerWatch): Promise<Feed> {
  const { db, institution, clock = systemClock, keys, register, config } = parts;
  return openFeed({
    db,
    institution,
    clock,
    network: config.network,
    // A chain without new blocks only moves on with an anchor, and anchoring needs this read.
    ledger: () => watch.latest(),
    acceptsRoot: (root) => {
      const when = { nowSeconds: clock.nowSeconds(), statement: 'consent' } as const;
      const snapshot = watch.current();
      const epoch = snapshot.epochOf(root);
      if (epoch === undefined) return false;
      return ['CURRENT', 'SUPERSEDED'].includes(snapshot.acceptsRoot({ root, epoch }, when));
    },
    strangers: {
      puzzleBits: config.withdrawalPuzzleBits,
      heldSeconds: config.withdrawalHeldDays * DAY_SECONDS,
    },
    keys: feedKeysOf(ledgerAccountOf(keys.ledgerKey), register),
  });
}

async function mountSubgraphs(
  server: FastifyInstance,
  parts: NodeParts,
  { feed, watch, roles }: { feed: Feed; watch: LedgerWatch; roles: readonly string[] },
): Promise<void> {
  const { db, institution, clock = systemClock, config, log } = parts;
  const { linkKey, pathKey } = parts.keys;
  const gate = createGate({
    db,
    institution,
    clock,
    log,
    snapshot: () => watch.current(),
    feed: { requireComplete: () => requireCompleteFeed(feed) },
    verify: verifyStatements,
    isKeyInForce,
  });
  const authenticate = createAuthenticate({
    institution,
    clock,
    maxTokenSeconds: config.tokenMaxSeconds,
  });
  const open = async ({ headers, body, countHolder }: RawRequest) => {
    const caller = await authenticate({ headers, body });
    if (caller.holder !== undefined) await countHolder(caller.holder.thumbprint);
    return gate.open(caller);
  };
  const prove = createProver({ db, institution, ledger: () => watch.current() });
  const receipts = createReceipts(feed, config.cadenceSeconds + config.receiptMarginSeconds);
  const consents = consentSubgraph(
    new DatabaseConsents({ gate, feed, prove, linkKey, pathKey, receipts }),
  );
  const domains = domainSubgraphs(roles, { ...parts, clock, prove });
  for (const { name, schema } of [{ name: 'consent', schema: consents }, ...domains]) {
    await mountSubgraph(server, { path: `/${name}`, schema, open, logger: log });
  }
}
