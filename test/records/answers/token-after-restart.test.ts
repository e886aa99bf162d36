import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../src/client/gateway/session.js';
import { DAY, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { STUDY } from '../../support/names.js';
import { admit, BEN } from '../../support/records/attack-people.js';
import { permitFor } from '../../support/records/attacks.js';
import {
  type GatedNetwork,
  showStored,
  startGatedNetwork,
} from '../../support/records/gated-network.js';

let network: GatedNetwork;
let portal: Session;

beforeAll(async () => {
  const root = 7n;
  const snapshot = snapshotOf({ root, anchoredAt: now - DAY });
  network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot });
  const { riverside } = network;
  await admit(riverside.db, 'ben');
  portal = await showStored([riverside], [permitFor(BEN)], { root, epoch: 1 });
});
afterAll(() => network.stop());

const AT_NODE = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Study { participants { nodes { pseudonym } } } } }`;
const AT_GATEWAY = `query { study(id: "${STUDY}") { participants { nodes { pseudonym }
  sources { institution { id } status } } } }`;
const BENS_ROW = { pseudonym: BEN.pseudonym };

test('token-after-restart: a signed request that was answered once is refused by the next run of the node', async () => {
  const { riverside } = network;
  const variables = { representations: [{ __typename: 'Study', registryId: STUDY }] };
  const body = JSON.stringify({ query: AT_NODE, variables });
  const captured = await riverside.sign(body, portal);
  const first = await riverside.send(body, captured);
  expect(first.json.data._entities[0].participants.nodes).toEqual([BENS_ROW]);
  expect((await riverside.send(body, captured)).json.errors[0].extensions.code).toBe('REPLAYED');

  await riverside.restart();
  const again = await riverside.send(body, captured);
  expect(again.json.data ?? null).toBeNull();
  expect([again.status, again.json.errors[0].extensions.code]).toEqual([
    401,
    'GATEWAY_NONCE_REQUIRED',
  ]);

  // A query right after the restart loses nothing: the gateway signs again for this run.
  const { json } = await network.send(JSON.stringify({ query: AT_GATEWAY }), portal);
  expect(json.data.study.participants.nodes).toEqual([BENS_ROW]);
});
