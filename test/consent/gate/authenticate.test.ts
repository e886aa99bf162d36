import { createHmac } from 'node:crypto';
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Authenticate,
  type AuthenticatorOptions,
  createAuthenticate,
} from '../../../src/consent/gate/authenticate.js';
import { sha256OfParts } from '../../../src/core/canonical.js';
import { clockOf } from '../../../src/core/clock.js';
import { signOperatorToken } from '../../../src/core/operator/token.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../../src/core/signed/gateway-request.js';
import { SeenOnce } from '../../../src/core/signed/seen-once.js';
import { makeSession, type Session } from '../../support/consent/gate-fixture.js';
import { makeOperator } from '../../support/core/operator-keys.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const NOW = NOW_MS / 1000;
const HASH = 'secret#S256';
const BODY = Buffer.from('{"query":"{ network { epoch } }"}');

let requester: Session;
let gateway: Session;
let otherGateway: Session;

beforeAll(async () => {
  [requester, gateway, otherGateway] = await Promise.all([
    makeSession(),
    makeSession(),
    makeSession(),
  ]);
});

/** Signed with jose directly: the oracle is not our own signer. */
async function sign(session: Session, payload: JWTPayload, jwk: JWK = session.publicJwk) {
  const key = await importJWK(session.privateJwk, 'ES256');
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', jwk }).sign(key);
}

function token(claims: JWTPayload = {}, jwk?: JWK): Promise<string> {
  const cnf = { [HASH]: sha256OfParts('committed to').toString('base64url') };
  const usual = { aud: gateway.holder.thumbprint, iat: NOW, exp: NOW + 600, cnf };
  return sign(requester, { ...usual, ...claims }, jwk);
}

const RUN = 'nonce-of-this-run';
let requests = 0;
/** What an honest gateway signs, changed by the attacker's claims. */
async function request(
  bearer: string | undefined,
  claims: JWTPayload = {},
  by: Session = gateway,
): Promise<Parameters<Authenticate>[0]> {
  const signature = await sign(by, {
    aud: RIVERSIDE,
    body: sha256OfParts(BODY).toString('base64url'),
    token: bearer === undefined ? '' : sha256OfParts(bearer).toString('base64url'),
    jti: `request-number-${requests++}`,
    nonce: RUN,
    iat: NOW,
    exp: NOW + 30,
    ...claims,
  });
  const authorization = bearer === undefined ? undefined : `Bearer ${bearer}`;
  return { headers: { authorization, [GATEWAY_SIGNATURE_HEADER]: signature }, body: BODY };
}

function node(institution = RIVERSIDE, nowMs = NOW_MS): Authenticate {
  return nodeOf({ institution, clock: clockOf(() => nowMs) });
}

function nodeOf(options: Partial<AuthenticatorOptions>): Authenticate {
  const clock = clockOf(() => NOW_MS);
  const usual = { institution: RIVERSIDE, clock, maxTokenSeconds: 600, nonce: RUN };
  return createAuthenticate({ ...usual, ...options });
}

function encode(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

test("an operator's token opens nothing of a requester's, whichever gateway signed for it", async () => {
  const by = await makeOperator('ES256', ['officer']);
  for (const audience of [gateway.holder.thumbprint, 'riverside-hospital@https://a.example']) {
    const claims = { audience, roles: ['officer'], nowMs: NOW_MS, seconds: 600 } as const;
    const { jwt } = await signOperatorToken(by, claims);
    const sent = await request(jwt);
    await expect(node()(sent)).rejects.toMatchObject({ code: 'OPERATOR_TOKEN_MISPLACED' });
    const alone = { headers: { authorization: `Bearer ${jwt}` }, body: BODY };
    await expect(node()(alone)).rejects.toMatchObject({ code: 'OPERATOR_TOKEN_MISPLACED' });
  }
});

describe("a requester's token", () => {
  test('names the holder that presentations were made for', async () => {
    const { holder } = await node()(await request(await token()));
    expect(holder).toEqual(requester.holder);
  });

  test('that one node verified ends when it says, and serves no other gateway meanwhile', async () => {
    let nowMs = NOW_MS;
    const clock = clockOf(() => nowMs);
    const same = nodeOf({ clock });
    const bearer = await token();
    const at = (seconds: number) => ({ iat: NOW + seconds, exp: NOW + seconds + 30 });
    const callers = [await same(await request(bearer)), await same(await request(bearer))];
    expect(callers.map(({ holder }) => holder)).toEqual([requester.holder, requester.holder]);
    const elsewhere = same(await request(bearer, {}, otherGateway));
    await expect(elsewhere).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    nowMs = NOW_MS + 599_000;
    expect(await same(await request(bearer, at(599)))).toMatchObject({ holder: requester.holder });
    nowMs = NOW_MS + 600_000;
    const late = same(await request(bearer, at(600)));
    await expect(late).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  const forgeries: readonly (readonly [string, string, () => Promise<string>])[] = [
    [
      'alg none',
      'TOKEN_MALFORMED',
      async () => {
        const [, payload] = (await token()).split('.');
        return `${encode({ alg: 'none', jwk: requester.publicJwk })}.${payload}.AA`;
      },
    ],
    [
      'HS256 keyed with the public key',
      'TOKEN_MALFORMED',
      async () => {
        const [, payload] = (await token()).split('.');
        const signed = `${encode({ alg: 'HS256', jwk: requester.publicJwk })}.${payload}`;
        const key = JSON.stringify(requester.publicJwk);
        return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
      },
    ],
    ['the private key in its header', 'TOKEN_MALFORMED', () => token({}, requester.privateJwk)],
    [
      'a header that asks for more',
      'TOKEN_MALFORMED',
      async () => {
        const key = await importJWK(requester.privateJwk, 'ES256');
        const header = { alg: 'ES256', jwk: requester.publicJwk, jku: 'https://keys.example' };
        return new SignJWT({}).setProtectedHeader(header).sign(key);
      },
    ],
    ['no JWT at all', 'TOKEN_MALFORMED', async () => 'three.blind.mice'],
    ["another's key in its header", 'TOKEN_INVALID', () => token({}, gateway.publicJwk)],
    [
      'changed claims',
      'TOKEN_INVALID',
      async () => {
        const [header, , signature] = (await token()).split('.');
        const claims = { aud: gateway.holder.thumbprint, iat: NOW, exp: NOW + 599 };
        return `${header}.${encode(claims)}.${signature}`;
      },
    ],
    ['another audience', 'TOKEN_INVALID', () => token({ aud: otherGateway.holder.thumbprint })],
    ['a list of audiences', 'TOKEN_INVALID', () => token({ aud: [gateway.holder.thumbprint] })],
    ['no audience', 'TOKEN_INVALID', () => token({ aud: undefined as never })],
    ['an end that is past', 'TOKEN_INVALID', () => token({ iat: NOW - 60, exp: NOW })],
    ['no end', 'TOKEN_INVALID', () => token({ exp: undefined as never })],
    ['no beginning', 'TOKEN_INVALID', () => token({ iat: undefined as never })],
    ['a life of 601 s', 'TOKEN_INVALID', () => token({ exp: NOW + 601 })],
    ['a beginning 61 s ahead', 'TOKEN_INVALID', () => token({ iat: NOW + 61, exp: NOW + 100 })],
    ['no commitment to a secret', 'TOKEN_INVALID', () => token({ cnf: undefined as never })],
    ['a commitment to nothing', 'TOKEN_INVALID', () => token({ cnf: {} })],
    ['a commitment of another length', 'TOKEN_INVALID', () => token({ cnf: { [HASH]: 'AA' } })],
    [
      'a confirmation that nobody checks',
      'TOKEN_INVALID',
      () => token({ cnf: { [HASH]: 'A'.repeat(43), 'x5t#S256': 'A'.repeat(43) } }),
    ],
    [
      'its secret, which no node may be sent',
      'TOKEN_MALFORMED',
      async () => `${await token()}~${'A'.repeat(43)}`,
    ],
    ['5,000 characters', 'TOKEN_MALFORMED', () => token({ note: 'x'.repeat(5_000) })],
  ];
  test.each(forgeries)('with %s is refused: %s', async (_why, code, forge) => {
    const asking = node()(await request(await forge()));
    await expect(asking).rejects.toMatchObject({ code });
  });

  test('lives as long as the network allows', async () => {
    const pilot = nodeOf({ maxTokenSeconds: 43_200 });
    const long = await token({ exp: NOW + 43_200 });
    expect(await pilot(await request(long))).toMatchObject({ holder: requester.holder });
  });
});

describe("a gateway's signature", () => {
  test('is not needed without a token: such a request sees public data', async () => {
    expect(await node()({ headers: {}, body: BODY })).toEqual({ holder: undefined });
    expect(await node()(await request(undefined))).toEqual({
      holder: undefined,
      gateway: gateway.holder.thumbprint,
    });
  });

  test('is needed with one', async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    const asking = node()({ headers, body: BODY });
    await expect(asking).rejects.toMatchObject({ code: 'GATEWAY_SIGNATURE_INVALID' });
  });

  test.each(['Basic abc', 'Bearer a b', ['Bearer a.b.c']])(
    'a header of another form than a bearer token is refused: %s',
    async (authorization) => {
      const asking = node()({ headers: { authorization }, body: BODY });
      await expect(asking).rejects.toMatchObject({ code: 'TOKEN_MALFORMED' });
    },
  );

  const invalid = 'GATEWAY_SIGNATURE_INVALID';
  const attacks: readonly (readonly [string, string, JWTPayload])[] = [
    ['made for another institution', 'FORWARDED', { aud: LAKESHORE }],
    ['made for this institution among others', invalid, { aud: [LAKESHORE, RIVERSIDE] }],
    ['made for nobody', invalid, { aud: undefined as never }],
    ['over another body', 'BODY_CHANGED', { body: sha256OfParts('{}').toString('base64url') }],
    ['over another token', invalid, { token: sha256OfParts('a.b.c').toString('base64url') }],
    ['over no token', invalid, { token: '' }],
    ['for another run of this node', 'GATEWAY_NONCE_REQUIRED', { nonce: 'nonce-of-another' }],
    ['for no run of this node', 'GATEWAY_NONCE_REQUIRED', { nonce: '' }],
    ['that names no run', 'GATEWAY_NONCE_REQUIRED', { nonce: undefined as never }],
    ['that lives 31 s', invalid, { exp: NOW + 31 }],
    ['that ended', invalid, { iat: NOW - 60, exp: NOW - 30 }],
    ['from 6 s ahead', invalid, { iat: NOW + 6, exp: NOW + 30 }],
    ['without a name', invalid, { jti: undefined as never }],
    ['with a name too short to be random', invalid, { jti: '1' }],
  ];
  test.each(attacks)('%s is refused: %s', async (_why, code, claims) => {
    const asking = node()(await request(await token(), claims));
    await expect(asking).rejects.toMatchObject({ code });
  });

  test.each([
    ['for another institution', { aud: LAKESHORE }],
    ['over another body', { body: sha256OfParts('{}').toString('base64url') }],
  ])('that nobody made is told no more than that: %s', async (_why, claims) => {
    const { headers, body } = await request(await token(), claims);
    const [header, payload] = String(headers[GATEWAY_SIGNATURE_HEADER]).split('.');
    const forged = `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`;
    const asking = node()({ headers: { ...headers, [GATEWAY_SIGNATURE_HEADER]: forged }, body });
    await expect(asking).rejects.toMatchObject({ code: 'GATEWAY_SIGNATURE_INVALID' });
  });

  test("of another gateway does not carry this gateway's token", async () => {
    const replayed = await request(await token(), {}, otherGateway);
    await expect(node()(replayed)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  test('that reached one node is refused by another', async () => {
    const passedOn = await request(await token());
    expect(await node(RIVERSIDE)(passedOn)).toMatchObject({ holder: requester.holder });
    const asking = node(LAKESHORE)(passedOn);
    await expect(asking).rejects.toMatchObject({ code: 'FORWARDED' });
  });

  test('with the body changed on its way is refused', async () => {
    const { headers } = await request(await token());
    const asking = node()({ headers, body: Buffer.from('{"query":"{ study }"}') });
    await expect(asking).rejects.toMatchObject({ code: 'BODY_CHANGED' });
  });

  test('serves once', async () => {
    const authenticate = node();
    const once = await request(await token());
    await authenticate(once);
    await expect(authenticate(once)).rejects.toMatchObject({ code: 'REPLAYED' });
  });

  test('that another run of the node has answered is refused by this one, which says its nonce', async () => {
    const once = await request(await token());
    await node()(once);
    const asking = nodeOf({ nonce: 'nonce-of-the-next-run' })(once);
    await expect(asking).rejects.toMatchObject({
      code: 'GATEWAY_NONCE_REQUIRED',
      retry: 'LATER',
      facts: { nonce: 'nonce-of-the-next-run' },
    });
  });

  test('no two runs draw the same nonce', async () => {
    const { institution, clock } = { institution: RIVERSIDE, clock: clockOf(() => NOW_MS) };
    const drawn = await Promise.all(
      [1, 2].map(async () => {
        const run = createAuthenticate({ institution, clock, maxTokenSeconds: 600 });
        const refused = await run(await request(undefined)).catch((thrown) => thrown);
        return String(refused.facts.nonce);
      }),
    );
    expect(drawn[0]).not.toBe(drawn[1]);
    for (const nonce of drawn) expect(nonce).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  test('refused for its body does not use up its name', async () => {
    const authenticate = node();
    const { headers, body } = await request(await token());
    await expect(authenticate({ headers, body: Buffer.from('{}') })).rejects.toMatchObject({
      code: 'BODY_CHANGED',
    });
    expect(await authenticate({ headers, body })).toMatchObject({ holder: requester.holder });
  });
});

describe('SeenOnce', () => {
  test('refuses rather than forgets a name that still lives', () => {
    const seen = new SeenOnce(2);
    seen.take('a', 1_000, 0);
    seen.take('b', 2_000, 0);
    expect(() => seen.take('c', 2_000, 999)).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED' }),
    );
    seen.take('c', 2_000, 1_000);
    expect(() => seen.take('b', 3_000, 1_999)).toThrow(
      expect.objectContaining({ code: 'REPLAYED' }),
    );
  });
});
