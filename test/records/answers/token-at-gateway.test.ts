import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import { importPath } from '../../../src/records/import/import-path.js';
import { DAY, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE, STUDY } from '../../support/names.js';
import { institution, type NodeUnderTest, startNode } from '../../support/network/stand.js';
import { admit, BEN } from '../../support/records/attack-people.js';
import { permitFor } from '../../support/records/attacks.js';
import {
  type GatedNetwork,
  showStored,
  startGatedNetwork,
} from '../../support/records/gated-network.js';

/** The server that a pharmacy's endpoint leads to: it keeps whatever the gateway sends it. */
let pharmacy: NodeUnderTest;
let network: GatedNetwork;
let portal: Session;

beforeAll(async () => {
  pharmacy = await startNode((_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: { trace: null } }));
  });
  const root = 7n;
  const snapshot = snapshotOf({ root, anchoredAt: now - DAY });
  network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot }, [
    institution('corner-pharmacy', pharmacy.endpoint, { roles: ['PHARMACY', 'MANUFACTURER'] }),
    institution('northwind-trials', pharmacy.endpoint, { roles: ['SPONSOR'] }),
  ]);
  const hospitals = [network.riverside, network.lakeshore];
  for (const { db } of hospitals) await admit(db, 'ben');
  portal = await showStored(hospitals, [permitFor(BEN)], { root, epoch: 1 });
});
afterAll(async () => {
  await network.stop();
  await pharmacy.stop();
});
beforeEach(() => {
  pharmacy.received.length = 0;
});

const ROWS = `query { study(id: "${STUDY}") { participants { complete nodes { pseudonym
  observations { nodes { id custodian { id } } }
  dispenses { nodes { id lot { gtin lot holders { id } } } } } } } }`;

/** Public questions of every domain, beside one that a trading partner's permit answers. */
const WITH_PUBLIC = `query { study(id: "${STUDY}") { participants { nodes { pseudonym
    dispenses { nodes { lot { gtin lot product { name } } } } } } }
  trials { complete }
  trial(id: "${STUDY}") { title }
  lot(gtin: "09506000134352", lot: "A1") { expiry }
  verifyProduct(gtin: "09506000134352", serial: "1", lot: "A1", expiry: "2030-01-01") { verified }
  trace(epc: "urn:epc:id:sgtin:9506000.013435.1") { complete } }`;

describe('what a pharmacy is asked by a gateway', () => {
  test('token-at-gateway: a pharmacy that sends the token it was handed reads nothing', async () => {
    const rightful = await network.send(JSON.stringify({ query: ROWS }), portal);
    const [ben] = rightful.json.data.study.participants.nodes;
    expect(custodians(ben)).toEqual([LAKESHORE, RIVERSIDE]);

    await network.send(JSON.stringify({ query: WITH_PUBLIC }), portal);
    const handed = pharmacy.received.find(({ headers }) => headers.authorization !== undefined);
    expect(handed).toBeDefined();
    const stolen = await fetch(`${network.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: String(handed?.headers.authorization),
      },
      body: JSON.stringify({ query: ROWS }),
    });
    const told = await stolen.json();
    expect(told.data?.study ?? null).toBeNull();
    expect([stolen.status, told.errors?.[0]?.extensions.code]).toEqual([401, 'TOKEN_INCOMPLETE']);
  });

  test('token-at-gateway: by GET neither, nor with a secret of its own or of another token', async () => {
    await network.send(JSON.stringify({ query: WITH_PUBLIC }), portal);
    const handed = pharmacy.received.find(({ headers }) => headers.authorization !== undefined);
    const authorization = String(handed?.headers.authorization);
    const other = await portal.signToken({ audience: network.gatewayKey.thumbprint, seconds: 300 });
    for (const [sent, code] of [
      [authorization, 'TOKEN_INCOMPLETE'],
      [`${authorization}~${'A'.repeat(43)}`, 'TOKEN_INVALID'],
      [`${authorization}~${other.split('~')[1]}`, 'TOKEN_INVALID'],
    ] as const) {
      const url = `${network.url}/graphql?${new URLSearchParams({ query: ROWS })}`;
      const headers = { authorization: sent, 'apollo-require-preflight': 'true' };
      const told = await (await fetch(url, { headers })).json();
      expect([told.data, told.errors[0].extensions.code]).toEqual([undefined, code]);
    }
    const { json } = await network.get(ROWS, {}, portal);
    expect(custodians(json.data.study.participants.nodes[0])).toEqual([LAKESHORE, RIVERSIDE]);
  });

  test('token-at-gateway: a node never sees the secret, and refuses a token that comes with it', async () => {
    const tokens: string[] = [];
    const watched: Session = {
      ...portal,
      async signToken(claims) {
        tokens.push(await portal.signToken(claims));
        return String(tokens.at(-1));
      },
    };
    await network.send(JSON.stringify({ query: WITH_PUBLIC }), watched);
    const [jwt = '', secret = ''] = String(tokens[0]).split('~');
    expect(JSON.stringify(pharmacy.received)).toContain(jwt);
    expect(JSON.stringify(pharmacy.received)).not.toContain(secret);
    const body = JSON.stringify({ query: '{ __typename }' });
    const signed = await network.riverside.sign(body, portal);
    const whole = { ...signed, authorization: `Bearer ${tokens[0]}` };
    const { status, json } = await network.riverside.send(body, whole);
    expect([status, json.errors[0].extensions.code]).toEqual([401, 'TOKEN_MALFORMED']);
    expect((await network.riverside.send(body, signed)).status).toBe(200);
  });

  test('token-at-gateway: no token comes with a question that the public may ask', async () => {
    // A caller of its own: the portal's breakers are open, because this pharmacy answers no question as it should.
    await network.send(JSON.stringify({ query: WITH_PUBLIC }), await newSession());
    const asked = pharmacy.received.map(({ url, headers, body }) => ({
      question: `${url} ${/\b(trials|Trial|Lot|verifyProduct|trace)\b/.exec(body)?.[1]}`,
      token: headers.authorization !== undefined,
    }));
    const withToken = (token: boolean) =>
      [...new Set(asked.filter((one) => one.token === token).map((one) => one.question))].sort();
    expect(withToken(false)).toEqual([
      '/supply Lot',
      '/supply verifyProduct',
      '/trials Trial',
      '/trials trials',
    ]);
    expect(withToken(true)).toEqual(['/supply trace']);
  });
});

function custodians(participant: {
  readonly observations: { readonly nodes: readonly { readonly custodian: { id: string } }[] };
}): string[] {
  return [...new Set(participant.observations.nodes.map(({ custodian }) => custodian.id))].sort();
}

describe('a decimal of a file', () => {
  /** R4: precision is significant. The last has more digits than a double. */
  const WRITTEN = ['1.10', '66.90', '12345678901234567.80', '0.000', '-5.0'];
  const line = (value: string, at: number) =>
    `{"resourceType":"Observation","id":"decimal-${at}","status":"final",` +
    `"code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},` +
    `"subject":{"reference":"Patient/ben"},"effectiveDateTime":"2024-01-0${at + 1}",` +
    `"valueQuantity":{"value":${value},"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}`;
  const observations = `observations(where: { codes: [{ system: "http://loinc.org", code: "2339-0" }] }) {
    nodes { value { ... on Quantity { value } } } }`;
  const OF_A_NODE = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Participant { ${observations} } } }`;
  const OF_ALL = `query { study(id: "${STUDY}") { participants { nodes { ${observations} } } } }`;

  test('is in the answer as it is written there, of a node and of the gateway', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'decimals-'));
    await writeFile(join(folder, 'Observation.ndjson'), WRITTEN.map(line).join('\n'));
    const { db } = network.riverside;
    const [report] = await importPath(db, folder, { threads: 1 });
    await rm(folder, { recursive: true });
    expect(report).toMatchObject({ taken: WRITTEN.length, refused: [] });
    const representations = [{ __typename: 'Participant', pseudonym: BEN.pseudonym }];
    const node = await network.riverside.ask(OF_A_NODE, { representations }, portal);
    const gateway = await network.send(JSON.stringify({ query: OF_ALL }), portal);
    const [ofNode] = node.json.data._entities;
    const [ofAll] = gateway.json.data.study.participants.nodes;
    for (const { observations: found } of [ofNode, ofAll]) {
      const told = found.nodes.map((row: { value: { value: unknown } }) => row.value.value);
      expect(told.sort()).toEqual([...WRITTEN].sort());
    }
  });
});
