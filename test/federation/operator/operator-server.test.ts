import { connect } from 'node:net';
import { desc, eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOperatorGate } from '../../../src/consent/operators/gate.js';
import { revokeOperator } from '../../../src/consent/operators/revoke.js';
import { evidenceEntry } from '../../../src/consent/tables/table-evidence.js';
import { operatorUse } from '../../../src/consent/tables/table-operator.js';
import { clockOf } from '../../../src/core/clock.js';
import { leafOf, WHOLE_RECORD } from '../../../src/core/evidence/evidence.js';
import { operatorAudience } from '../../../src/core/operator/audience.js';
import { OPERATIONS } from '../../../src/core/operator/operations.js';
import { OPERATOR_TOKEN_TYPE, signOperatorToken } from '../../../src/core/operator/token.js';
import { secondsFromUnixMs } from '../../../src/core/time.js';
import { usualServerLimits } from '../../../src/federation/http/server-limits.js';
import { createOperatorServer } from '../../../src/federation/operator/server.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import {
  forge,
  keysOf,
  makeOperator,
  type TestOperator,
} from '../../support/core/operator-keys.js';
import { RIVERSIDE } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

const AUDIENCE = operatorAudience(RIVERSIDE, 'https://node.riverside.example');

let databases: DatabaseServer;
let db: Database;
let importer: TestOperator;
let officer: TestOperator;
let node: Awaited<ReturnType<typeof start>>;
const lines: string[] = [];
let nowMs: number;

/** A node's listener for operators, as a start of its process makes it. */
async function start(requestsPerMinuteByHolder = 100) {
  const gate = createOperatorGate({
    db,
    clock: clockOf(() => nowMs),
    audience: () => AUDIENCE,
    keys: await keysOf(importer, officer),
  });
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const limits = { ...usualServerLimits('node'), requestsPerMinuteByHolder };
  const { server, add } = createOperatorServer({ institution: RIVERSIDE, gate, logger, limits });
  add(TAKE, ({ key, useId }, { body }) => ({ key, useId, body }));
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, url, stop: () => server.close() };
}

/** One role's alone, and it reads a body: as an import will be. */
const TAKE = 'POST /take' as 'GET /operator';
Object.assign(OPERATIONS, { [TAKE]: { roles: ['importer'], does: 'takes a body' } });

beforeAll(async () => {
  databases = await openFreshPglite();
  db = await databases.open(RIVERSIDE);
  importer = await makeOperator('EdDSA', ['importer']);
  officer = await makeOperator('ES256', ['officer', 'recaller']);
  nowMs = Date.now();
  node = await start();
});
beforeEach(() => {
  nowMs = Date.now();
});
afterAll(async () => {
  await node.stop();
  await databases.close();
});

const signed = async (by = importer, more: { roles?: TestRoles; audience?: string } = {}) => {
  const roles = more.roles ?? (by === importer ? ['importer'] : ['officer']);
  const claims = { audience: AUDIENCE, nowMs, seconds: 600, ...more, roles } as const;
  return signOperatorToken(by, claims);
};
type TestRoles = Parameters<typeof signOperatorToken>[1]['roles'];

async function ask(
  token: string | undefined,
  { path = '/operator', at = node.url, method = 'GET' } = {},
) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${at}${path}`, { method, headers });
  const text = await response.text();
  const body = text === '' ? {} : JSON.parse(text);
  return {
    status: response.status,
    body,
    requestId: response.headers.get('x-request-id'),
    code: body.errors?.[0]?.extensions.assentCode as string | undefined,
    how: response.headers.get('www-authenticate'),
  };
}

/** What a requester signs, for this node in place of its gateway. */
function requesterToken(): string {
  const iat = Math.floor(nowMs / 1000);
  const cnf = { 'secret#S256': 'A'.repeat(43) };
  const claims = { aud: AUDIENCE, iat, exp: iat + 600, cnf };
  return forge({ alg: 'ES256', jwk: officer.publicJwk }, claims, officer);
}

const uses = () =>
  db.transaction((tx) => tx.select().from(operatorUse).orderBy(desc(operatorUse.id)), 'read');

describe('GET /operator', () => {
  test('says whose token it is, with which roles, until when and what for', async () => {
    const { jwt, expSeconds } = await signed(officer);
    expect(await ask(jwt)).toMatchObject({
      status: 200,
      body: {
        institution: RIVERSIDE,
        key: officer.id,
        roles: ['officer'],
        until: new Date(expSeconds * 1000).toISOString(),
        operations: ['GET /operator'],
      },
    });
  });

  test('is a row of the audit log, which has its leaf in the evidence log', async () => {
    const { jwt, jti } = await signed();
    const { requestId } = await ask(jwt);
    const [row] = await uses();
    expect(row).toMatchObject({
      key: importer.id,
      jti,
      operation: 'GET /operator',
      outcome: 'ALLOWED',
      requestId,
      at: secondsFromUnixMs(nowMs),
    });
    const [entry] = await db.transaction(
      (tx) =>
        tx
          .select()
          .from(evidenceEntry)
          .where(eq(evidenceEntry.leaf, row?.leaf ?? '0x')),
      'read',
    );
    expect(entry).toMatchObject({ log: 'RECORDS', kind: 'OPERATOR_USE' });
    const { id: _id, leaf, ...use } = row ?? expect.fail();
    const parts = [{ name: WHOLE_RECORD, value: use }];
    expect(leafOf('OPERATOR_USE', parts, entry?.salt ?? expect.fail())).toBe(leaf);
    expect(JSON.stringify(row)).not.toContain(jwt.split('.')[2]);
  });

  test('is answered to HEAD too, and is a use all the same', async () => {
    const { jwt, jti } = await signed();
    expect((await ask(jwt, { method: 'HEAD' })).status).toBe(200);
    expect((await uses())[0]).toMatchObject({ jti });
    expect((await ask(undefined, { method: 'HEAD' })).status).toBe(401);
  });
});

describe('no row is written, and nothing answered, for a stranger:', () => {
  test.each([
    ['without a token', 'TOKEN_MISSING', async () => undefined],
    ['with a word', 'OPERATOR_TOKEN_INVALID', async () => 'abc'],
    [
      'with a token of another node',
      'OPERATOR_TOKEN_INVALID',
      async () => (await signed(importer, { audience: AUDIENCE.replace('node.', 'test.') })).jwt,
    ],
    [
      'with a token of another institution',
      'OPERATOR_TOKEN_INVALID',
      async () =>
        (await signed(importer, { audience: AUDIENCE.replace('riverside-', 'lakeshore-') })).jwt,
    ],
    [
      'with an alg of none',
      'OPERATOR_TOKEN_INVALID',
      async () => {
        const header = { alg: 'none', kid: importer.id, typ: OPERATOR_TOKEN_TYPE };
        return forge(header, { aud: AUDIENCE, roles: ['importer'] }, undefined);
      },
    ],
    [
      "with another institution's key",
      'OPERATOR_REFUSED',
      async () => (await signed(await makeOperator('EdDSA', ['importer']))).jwt,
    ],
    ["with a requester's token", 'OPERATOR_TOKEN_INVALID', async () => requesterToken()],
    [
      "with a requester's token and its secret",
      'OPERATOR_TOKEN_INVALID',
      async () => `${await requesterToken()}~${'A'.repeat(43)}`,
    ],
    [
      'with a secret behind a token',
      'OPERATOR_TOKEN_INVALID',
      async () => `${(await signed()).jwt}~${'A'.repeat(43)}`,
    ],
    [
      'with two tokens in one header',
      'OPERATOR_TOKEN_INVALID',
      async () => `${(await signed()).jwt}, Bearer ${(await signed()).jwt}`,
    ],
  ])('%s', async (_who, code, make) => {
    const before = await uses();
    const answer = await ask(await make());
    expect(answer).toMatchObject({ status: code === 'OPERATOR_REFUSED' ? 403 : 401, code });
    if (answer.status === 401) expect(answer.how).toBe('Bearer realm="operator"');
    expect(await uses()).toEqual(before);
  });

  test('with a right token in the target, be it alone or beside a right header', async () => {
    const { jwt } = await signed();
    for (const sent of [undefined, jwt]) {
      for (const path of [
        `/operator?access_token=${jwt}`,
        `/operator?token=${jwt}`,
        `/operator?q=${encodeURIComponent(`Bearer ${jwt}`)}`,
        `/operator?x=${jwt.replaceAll('.', '%2E')}`,
      ]) {
        expect(await ask(sent, { path })).toMatchObject({
          status: 401,
          code: 'OPERATOR_TOKEN_INVALID',
        });
      }
    }
    expect(await ask(jwt, { path: '/operator?lang=en' })).toMatchObject({ status: 200 });
  });

  test('with two Authorization headers, of which Node would take the first', async () => {
    const { jwt } = await signed();
    const forged = `${jwt.slice(0, -8)}AAAAAAAA`;
    for (const sent of [[jwt], [jwt, jwt], [jwt, forged], [forged, jwt]]) {
      const head = sent.map((token) => `authorization: Bearer ${token}\r\n`).join('');
      const answer = await raw(
        `GET /operator HTTP/1.1\r\nhost: a\r\n${head}connection: close\r\n\r\n`,
      );
      expect(answer).toMatch(sent.length === 1 ? /^HTTP\/1.1 200/ : /^HTTP\/1.1 401/);
    }
  });

  test('on a path that there is not, and by a method that it has not', async () => {
    const { jwt } = await signed();
    expect((await ask(jwt, { path: '/import' })).status).toBe(404);
    expect((await ask(jwt, { path: '/health' })).status).toBe(404);
    expect((await ask(jwt, { method: 'POST' })).status).toBe(405);
  });

  test('that is a page of another site: it may not read the answer', async () => {
    const { jwt } = await signed();
    const headers = { authorization: `Bearer ${jwt}`, origin: 'https://evil.example' };
    const response = await fetch(`${node.url}/operator`, { headers });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('an operation of one role', () => {
  const take = async (token: string | undefined, body: string) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const response = await fetch(`${node.url}/take`, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as object };
  };

  test('is done for a token that has it, under the row that says so', async () => {
    const { jwt } = await signed();
    const done = await take(jwt, '{"a":1}');
    const [row] = await uses();
    expect(row).toMatchObject({ operation: TAKE, outcome: 'ALLOWED', key: importer.id });
    expect(done).toEqual({
      status: 200,
      body: { key: importer.id, useId: row?.id, body: { a: 1 } },
    });
  });

  test('is refused to every other, and that is a row', async () => {
    for (const role of ['officer', 'recaller'] as const) {
      const { jwt, jti } = await signed(officer, { roles: [role] });
      expect(await take(jwt, '{"a":1}')).toMatchObject({
        status: 403,
        body: { errors: [{ extensions: { assentCode: 'OPERATOR_REFUSED' } }] },
      });
      expect((await uses())[0]).toMatchObject({
        jti,
        operation: TAKE,
        outcome: 'OPERATOR_REFUSED',
      });
    }
  });

  test('reads nothing that a stranger sends', async () => {
    expect((await take(undefined, 'no JSON')).status).toBe(401);
    expect((await take((await signed()).jwt, 'no JSON')).status).toBe(400);
  });
});

describe('a token of this node', () => {
  test('is refused for a role that its key does not have, and that is a row', async () => {
    const { jwt, jti } = await signed(importer, { roles: ['officer'] });
    expect(await ask(jwt)).toMatchObject({ status: 403, code: 'OPERATOR_REFUSED' });
    expect((await uses())[0]).toMatchObject({ jti, outcome: 'OPERATOR_REFUSED' });
  });

  test('serves more than once until it ends, over a restart too, and each use is a row', async () => {
    const { jwt, jti } = await signed();
    expect([(await ask(jwt)).status, (await ask(jwt)).status]).toEqual([200, 200]);
    const again = await start();
    expect((await ask(jwt, { at: again.url })).status).toBe(200);
    nowMs += 606_000;
    expect(await ask(jwt, { at: again.url })).toMatchObject({ code: 'OPERATOR_TOKEN_INVALID' });
    await again.stop();
    expect((await uses()).filter((use) => use.jti === jti)).toHaveLength(3);
  });

  test('that was revoked is refused at once and after a restart; others of its key are not', async () => {
    const [revoked, other] = [await signed(), await signed()];
    expect((await ask(revoked.jwt)).status).toBe(200);
    const at = secondsFromUnixMs(nowMs);
    for (const _twice of [1, 2]) {
      await db.transaction((tx) => revokeOperator(tx, { kind: 'TOKEN', name: revoked.jti }, at));
    }
    const again = await start();
    for (const url of [node.url, again.url]) {
      expect(await ask(revoked.jwt, { at: url })).toMatchObject({
        status: 401,
        code: 'OPERATOR_TOKEN_REVOKED',
      });
      expect((await ask(other.jwt, { at: url })).status).toBe(200);
    }
    await again.stop();
    expect((await uses()).find(({ jti }) => jti === revoked.jti)).toMatchObject({
      outcome: 'OPERATOR_TOKEN_REVOKED',
    });
  });

  test('of a key that was revoked is refused, also of a new start that still has it in its settings', async () => {
    const { jwt } = await signed(officer);
    const at = secondsFromUnixMs(nowMs);
    await db.transaction((tx) => revokeOperator(tx, { kind: 'KEY', name: officer.id }, at));
    const again = await start();
    for (const url of [node.url, again.url]) {
      expect(await ask(jwt, { at: url })).toMatchObject({ code: 'OPERATOR_TOKEN_REVOKED' });
      expect(await ask((await signed(officer)).jwt, { at: url })).toMatchObject({
        code: 'OPERATOR_TOKEN_REVOKED',
      });
    }
    await again.stop();
    expect((await ask((await signed()).jwt)).status).toBe(200);
  });

  test('whose key asks too often writes no more rows', async () => {
    const hurried = await start(2);
    const { jwt, jti } = await signed();
    const codes = [];
    for (const _each of [1, 2, 3]) codes.push((await ask(jwt, { at: hurried.url })).status);
    await hurried.stop();
    expect(codes).toEqual([200, 200, 429]);
    expect((await uses()).filter((use) => use.jti === jti)).toHaveLength(2);
  });
});

test('a route that is no operation cannot be added', () => {
  const logger = pino({ level: 'silent' });
  const gate = () => expect.fail('nobody asks');
  const { server } = createOperatorServer({ institution: RIVERSIDE, gate, logger });
  expect(() => server.get('/open', () => 'to everybody')).toThrow('operation');
});

test('no token was logged above, whole or in part, nor is any in the database', async () => {
  const { jwt } = await signed();
  await ask(jwt);
  await ask(`${jwt.slice(0, -4)}AAAA`);
  for (const part of jwt.split('.').slice(1)) {
    expect(lines.join('')).not.toContain(part);
    expect(JSON.stringify(await uses())).not.toContain(part);
  }
});

/** What a node answers to these bytes. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(node.url).port) });
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(request);
  });
}
