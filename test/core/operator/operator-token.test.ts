import { beforeAll, describe, expect, test } from 'vitest';
import { operatorAudience } from '../../../src/core/operator/audience.js';
import {
  isOperatorToken,
  OPERATOR_TOKEN_TYPE,
  roleBeyondKey,
  signOperatorToken,
  verifyOperatorToken,
} from '../../../src/core/operator/token.js';
import {
  anyKey,
  forge,
  keysOf,
  makeOperator,
  type TestOperator,
} from '../../support/core/operator-keys.js';
import { RIVERSIDE } from '../../support/names.js';

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const NOW = NOW_MS / 1000;
const AUDIENCE = operatorAudience(RIVERSIDE, 'https://node.riverside.example');

let importer: TestOperator;
let officer: TestOperator;
let stranger: TestOperator;
let keys: Awaited<ReturnType<typeof keysOf>>;

beforeAll(async () => {
  importer = await makeOperator('EdDSA', ['importer']);
  officer = await makeOperator('ES256', ['officer', 'recaller']);
  stranger = await makeOperator('EdDSA', ['importer']);
  keys = await keysOf(importer, officer);
});

const verify = (jwt: string, nowMs = NOW_MS) =>
  verifyOperatorToken(jwt, { keys, audience: AUDIENCE, nowMs });

const headerOf = (of: TestOperator, more: object = {}) => ({
  alg: of.algorithm,
  kid: of.id,
  typ: OPERATOR_TOKEN_TYPE,
  ...more,
});
const claimsOf = (more: object = {}) => ({
  aud: AUDIENCE,
  iat: NOW,
  nbf: NOW,
  exp: NOW + 600,
  jti: 'a-name-of-one-token',
  roles: ['importer'],
  ...more,
});
const signed = (claims: object = {}, header: object = {}) =>
  forge(headerOf(importer, header), claimsOf(claims), importer);

describe('an operator token', () => {
  test('of each algorithm says whose it is, what it asks for and until when', async () => {
    for (const by of [importer, officer]) {
      const roles = by === officer ? (['officer'] as const) : (['importer'] as const);
      const claims = { audience: AUDIENCE, roles, nowMs: NOW_MS, seconds: 600 };
      const made = await signOperatorToken(by, claims);
      const { key, ...token } = await verify(made.jwt);
      expect(key.id).toBe(by.id);
      expect(token).toEqual({ jti: made.jti, roles, expSeconds: NOW + 600 });
      expect(made.expSeconds).toBe(NOW + 600);
    }
  });

  test('made by another implementation is taken all the same', async () => {
    const token = await verify(forge(headerOf(officer), claimsOf({ roles: ['officer'] }), officer));
    expect(token).toMatchObject({ jti: 'a-name-of-one-token', roles: ['officer'] });
    expect(roleBeyondKey(token)).toBeUndefined();
  });

  test.each([
    ['5 s before it begins, by clocks that differ', -5_000],
    ['in its last second', 599_000],
    ['4 s after its end, by clocks that differ', 604_000],
  ])('is taken %s', async (_when, laterMs) => {
    await expect(verify(signed(), NOW_MS + laterMs)).resolves.toBeDefined();
  });

  test('that asks for a role which its key does not have is told so', async () => {
    expect(roleBeyondKey(await verify(signed({ roles: ['importer', 'officer'] })))).toBe('officer');
  });
});

describe('is refused as OPERATOR_TOKEN_INVALID:', () => {
  const invalid = (claim: string) =>
    expect.objectContaining({ code: 'OPERATOR_TOKEN_INVALID', facts: { claim } });

  test.each([
    ['expired', 'exp', { iat: NOW - 700, nbf: NOW - 700, exp: NOW - 100 }],
    ['expired 6 s ago', 'exp', { iat: NOW - 606, nbf: NOW - 606, exp: NOW - 6 }],
    ['not yet valid', 'nbf', { nbf: NOW + 60 }],
    ['signed in a time to come', 'iat', { iat: NOW + 6, nbf: NOW + 5 }],
    ['signed later than it is valid from', 'nbf', { iat: NOW + 3, nbf: NOW }],
    ['longer than 10 minutes', 'exp', { exp: NOW + 601 }],
    ['a day long, of which the rest is short', 'exp', { iat: NOW - 86_000, nbf: NOW - 86_000 }],
    ['that ends when it begins', 'exp', { exp: NOW }],
    ['with a fraction of a second', 'exp', { exp: NOW + 10.5 }],
    ['with a text for a time', 'exp', { exp: String(NOW + 10) }],
    ['without an end', 'exp', { exp: undefined }],
    ['without a begin', 'nbf', { nbf: undefined }],
    ['without the time of signing', 'iat', { iat: undefined }],
    ['without a name', 'jti', { jti: undefined }],
    ['with a name that can be guessed', 'jti', { jti: '1' }],
    ['without a role', 'roles', { roles: [] }],
    ['with a role that there is not', 'roles', { roles: ['admin'] }],
    ['with a role that every object has', 'roles', { roles: ['constructor'] }],
    ['with one role as a text', 'roles', { roles: 'importer' }],
    ['without an audience', 'aud', { aud: undefined }],
    ['for several nodes', 'aud', { aud: [AUDIENCE, 'lakeshore-hospital@https://a.example'] }],
    ['for one node, as a list', 'aud', { aud: [AUDIENCE] }],
    ['for the institution alone', 'aud', { aud: RIVERSIDE }],
    ['for another institution', 'aud', { aud: AUDIENCE.replace('riverside', 'lakeshore') }],
    [
      'for a node of this institution elsewhere',
      'aud',
      { aud: operatorAudience(RIVERSIDE, 'https://test.riverside.example') },
    ],
  ])('%s', async (_what, claim, claims) => {
    await expect(verify(signed(claims))).rejects.toEqual(invalid(claim));
  });

  test.each([
    ['alg none', 'form', () => forge(headerOf(importer, { alg: 'none' }), claimsOf(), undefined)],
    [
      'alg none with bytes for a signature',
      'alg',
      () => `${forge(headerOf(importer, { alg: 'none' }), claimsOf(), undefined)}AAAA`,
    ],
    ['no signature', 'form', () => forge(headerOf(importer), claimsOf(), undefined)],
    ['another typ', 'typ', () => signed({}, { typ: 'JWT' })],
    ['no typ', 'typ', () => signed({}, { typ: undefined })],
    ['a key of its own in the header', 'header', () => signed({}, { jwk: stranger.publicJwk })],
    ['a critical extension', 'header', () => signed({}, { crit: ['b64'], b64: false })],
    ['a binding that nobody checks', 'unknown', () => signed({ cnf: { jkt: stranger.id } })],
    ['claims that are no object', 'signature', () => forge(headerOf(importer), [1], importer)],
    [
      'a changed payload',
      'signature',
      () => {
        const [header, , signature] = signed().split('.');
        const [, payload] = signed({ exp: NOW + 599 }).split('.');
        return `${header}.${payload}.${signature}`;
      },
    ],
    ['a form that is none', 'form', () => 'a.b'],
    ['four parts', 'form', () => `${signed()}.AAAA`],
    ['5,000 characters', 'form', () => `${signed()}${'A'.repeat(5_000)}`],
  ])('%s', async (_what, claim, make) => {
    await expect(verify(make())).rejects.toEqual(invalid(claim));
  });

  test('HS256 with the public key as its secret, in every form that the key has', async () => {
    const { x = '', y = '' } = officer.publicJwk;
    const secrets = [officer.entry, officer.id, x, `${x}${y}`, JSON.stringify(officer.publicJwk)];
    for (const secret of secrets) {
      const token = forge(headerOf(officer, { alg: 'HS256' }), claimsOf(), { secret });
      await expect(verify(token)).rejects.toEqual(invalid('alg'));
    }
  });

  test('another curve, under its own algorithm and under that of the key', async () => {
    const p384 = await anyKey('ES384');
    const own = forge(headerOf(officer, { alg: 'ES384' }), claimsOf(), p384);
    await expect(verify(own)).rejects.toEqual(invalid('alg'));
    await expect(verify(forge(headerOf(officer), claimsOf(), p384))).rejects.toEqual(
      invalid('signature'),
    );
    const swapped = forge(headerOf(officer, { alg: 'EdDSA' }), claimsOf(), importer);
    await expect(verify(swapped)).rejects.toEqual(invalid('alg'));
  });

  test('the kid of another key of this node', async () => {
    const token = forge(headerOf(officer, { alg: 'EdDSA' }), claimsOf(), importer);
    await expect(verify(token)).rejects.toEqual(invalid('alg'));
    const second = await makeOperator('EdDSA', ['officer']);
    const both = await keysOf(importer, second);
    const named = forge(headerOf(second), claimsOf({ roles: ['officer'] }), importer);
    const rule = { keys: both, audience: AUDIENCE, nowMs: NOW_MS };
    await expect(verifyOperatorToken(named, rule)).rejects.toEqual(invalid('signature'));
  });
});

test("another institution's key is refused, whatever it signs", async () => {
  const token = forge(headerOf(stranger), claimsOf(), stranger);
  await expect(verify(token)).rejects.toMatchObject({
    code: 'OPERATOR_REFUSED',
    facts: { key: 'unknown' },
  });
  for (const kid of ['__proto__', 'constructor', '']) {
    const named = forge(headerOf(stranger, { kid }), claimsOf(), stranger);
    await expect(verify(named)).rejects.toMatchObject({ code: 'OPERATOR_REFUSED' });
  }
});

test('a token is known by its header alone, in any case and with a secret behind it', () => {
  expect(isOperatorToken(signed())).toBe(true);
  expect(isOperatorToken(`${signed()}~${'A'.repeat(43)}`)).toBe(true);
  expect(isOperatorToken(signed({}, { typ: `application/${OPERATOR_TOKEN_TYPE}` }))).toBe(true);
  expect(isOperatorToken(signed({}, { typ: OPERATOR_TOKEN_TYPE.toUpperCase() }))).toBe(true);
  for (const other of ['', 'a.b.c', signed({}, { typ: 'JWT' }), signed({}, { typ: 5 })]) {
    expect(isOperatorToken(other)).toBe(false);
  }
});

describe('the audience', () => {
  test.each([
    'https://node.riverside.example/',
    'HTTPS://Node.Riverside.Example',
    'https://node.riverside.example:443',
  ])('is one text for one endpoint: %s', (endpoint) => {
    expect(operatorAudience(RIVERSIDE, endpoint)).toBe(AUDIENCE);
  });

  test.each(['', 'node', 'ftp://a.example', 'https://a.example/?b', 'https://u:p@a.example'])(
    'is of no endpoint %j',
    (endpoint) => {
      expect(() => operatorAudience(RIVERSIDE, endpoint)).toThrow(
        expect.objectContaining({ code: 'BAD_INPUT' }),
      );
    },
  );
});
