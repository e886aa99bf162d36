import type { LookupAddress } from 'node:dns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../src/core/ids.js';
import { createAskNodes } from '../../src/network/ask-nodes.js';
import { ANY_ENDPOINT, type EndpointRule } from '../../src/network/endpoint-rule.js';
import { createPeers } from '../../src/network/peers.js';
import { createProbe } from '../../src/network/probe.js';
import { openWire, type Wire } from '../../src/network/wire.js';
import {
  answering,
  askHello,
  institution,
  loggerInto,
  type NodeUnderTest,
  newGatewayKey,
  REQUESTER,
  startNode,
} from '../support/network/stand.js';

const PRODUCTION: EndpointRule = { publicHttpsOnly: true, named: new Set() };
const ATTACKER = toInstitutionId('lakeshore-hospital');

/** An internal service, which no institution's node is. */
let internal: NodeUnderTest;
let port: string;
beforeAll(async () => {
  internal = await startNode(answering({ data: { hello: 'secret' } }));
  port = new URL(internal.endpoint).port;
});
afterAll(() => internal.stop());

/** Every way in which a node or a gateway asks an institution, and what each says of it. */
async function askEveryWay(endpoint: string, wire: Wire): Promise<readonly unknown[]> {
  const lines: string[] = [];
  const institutions = () => [institution(ATTACKER, endpoint)];
  const nodes = createAskNodes({
    institutions,
    wire,
    logger: loggerInto(lines),
    gatewayKey: await newGatewayKey(),
  });
  const peers = createPeers({ institutions, wire, sign: async () => ({}) });
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => 'OK',
      (thrown) => (thrown.facts?.check === 'UNREACHABLE' ? 'UNAVAILABLE' : thrown),
    );
  const [answer] = await nodes.ask(REQUESTER, askHello());
  const [probed] = await createProbe(institutions, { wire, logger: loggerInto(lines) })();
  const asked = [
    answer?.status,
    probed?.status,
    await refusal(peers.fetchSegment(ATTACKER, ATTACKER, 0)),
    await refusal(peers.fetchForked(ATTACKER)),
    await refusal(peers.requestAcknowledgement(ATTACKER, {})),
    await refusal(peers.fetchEvidence(ATTACKER, '/evidence', {})),
  ];
  const details = lines.map((line) => JSON.parse(line).detail);
  return [new Set(asked), new Set(details)];
}

// Each refusal takes as long as a silent node does, so they are waited for together.
describe.concurrent('endpoint-anywhere', () => {
  test.each([
    ['http://127.0.0.1:PORT', 'endpoint refused: not https'],
    ['http://localhost:PORT', 'endpoint refused: not https'],
    ['http://93.184.216.34:PORT', 'endpoint refused: not https'],
    ['https://127.0.0.1:PORT', 'endpoint refused: private address'],
    ['https://2130706433:PORT', 'endpoint refused: private address'],
    ['https://0x7f.1:PORT', 'endpoint refused: private address'],
    ['https://[::1]:PORT', 'endpoint refused: private address'],
    ['https://[::ffff:127.0.0.1]:PORT', 'endpoint refused: private address'],
    ['https://[::ffff:7f00:1]:PORT', 'endpoint refused: private address'],
    ['https://169.254.169.254', 'endpoint refused: private address'],
    ['https://10.0.0.1', 'endpoint refused: private address'],
    ['https://[fd00::1]', 'endpoint refused: private address'],
    // Names are judged by what they lead to, when the connection is made.
    ['https://localhost:PORT', 'endpoint refused: private address'],
    ['https://user:password@localhost:PORT', 'endpoint refused: credentials'],
    ['https://[::7f00:1]:PORT', 'endpoint refused: private address'],
    ['https://[64:ff9b::7f00:1]:PORT', 'endpoint refused: private address'],
    ['https://[2002:7f00:1::1]:PORT', 'endpoint refused: private address'],
    ['https://100.64.0.1:PORT', 'endpoint refused: private address'],
    ['https://224.0.0.1:PORT', 'endpoint refused: private address'],
    ['https://[ff02::1]:PORT', 'endpoint refused: private address'],
    ['https://[fe80::1]:PORT', 'endpoint refused: private address'],
    // Other services' ports, at whatever address.
    ['https://93.184.216.34:22', 'endpoint refused: port'],
    ['https://mail.example:25', 'endpoint refused: port'],
  ])('endpoint-anywhere: in production %s is asked for nothing', async (endpoint, detail) => {
    const wire = openWire(PRODUCTION);
    const said = await askEveryWay(endpoint.replace('PORT', port), wire);
    expect(said).toEqual([new Set(['UNAVAILABLE']), new Set([detail])]);
    expect(internal.received).toEqual([]);
  });

  test('endpoint-anywhere: a name that leads elsewhere the second time is judged the second time', async () => {
    const turns: LookupAddress[][] = [
      [{ address: '127.0.0.1', family: 4 }],
      // One good address does not make up for a bad one: the system may choose either.
      [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ];
    for (const turn of turns) {
      const wire = openWire(PRODUCTION, (_host, _options, done) => done(null, turn));
      const said = await askEveryWay(`https://rebound.example:${port}`, wire);
      expect(said).toEqual([
        new Set(['UNAVAILABLE']),
        new Set(['endpoint refused: private address']),
      ]);
    }
    expect(internal.received).toEqual([]);
  });

  test('endpoint-anywhere: one that the operator names is asked, by its name or its address', async () => {
    for (const named of ['localhost', '127.0.0.1']) {
      const wire = openWire({ publicHttpsOnly: true, named: new Set([named]) });
      const [, details] = await askEveryWay(`https://localhost:${port}`, wire);
      // It was reached, and does not speak TLS: the way over TLS is in test/network/wire.test.ts.
      expect([...(details as Set<string>)].join()).not.toContain('refused');
    }
  });
});

test('endpoint-anywhere: outside production a pilot has its nodes on this machine', async () => {
  const said = await askEveryWay(internal.endpoint, openWire(ANY_ENDPOINT));
  expect(said[0]).toEqual(new Set(['OK']));
  expect(internal.received).toHaveLength(6);
});

describe.concurrent('endpoint-anywhere: a stranger who asks for health', () => {
  /** What a gateway says of institutions whose endpoints lead to ports of these kinds. */
  async function probe(endpoints: readonly string[]) {
    const lines: string[] = [];
    const institutions = () =>
      endpoints.map((endpoint, i) => institution(`institution-${i}`, endpoint));
    const wire = openWire(ANY_ENDPOINT);
    const startedMs = performance.now();
    const said = await createProbe(institutions, { wire, logger: loggerInto(lines) })();
    return { said, lines, tookMs: performance.now() - startedMs };
  }

  test('endpoint-anywhere: hears one word for a closed port, a silent one, a refusal and nonsense', async () => {
    const silent = await startNode(() => undefined);
    const refusing = await startNode(answering({}, 403));
    const nonsense = await startNode(answering('SSH-2.0-OpenSSH_9.2'));
    const kinds = ['http://127.0.0.1:1', silent.endpoint, refusing.endpoint, nonsense.endpoint];
    const { said, lines } = await probe(kinds);
    const words = said.map(({ status, latencyMs }) => [status, latencyMs]);
    expect(words).toEqual(kinds.map(() => ['UNAVAILABLE', null]));
    // The operator is told what happened.
    expect(
      lines
        .map((line) => JSON.parse(line))
        .map(({ kind, detail }) => `${kind} ${detail}`)
        .sort(),
    ).toEqual([
      'MALFORMED HTTP 403',
      'MALFORMED not JSON',
      'TIMEOUT 1000 ms',
      'UNREACHABLE ECONNREFUSED',
    ]);
    for (const node of [silent, refusing, nonsense]) await node.stop();
  });

  test('endpoint-anywhere: waits as long for a closed port as for a silent one', async () => {
    const silent = await startNode(() => undefined);
    const open = await startNode(answering({}));
    const closed = await probe(['http://127.0.0.1:1']);
    const slow = await probe([silent.endpoint]);
    expect(closed.tookMs).toBeGreaterThan(950);
    expect(slow.tookMs).toBeGreaterThan(950);
    expect((await probe([open.endpoint])).said).toMatchObject([
      { status: 'OK', latencyMs: expect.any(Number) },
    ]);
    for (const node of [silent, open]) await node.stop();
  });
});
