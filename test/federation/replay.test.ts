import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newSession } from '../../src/client/gateway/session.js';
import { createAuthenticate } from '../../src/consent/gate/authenticate.js';
import { systemClock } from '../../src/core/clock.js';
import type { InstitutionId } from '../../src/core/ids.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../src/core/signed/gateway-request.js';
import type { RawRequest } from '../../src/federation/serve-subgraph.js';
import { signGatewayRequest } from '../../src/network/gateway-signature.js';
import {
  gatewayKey,
  institution,
  post,
  startGateway,
  startWidgetNode,
} from '../support/federation/stand.js';
import { ids, newGatewayKey, nonceOf } from '../support/network/stand.js';

const [honestId, dishonestId] = ids('honest-hospital', 'dishonest-hospital') as [
  InstitutionId,
  InstitutionId,
];
const session = await newSession();

/** What reached the dishonest node: everything it can replay. */
let captured: RawRequest | undefined;
const opened: string[] = [];
let openedByGateway: string[] = [];
let honest: Awaited<ReturnType<typeof startWidgetNode>>;
let dishonest: Awaited<ReturnType<typeof startWidgetNode>>;

function openAs(id: InstitutionId) {
  const options = { institution: id, clock: systemClock, maxTokenSeconds: 600 };
  const authenticate = createAuthenticate(options);
  return async (request: RawRequest) => {
    const who = await authenticate(request);
    if (id === dishonestId) captured = request;
    opened.push(`${id} ${who.holder?.thumbprint}`);
    return 'opened';
  };
}

beforeAll(async () => {
  honest = await startWidgetNode({ open: openAs(honestId) });
  dishonest = await startWidgetNode({ open: openAs(dishonestId) });
  const gateway = await startGateway([
    institution(honestId, honest.endpoint),
    institution(dishonestId, dishonest.endpoint),
  ]);
  const token = await session.signToken({ audience: gatewayKey.thumbprint, seconds: 300 });
  const { body } = await post(gateway, '{ widgets(first: 1) { nodes { id } complete } }', {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(body.data).toMatchObject({ widgets: { complete: true, nodes: [{}, {}] } });
  await gateway.close();
  openedByGateway = [...opened];
});

afterAll(() => Promise.all([honest.app.close(), dishonest.app.close()]));

/** What a node sends another in the requester's name, with what it captured and what it adds. */
async function replay(to: typeof honest, headers: Record<string, string>, body?: string) {
  if (captured === undefined) throw new Error('nothing was captured');
  const response = await to.app.inject({
    method: 'POST',
    url: '/trials',
    headers: {
      'content-type': 'application/json',
      authorization: String(captured.headers.authorization),
      ...headers,
    },
    payload: body ?? Buffer.from(captured.body),
  });
  return [response.statusCode, response.json().errors?.[0]?.extensions.code];
}

const capturedSignature = () => ({
  [GATEWAY_SIGNATURE_HEADER]: String(captured?.headers[GATEWAY_SIGNATURE_HEADER]),
});

describe('a node that was asked holds the token, and', () => {
  beforeEach(() => {
    opened.length = 0;
  });

  test('was asked by the gateway in the requester’s name, as the other was', async () => {
    const { thumbprint } = session;
    expect(openedByGateway.sort()).toEqual([
      `dishonest-hospital ${thumbprint}`,
      `honest-hospital ${thumbprint}`,
    ]);
  });

  test('cannot ask another node with it alone', async () => {
    expect(await replay(honest, {})).toEqual([401, 'GATEWAY_SIGNATURE_INVALID']);
  });

  test('cannot ask another node with the signature that it was sent', async () => {
    expect(await replay(honest, capturedSignature())).toEqual([401, 'FORWARDED']);
  });

  test('cannot sign for the other itself: the token names the gateway it was made for', async () => {
    const request = {
      institution: honestId,
      body: Buffer.from(captured?.body ?? []).toString('utf8'),
      token: String(captured?.headers.authorization).slice('Bearer '.length),
      nonce: await nonceOf(honestId, `${honest.endpoint}/trials`),
    };
    const signature = await signGatewayRequest(await newGatewayKey(), request);
    expect(await replay(honest, { [GATEWAY_SIGNATURE_HEADER]: signature })).toEqual([
      401,
      'TOKEN_INVALID',
    ]);
  });

  test('nobody on the way can send the same request twice, or change it', async () => {
    expect(await replay(dishonest, capturedSignature())).toEqual([401, 'REPLAYED']);
    const changed = JSON.stringify({ query: '{ token }' });
    expect(await replay(dishonest, capturedSignature(), changed)).toEqual([401, 'BODY_CHANGED']);
    expect(opened).toEqual([]);
  });
});
