import { newSession, type Session } from '../../../src/client/gateway/session.js';
import type { Permit } from '../../../src/consent/gate/permit.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { sha256Hex } from '../../../src/core/canonical.js';
import { type Clock, clockOf, systemClock } from '../../../src/core/clock.js';
import type { InstitutionId } from '../../../src/core/ids.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../../src/core/signed/gateway-request.js';
import { type Seconds, unixMsFromSeconds } from '../../../src/core/time.js';
import type { GatewayOptions } from '../../../src/federation/gateway.js';
import type { LedgerSnapshot } from '../../../src/ledger/watch/snapshot.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import type { GatewayKey } from '../../../src/network/gateway-key.js';
import { signGatewayRequest } from '../../../src/network/gateway-signature.js';
import type { DatabaseServer } from '../../../src/store/database.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { loadStatements } from '../../../src/zk/verify/verify.js';
import { KEYS, knowStudies, now } from '../consent/gate-fixture.js';
import type { GatedNodeOptions, Open, GatedNode as StartedNode } from '../gated-node.js';
import { LAKESHORE, RIVERSIDE } from '../names.js';
import { newGatewayKey, nonceOf } from '../network/stand.js';
import { startNetwork } from '../network.js';
import { openFreshPglite } from '../store/fresh-pglite.js';

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
  readonly pages?: (audience: string) => Partial<Pick<GatewayOptions, 'landing' | 'personas'>>;
}

/** @param others - institutions beside the two hospitals, whose nodes a test runs itself. */
export async function startGatedNetwork(
  world: World,
  others: readonly AskedInstitution[] = [],
  { server: given, clockOf: clocks = () => systemClock, pages = () => ({}) }: Ground = {},
) {
  const statements: string[] = [];
  const onStatement = (statement: string) => void statements.push(statement);
  const server = given ?? (await openFreshPglite({ onStatement }));
  const gatewayKey = await newGatewayKey();
  const clock = clockOf(() => unixMsFromSeconds(world.atSeconds));
  const hospitals: GatedNodeOptions[] = [];
  for (const institution of [RIVERSIDE, LAKESHORE]) {
    const db = await server.open(institution);
    await knowStudies(db);
    const requestClock = clocks(institution);
    hospitals.push({ institution, db, clock, requestClock, ledger: () => world.snapshot() });
  }
  const gateway = pages(gatewayKey.thumbprint);
  const network = await startNetwork({ hospitals, others, gatewayKey, gateway, server });
  const { url, stop } = network;
  const [riverside, lakeshore] = network.nodes.map((node) => askedDirectly(node, gatewayKey));
  if (riverside === undefined || lakeshore === undefined) throw new Error('two hospitals');
  return {
    url,
    riverside,
    lakeshore,
    statements,
    gatewayKey,
    stop,
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
  };
}

/** A node, and how it is asked past the gateway, with the gateway's key or by the bytes. */
function askedDirectly({ current, ...node }: StartedNode, gatewayKey: GatewayKey) {
  const { institution, endpoint } = node;
  let nonce: string | undefined;
  /** A request as a gateway signs it: anyone who knows a node's address may run a gateway. */
  async function sign(body: string, session: Session | undefined) {
    const token = jwtOf(await tokenOf(session, gatewayKey.thumbprint));
    nonce ??= await nonceOf(institution, `${endpoint}/records`);
    const signature = await signGatewayRequest(gatewayKey, { institution, body, token, nonce });
    return { ...bearer(token), [GATEWAY_SIGNATURE_HEADER]: signature };
  }
  return {
    ...node,
    sign,
    async restart() {
      await node.restart();
      nonce = undefined;
    },
    /** What a request opens there. */
    open: (request: Parameters<Open>[0]) => current().open(request),
    send: (body: string, headers: Record<string, string>, subgraph = 'records') =>
      post(`${endpoint}/${subgraph}`, body, headers),
    async ask(query: string, variables: object, session?: Session) {
      const body = JSON.stringify({ query, variables });
      return this.send(body, await sign(body, session));
    },
  };
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
    study: permit.study,
    nym: permit.pseudonym,
    handle: permit.handle,
    purpose: permit.purpose,
    dataClasses: permit.dataClasses,
    labels: permit.labels,
    windowFrom: permit.dataWindow.from,
    windowUntil: permit.dataWindow.until,
    duties: [],
    role: null,
    party: '',
    root: root.toString(),
    epoch,
    keyHash,
    asOf: now,
    expires: permit.expires,
    presentedAt: now,
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
