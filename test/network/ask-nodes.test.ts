import { decodeJwt } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../src/core/error-codes.js';
import { DomainError } from '../../src/core/errors.js';
import {
  GATEWAY_SIGNATURE_HEADER,
  NODE_NONCE_HEADER,
} from '../../src/core/signed/gateway-request.js';
import { type AskedInstitution, createAskNodes } from '../../src/network/ask-nodes.js';
import {
  answering,
  askHello,
  HELLO,
  ids,
  institution,
  loggerInto,
  type NodeUnderTest,
  newGatewayKey,
  REQUESTER,
  type Received,
  SILENT,
  startNode,
} from '../support/network/stand.js';

const gatewayKey = await newGatewayKey();
const running: NodeUnderTest[] = [];

async function start(...args: Parameters<typeof startNode>): Promise<NodeUnderTest> {
  const node = await startNode(...args);
  running.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.stop()));
});

function asking(institutions: readonly AskedInstitution[], more = {}) {
  return createAskNodes({
    institutions: () => institutions,
    gatewayKey,
    logger: SILENT,
    budgetMs: { trials: 300 },
    ...more,
  });
}

/** What the gateway signed. */
function claimsOf(received: Received | undefined) {
  return decodeJwt(String(received?.headers[GATEWAY_SIGNATURE_HEADER]));
}

/** A node that refuses what was not signed for its current run. */
function requiringNonce(run: { nonce: string }): Parameters<typeof startNode>[0] {
  return (received, response) => {
    const isForThisRun = claimsOf(received).nonce === run.nonce;
    const headers = { 'content-type': 'application/json', [NODE_NONCE_HEADER]: run.nonce };
    response.writeHead(isForThisRun ? 200 : 401, headers);
    response.end(JSON.stringify(isForThisRun ? HELLO : { errors: [] }));
  };
}

/** These are about what is asked, not about how long it takes. */
const PATIENT = { budgetMs: { trials: 10_000 } };

/** What a node has decided about what it was sent, though it may decide otherwise later. */
const DECIDED_LATER: ReadonlySet<string> = new Set([
  'PROOF_FROM_FUTURE',
  'SIGNATURE_FROM_FUTURE',
  'SERIAL_FROM_FUTURE',
  'BACKUP_INCOMPLETE',
  'PUZZLE_MISSING',
  'PUZZLE_INVALID',
  'PUZZLE_TOO_EASY',
  'LINK_NOT_CONFIRMED',
]);

describe('a node that began again', () => {
  test('costs one more exchange, once, and no answer', async () => {
    const run = { nonce: 'nonce-of-the-first' };
    const node = await start(requiringNonce(run));
    const { ask } = asking([institution('riverside-hospital', node.endpoint)], PATIENT);
    const status = async () => (await ask(REQUESTER, askHello()))[0]?.status;
    expect([await status(), node.received.length]).toEqual(['OK', 2]);
    expect([await status(), node.received.length]).toEqual(['OK', 3]);
    run.nonce = 'nonce-of-the-second';
    expect([await status(), node.received.length]).toEqual(['OK', 5]);
    expect([await status(), node.received.length]).toEqual(['OK', 6]);
    expect(new Set(node.received.map((one) => claimsOf(one).jti)).size).toBe(6);
  });

  test('and says another nonce each time is asked twice a question, and costs its own rows', async () => {
    let times = 0;
    const node = await start((_, response) => {
      times += 1;
      response.writeHead(401, { [NODE_NONCE_HEADER]: `nonce-number-${times}-of-many` });
      response.end('{}');
    });
    const { ask } = asking([institution('restless', node.endpoint)], PATIENT);
    expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
    expect(times).toBe(2);
  });

  test.each(['short', '{"aud":"another"}', 'x'.repeat(65)])(
    'is not signed a text of its own: %s',
    async (text) => {
      const node = await start((_, response) => {
        response.writeHead(401, { [NODE_NONCE_HEADER]: text });
        response.end('{}');
      });
      const { ask } = asking([institution('dishonest', node.endpoint)], PATIENT);
      expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
      expect(node.received.map((one) => claimsOf(one).nonce)).toEqual(['']);
    },
  );

  test('has for both exchanges the time of one', async () => {
    const run = { nonce: 'nonce-of-the-first' };
    const slow = await start((received, response) => {
      setTimeout(() => requiringNonce(run)(received, response), 700);
    });
    const { ask } = asking([institution('slow', slow.endpoint)], { budgetMs: { trials: 1_100 } });
    expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
  });
});

describe('asking nodes', () => {
  test('answers in id order, one answer per active institution of the role', async () => {
    const node = await start(answering(HELLO));
    const { ask } = asking([
      institution('riverside-hospital', node.endpoint),
      institution('lakeshore-hospital', node.endpoint),
      institution('helix-pharma', node.endpoint, { roles: ['MANUFACTURER'] }),
      institution('closed-hospital', node.endpoint, { status: 'SUSPENDED' }),
    ]);
    const answers = await ask(REQUESTER, askHello());
    expect(answers.map(({ institution: id, status, data }) => [id, status, data])).toEqual([
      ['lakeshore-hospital', 'OK', 'here'],
      ['riverside-hospital', 'OK', 'here'],
    ]);
    expect(node.received.map(({ url }) => url)).toEqual(['/trials', '/trials']);
    expect(JSON.parse(node.received[0]?.body ?? '')).toEqual({
      query: '{ hello }',
      variables: { a: 1 },
    });
    expect(node.received[0]?.headers.authorization).toBe('Bearer aaa.bbb.ccc');
  });

  test('sends no Authorization for a requester without a token', async () => {
    const node = await start(answering(HELLO));
    const { ask } = asking([institution('riverside-hospital', node.endpoint)]);
    await ask({ ...REQUESTER, token: undefined }, askHello());
    expect(node.received[0]?.headers).not.toHaveProperty('authorization');
  });

  test('sends no token with a question whose answer does not depend on who asks', async () => {
    const node = await start(answering(HELLO));
    const { ask } = asking([institution('riverside-hospital', node.endpoint)]);
    await ask(REQUESTER, { ...askHello(), needsToken: false });
    expect(node.received[0]?.headers).not.toHaveProperty('authorization');
    expect(claimsOf(node.received[0])).toMatchObject({ token: '' });
  });

  test('asks at once, so that the slowest node alone sets the time', async () => {
    const slow = await start((_, response) => {
      setTimeout(() => answering(HELLO)({ url: '', headers: {}, body: '' }, response), 150);
    });
    const all = ['one', 'two', 'three', 'four'].map((id) => institution(id, slow.endpoint));
    const startMs = performance.now();
    const answers = await asking(all, { budgetMs: { trials: 2_000 } }).ask(REQUESTER, askHello());
    expect(answers.every(({ status }) => status === 'OK')).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(500);
  });

  test('includes an institution from the question after it was admitted', async () => {
    const node = await start(answering(HELLO));
    const institutions = [institution('riverside-hospital', node.endpoint)];
    const { ask } = asking(institutions);
    expect(await ask(REQUESTER, askHello())).toHaveLength(1);
    institutions.push(institution('valley-hospital', node.endpoint));
    expect(await ask(REQUESTER, askHello())).toHaveLength(2);
  });

  test('refuses to ask one that the ledger does not list, and does not ask a suspended one', async () => {
    const node = await start(answering(HELLO));
    const { ask } = asking([
      institution('closed-hospital', node.endpoint, { status: 'SUSPENDED' }),
    ]);
    await expect(
      ask(REQUESTER, askHello({ institutions: ids('unheard-of') })),
    ).rejects.toMatchObject({ code: 'INSTITUTION_UNKNOWN' });
    const [answer] = await ask(REQUESTER, askHello({ institutions: ids('closed-hospital') }));
    expect(answer?.status).toBe('REFUSED');
    expect(node.received).toHaveLength(0);
  });
});

describe('what a node does costs its own answer', () => {
  const big = JSON.stringify({ data: { hello: 'x'.repeat(200_000) } });
  const code = (value: string) => ({ errors: [{ message: 'no', extensions: { code: value } }] });

  test.each([
    ['UNAVAILABLE', 'text that is not JSON', answering('<html>')],
    ['UNAVAILABLE', 'JSON that is no answer', answering('null')],
    ['UNAVAILABLE', 'an answer without data', answering({})],
    ['UNAVAILABLE', 'a row that does not parse', answering({ data: { hello: 7 } })],
    [
      'UNAVAILABLE',
      'GraphQL errors beside data',
      answering({ ...HELLO, errors: [{ message: 'x' }] }),
    ],
    ['UNAVAILABLE', 'a fault of its own', answering(code('INTERNAL'))],
    ['UNAVAILABLE', 'a code that is not ours', answering(code('constructor'))],
    ['UNAVAILABLE', 'HTTP 500', answering(HELLO, 500)],
    ['UNAVAILABLE', 'an answer over the byte cap', answering(big)],
    ['UNAVAILABLE', 'HTTP 401 without a code of ours', answering(HELLO, 401)],
    ['UNAVAILABLE', 'HTTP 404, which any web server says', answering('{}', 404)],
    ['REFUSED', 'HTTP 401 with one', answering(code('TOKEN_INVALID'), 401)],
    ['UNAVAILABLE', 'a node whose database is away', answering(code('DATABASE_UNAVAILABLE'))],
    ['UNAVAILABLE', 'HTTP 503 with a code', answering(code('FEED_GAP'), 503)],
    ['REFUSED', 'an error with a code of ours', answering(code('INSTITUTION_UNKNOWN'))],
    ['UNAVAILABLE', 'a node that misses a feed', answering(code('FEED_GAP'))],
    ['UNAVAILABLE', 'a node that was told two histories', answering(code('FEED_FORKED'))],
    ['UNAVAILABLE', 'a node without a ledger', answering(code('LEDGER_UNAVAILABLE'))],
    ['UNAVAILABLE', 'HTTP 503, a proxy before a dead node', answering(HELLO, 503)],
  ] as const)('%s for %s', async (status, _what, behave) => {
    const [good, bad] = [await start(answering(HELLO)), await start(behave)];
    const { ask } = asking(
      [institution('a-good-one', good.endpoint), institution('b-bad-one', bad.endpoint)],
      { maxAnswerBytes: 100_000 },
    );
    const answers = await ask(REQUESTER, askHello());
    expect(answers.map((answer) => answer.status)).toEqual(['OK', status]);
    expect(answers[1]?.data).toBeUndefined();
  });

  const later = Object.keys(ERROR_CODES).filter(
    (name) => new DomainError(name as ErrorCode).retry === 'LATER' && !DECIDED_LATER.has(name),
  );
  test.each(later)('UNAVAILABLE, never REFUSED, for %s, which passes', async (name) => {
    const node = await start(answering(code(name)));
    const { ask } = asking([institution('a-node', node.endpoint)]);
    expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
  });

  test('UNAVAILABLE for a node that never answers, within the budget', async () => {
    const hanging = await start(() => undefined);
    const startMs = performance.now();
    const [answer] = await asking([institution('hanging', hanging.endpoint)]).ask(
      REQUESTER,
      askHello(),
    );
    expect(answer?.status).toBe('UNAVAILABLE');
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  test('UNAVAILABLE for a node that answers a byte at a time', async () => {
    const dripping = await start((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const { ask } = asking([institution('dripping', dripping.endpoint)]);
    expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
  });

  test('stops reading an answer without end at the byte cap', async () => {
    const endless = await start((_, response) => {
      response.writeHead(200);
      const flow = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', flow);
      flow();
    });
    const { ask } = asking([institution('endless', endless.endpoint)], { maxAnswerBytes: 50_000 });
    expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
  });

  test('does not follow a redirect: the token would go where a node says', async () => {
    const thief = await start(answering(HELLO));
    const lying = await start((_, response) => {
      response.writeHead(307, { location: `${thief.endpoint}/trials` });
      response.end();
    });
    const { ask } = asking([institution('lying', lying.endpoint)]);
    expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
    expect(thief.received).toHaveLength(0);
  });

  test.each(['', 'not a url', 'file:///etc/passwd', 'ftp://127.0.0.1/'])(
    'UNAVAILABLE for the endpoint %j',
    async (endpoint) => {
      const { ask } = asking([institution('nowhere', endpoint)]);
      expect((await ask(REQUESTER, askHello()))[0]?.status).toBe('UNAVAILABLE');
    },
  );

  test('neither the answer nor the log names a dead node by its host or port', async () => {
    const node = await start(answering(HELLO));
    await node.stop();
    const lines: string[] = [];
    const { ask } = asking([institution('dead', node.endpoint)], { logger: loggerInto(lines) });
    const answers = await ask(REQUESTER, askHello());
    expect(answers[0]?.status).toBe('UNAVAILABLE');
    const port = new URL(node.endpoint).port;
    expect(lines).toHaveLength(1);
    for (const text of [
      JSON.stringify(answers),
      ...lines.map((l) => l.replace(/"(time|pid)":\d+/g, '')),
    ]) {
      expect(text).not.toContain('127.0.0.1');
      expect(text).not.toContain(port);
      expect(text).not.toContain('aaa.bbb');
    }
  });
});
