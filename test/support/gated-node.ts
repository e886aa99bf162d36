import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { DatabaseConsents } from '../../src/consent/answers/node-consents.js';
import { createProver, type ProveRows } from '../../src/consent/evidence/prove.js';
import type { Feed } from '../../src/consent/feed/feed.js';
import { createAuthenticate } from '../../src/consent/gate/authenticate.js';
import type { Gate, GateOptions } from '../../src/consent/gate/gate.js';
import type { PermitSet } from '../../src/consent/gate/permit.js';
import { consentSubgraph } from '../../src/consent/graphql/subgraph.js';
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { InstitutionId } from '../../src/core/ids.js';
import type { Logger } from '../../src/core/log.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph, type RawRequest } from '../../src/federation/serve-subgraph.js';
import type { LedgerSnapshot } from '../../src/ledger/watch/snapshot.js';
import type { AskedInstitution } from '../../src/network/ask-nodes.js';
import { DatabaseRecords } from '../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../src/records/answers/subgraph.js';
import type { Database } from '../../src/store/database.js';
import { DatabaseSupply } from '../../src/supply/database.js';
import { supplySubgraph } from '../../src/supply/subgraph.js';
import { DatabaseTrials } from '../../src/trials/database.js';
import { trialsSubgraph } from '../../src/trials/subgraph.js';
import { feedOver, walletParts } from './consent/gate-feed.js';
import { gateAt } from './consent/gate-fixture.js';
import { SILENT } from './network/stand.js';

/** The paths of a node that has every role. */
export const SUBGRAPHS = ['consent', 'records', 'trials', 'supply'] as const;
export type NodeSubgraph = (typeof SUBGRAPHS)[number];

/** What a request opens at a node. */
export type Open = (request: Pick<RawRequest, 'headers' | 'body'>) => Promise<PermitSet>;

/** One institution's node, and what a test or a bench chooses of it. */
export interface GatedNodeOptions {
  readonly institution: InstitutionId;
  readonly db: Database;
  /** What its ledger says now. */
  readonly ledger: () => LedgerSnapshot;
  /** By which proofs are judged; the system's unless given. */
  readonly clock?: Clock;
  /** By which tokens and gateways' signatures are judged; the system's unless given. */
  readonly requestClock?: Clock;
  /** Longest life of a requester's token, seconds; 600 unless given. */
  readonly maxTokenSeconds?: number;
  /** A hospital unless given. */
  readonly roles?: AskedInstitution['roles'];
  /** What it serves: a hospital's consents and records unless given. */
  readonly subgraphs?: readonly NodeSubgraph[];
  readonly feed?: Parameters<typeof feedOver>[2];
  readonly verify?: GateOptions['verify'];
  /** From the stored log, unless given. */
  readonly prove?: ProveRows;
  /** What a request opens; what the gate says of its token and signature unless given. */
  readonly open?: Open;
  readonly logger?: Logger;
}

/** A node that does not listen. */
export interface CreatedNode {
  readonly app: FastifyInstance;
  readonly feed: Feed;
  /** Of the subgraphs that it serves. */
  readonly schemas: Readonly<Partial<Record<NodeSubgraph, GraphQLSchema>>>;
  readonly open: Open;
}

/** A node that listens on loopback. */
export interface GatedNode {
  readonly institution: InstitutionId;
  readonly db: Database;
  readonly endpoint: string;
  /** As a gateway knows it. */
  readonly asked: AskedInstitution;
  /** What runs now. */
  current(): CreatedNode;
  /** Ends it and starts another over the same database and port: nothing in its memory is left. */
  restart(): Promise<void>;
  stop(): Promise<unknown>;
}

/** Makes a node with a real gate over a database, its subgraphs mounted. */
export async function createGatedNode(options: GatedNodeOptions): Promise<CreatedNode> {
  const { institution, db, subgraphs = ['consent', 'records'], logger = SILENT } = options;
  const gate = gateOf(options);
  const feed = await feedOver(db, institution, options.feed);
  const open = options.open ?? throughGate(options, gate);
  const app = createNodeServer({ logger, health: () => ({}) });
  const schemas: Partial<Record<NodeSubgraph, GraphQLSchema>> = {};
  for (const name of subgraphs) {
    const schema = schemaOf(name, options, { gate, feed });
    schemas[name] = schema;
    await mountSubgraph(app, { path: `/${name}`, schema, open, logger });
  }
  return { app, feed, schemas, open };
}

/** Makes a node and lets it listen on a free port of loopback. */
export async function startGatedNode(options: GatedNodeOptions): Promise<GatedNode> {
  const { institution, db, roles = ['HOSPITAL'] } = options;
  let running = await createGatedNode(options);
  const endpoint = await running.app.listen({ host: '127.0.0.1', port: 0 });
  const port = Number(new URL(endpoint).port);
  return {
    institution,
    db,
    endpoint,
    asked: { id: institution, endpoint, roles, status: 'ACTIVE' },
    current: () => running,
    async restart() {
      await running.app.close();
      running = await createGatedNode(options);
      await running.app.listen({ host: '127.0.0.1', port });
      await untilAnswering(endpoint);
    },
    stop: () => running.app.close(),
  };
}

function gateOf({ db, institution, ledger, clock = systemClock, verify }: GatedNodeOptions): Gate {
  return gateAt(db, 0n, {
    institution,
    clock,
    snapshot: ledger,
    ...(verify === undefined ? {} : { verify }),
  });
}

function throughGate(options: GatedNodeOptions, gate: Gate): Open {
  const { institution, requestClock: clock = systemClock, maxTokenSeconds = 600 } = options;
  const authenticate = createAuthenticate({ institution, clock, maxTokenSeconds });
  return async (request) => gate.open(await authenticate(request));
}

function schemaOf(
  name: NodeSubgraph,
  { db, institution, ledger, clock = systemClock, ...options }: GatedNodeOptions,
  { gate, feed }: { readonly gate: Gate; readonly feed: Feed },
): GraphQLSchema {
  const prove = options.prove ?? createProver({ db, institution, ledger });
  const nodeIdKey = Buffer.alloc(32, institution);
  switch (name) {
    case 'consent':
      return consentSubgraph(new DatabaseConsents({ gate, prove, ...walletParts(feed) }));
    case 'records':
      return recordsSubgraph(new DatabaseRecords({ db, institution, nodeIdKey, clock }));
    case 'trials':
      return trialsSubgraph(new DatabaseTrials(db, institution, prove));
    case 'supply':
      return supplySubgraph(new DatabaseSupply(db, institution, clock, prove));
  }
}

/** The connections of the run before are closed; who kept one notices by using it. */
async function untilAnswering(endpoint: string): Promise<void> {
  const isAnswering = () =>
    fetch(`${endpoint}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isAnswering())) await delay(10);
}
