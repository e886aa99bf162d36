import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import { DatabaseConsents } from '../../../src/consent/answers/node-consents.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import { createAuthenticate } from '../../../src/consent/gate/authenticate.js';
import type { Permit } from '../../../src/consent/gate/permit.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { sha256Hex } from '../../../src/core/canonical.js';
import { type Clock, clockOf, systemClock } from '../../../src/core/clock.js';
import type { InstitutionId } from '../../../src/core/ids.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../../src/core/signed/gateway-request.js';
import { type Seconds, unixMsFromSeconds } from '../../../src/core/time.js';
import { networkDomains } from '../../../src/federation/domains.js';
import { createGateway, type GatewayOptions } from '../../../src/federation/gateway.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { mountSubgraph, type RawRequest } from '../../../src/federation/serve-subgraph.js';
import type { LedgerSnapshot } from '../../../src/ledger/watch/snapshot.js';
import { type AskedInstitution, createAskNodes } from '../../../src/network/ask-nodes.js';
import { signGatewayRequest } from '../../../src/network/gateway-signature.js';
import { DatabaseRecords } from '../../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { loadStatements } from '../../../src/zk/verify/verify.js';
import { feedOver, walletParts } from '../consent/gate-feed.js';
import { gateAt, KEYS, knowStudies, LAKESHORE, now, RIVERSIDE } from '../consent/gate-fixture.js';
import { networkOf } from '../federation/stand.js';
import { newGatewayKey, nonceOf } from '../network/stand.js';
import { openFreshPglite } from '../store/fresh-pglite.js';

const logger = pino({ level: 'silent' });

/** Two hospitals' nodes with real gates, and a gateway, over HTTP on loopback. */
export type GatedNetwork = Awaited<ReturnType<typeof startGatedNetwork>>;
export type GatedNode = GatedNetwork['riverside'];

/** What the gates of both nodes judge by: a test moves it. */
export interface World {
  atSeconds: Seconds;
  snapshot: () => LedgerSnapshot;
}

/** An answer as it came over HTTP, beside what it says. */
export interface Told {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its own query selects.
  readonly json: any;
}

/** What the two nodes stand on, where a test brings it. */
export interface Ground {
  /** Closed with the network; an embedded one of its own unless given. */
  readonly server?: DatabaseServer;
  /** What a node goes by when it judges a request's signatures; the system's clock unless given. */
  readonly clockOf?: (institution: InstitutionId) => Clock;
  /**
   * What the gateway's pages are filled in with; nothing unless given.
   *
   * @param audience - the thumbprint of the gateway's key.
   */
  readonly pages?: (audience: string) => Pick<GatewayOptions, 'landing' | 'personas'>;
}

const EMPTY_PAGES = { landing: async () => ({ document: '{ __typename }', headers: {} }) };

/** @param others - institutions beside the two hospitals, whose nodes a test runs itself. */
export async function startGatedNetwork(
  world: World,
  others: readonly AskedInstitution[] = [],
  { server: given, clockOf: clocks = () => systemClock, pages = () => EMPTY_PAGES }: Ground = {},
) {
  const statements: string[] = [];
  const onStatement = (statement: string) => void statements.push(statement);
  const server = given ?? (await openFreshPglite({ onStatement }));
  const gatewayKey = await newGatewayKey();
  const stops: (() => Promise<unknown>)[] = [() => server.close()];

  async function startNode(institution: InstitutionId) {
    const db = await server.open(institution);
    await knowStudies(db);
    let app = createNodeServer({ logger, health: () => ({}) });
    stops.unshift(() => app.close());
    const parts = { institution, db, world, clock: clocks(institution) };
    let open = await mountNode(app, parts);
    const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
    let nonce: string | undefined;
    /** Ends the node and begins another over the same database: nothing in its memory is left. */
    async function restart() {
      await app.close();
      app = createNodeServer({ logger, health: () => ({}) });
      open = await mountNode(app, parts);
      nonce = undefined;
      await app.listen({ host: '127.0.0.1', port: Number(new URL(endpoint).port) });
      // The connections of the run before are closed; whoever kept one notices by using it.
      const answers = () =>
        fetch(`${endpoint}/health`).then(
          ({ ok }) => ok,
          () => false,
        );
      while (!(await answers())) await delay(10);
    }
    const asked: AskedInstitution = {
      ...{ id: institution, endpoint, roles: ['HOSPITAL'], status: 'ACTIVE' },
    };
    /** A request as a gateway signs it: whoever knows a node's address may run one. */
    async function sign(body: string, session: Session | undefined) {
      const token = jwtOf(await tokenOf(session, gatewayKey.thumbprint));
      nonce ??= await nonceOf(institution, `${endpoint}/records`);
      const signature = await signGatewayRequest(gatewayKey, { institution, body, token, nonce });
      return { ...bearer(token), [GATEWAY_SIGNATURE_HEADER]: signature };
    }
    return {
      ...{ institution, db, asked, sign, restart },
      stop: () => app.close(),
      open: (request: Parameters<typeof open>[0]) => open(request),
      send: (body: string, headers: Record<string, string>, subgraph = 'records') =>
        post(`${endpoint}/${subgraph}`, body, headers),
      async ask(query: string, variables: object, session?: Session) {
        const body = JSON.stringify({ query, variables });
        return this.send(body, await sign(body, session));
      },
    };
  }

  const [riverside, lakeshore] = [await startNode(RIVERSIDE), await startNode(LAKESHORE)];
  const institutions = [riverside.asked, lakeshore.asked, ...others];
  const gateway = await createGateway({
    subgraphs: networkDomains({
      nodes: createAskNodes({ institutions: () => institutions, gatewayKey, logger }),
      network: networkOf(institutions),
      activeInstitutions: () => institutions.map(({ id }) => id),
    }),
    ...{ gatewayKey, logger, version: '0.0.0', tokenMaxSeconds: 600, statements: [] },
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 1, late: () => [] },
    probe: async () => [],
    ...pages(gatewayKey.thumbprint),
  });
  stops.unshift(() => gateway.close());
  const url = await gateway.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...{ url, riverside, lakeshore, statements, gatewayKey },
    async send(body: string, session?: Session) {
      const token = await tokenOf(session, gatewayKey.thumbprint);
      return post(`${url}/graphql`, body, bearer(token));
    },
    async get(query: string, variables: object, session?: Session) {
      const token = await tokenOf(session, gatewayKey.thumbprint);
      const asked = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      const headers = { ...bearer(token), 'apollo-require-preflight': 'true' };
      return toldBy(await fetch(`${url}/graphql?${asked}`, { headers }));
    },
    async stop() {
      for (const end of stops) await end();
    },
  };
}

/** Mounts both subgraphs behind the node's one gate. @returns what a request opens there. */
async function mountNode(
  app: Parameters<typeof mountSubgraph>[0],
  {
    institution,
    db,
    world,
    clock: requestClock,
  }: {
    readonly institution: InstitutionId;
    readonly db: Database;
    readonly world: World;
    readonly clock: Clock;
  },
) {
  const clock = clockOf(() => unixMsFromSeconds(world.atSeconds));
  const ledger = () => world.snapshot();
  const gate = gateAt(db, 0n, { institution, clock, snapshot: ledger });
  const authenticate = createAuthenticate({
    ...{ institution, clock: requestClock, maxTokenSeconds: 600 },
  });
  const open = async (request: Pick<RawRequest, 'headers' | 'body'>) =>
    gate.open(await authenticate(request));
  const feed = await feedOver(db, institution);
  const prove = createProver({ db, institution, ledger });
  const nodeIdKey = Buffer.alloc(32, institution);
  const records = recordsSubgraph(new DatabaseRecords({ db, institution, nodeIdKey, clock }));
  const consents = consentSubgraph(new DatabaseConsents({ gate, prove, ...walletParts(feed) }));
  await mountSubgraph(app, { path: '/records', schema: records, open, logger });
  await mountSubgraph(app, { path: '/consent', schema: consents, open, logger });
  return open;
}

/**
 * A session that has shown a node these permits: the rows that its gate would have kept of proofs
 * over them. Proving each takes 3 s; that the gate keeps them like this is for gate.test.ts.
 */
export async function showStored(
  nodes: readonly Pick<GatedNode, 'db'>[],
  permits: readonly Permit[],
  { root, epoch }: { readonly root: bigint; readonly epoch: number },
): Promise<Session> {
  const session = await newSession();
  // Gates open what keys in force verified, and a suite that runs alone has loaded none.
  await loadStatements(KEYS);
  const { sha256: keyHash } = await loadVerificationKey('consent', KEYS);
  const rows = permits.map((permit, n) => ({
    id: sha256Hex(`${session.thumbprint} ${n}`),
    statement: 'consent' as const,
    holder: session.thumbprint,
    ...{ study: permit.study, nym: permit.pseudonym, handle: permit.handle },
    ...{ purpose: permit.purpose, dataClasses: permit.dataClasses, labels: permit.labels },
    ...{ windowFrom: permit.dataWindow.from, windowUntil: permit.dataWindow.until },
    ...{ duties: [], role: null, party: '', root: root.toString(), epoch, keyHash },
    ...{ asOf: now, expires: permit.expires, presentedAt: now },
  }));
  for (const { db } of nodes) {
    if (rows.length > 0) await db.transaction((tx) => tx.insert(presentation).values(rows));
  }
  return session;
}

async function tokenOf(session: Session | undefined, audience: string) {
  return session?.signToken({ audience, seconds: 300 });
}

/** What a node is shown of a token. */
function jwtOf(token: string | undefined): string | undefined {
  return token?.split('~')[0];
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<Told> {
  const json = { 'content-type': 'application/json' };
  return toldBy(await fetch(url, { method: 'POST', headers: { ...json, ...headers }, body }));
}

async function toldBy(response: Response): Promise<Told> {
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}
