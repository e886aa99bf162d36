import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { openRequester } from '../../../src/client/gateway/requester.js';
import { importSession, newSession } from '../../../src/client/gateway/session.js';
import { holderOf } from '../../../src/consent/gate/holder-key.js';
import { clockOf } from '../../../src/core/clock.js';
import { requireRequesterToken } from '../../../src/core/signed/requester-token.js';
import { jwtOf } from '../../../src/core/signed/token-secret.js';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { requesterOf } from '../../../src/zk/leaf.js';
import { clock, g, NOW_ISO, refusal } from '../../support/client/sample.js';

const audience = 'thumbprint-of-a-gateway';

describe('a session', () => {
  test('is the holder that nodes compute from its public key', async () => {
    const session = await newSession();
    const { thumbprint, field } = await holderOf(session.holderJwk);
    expect([session.thumbprint, session.holder]).toEqual([thumbprint, field]);
  });

  test('signs a token that a node takes, for that gateway alone', async () => {
    const session = await newSession({ clock });
    const token = jwtOf(await session.signToken({ audience, seconds: 600 }));
    const rule = { audience, nowMs: clock.nowMs(), maxSeconds: 600 };
    const { signer } = await requireRequesterToken(token, rule);
    expect(signer).toBe(session.thumbprint);
    for (const wrong of [
      { ...rule, audience: 'another' },
      { ...rule, nowMs: rule.nowMs + 601_000 },
      { ...rule, maxSeconds: 599 },
    ]) {
      await expect(requireRequesterToken(token, wrong)).rejects.toThrow(refusal('TOKEN_INVALID'));
    }
  });

  test('says nothing in its token but when, for whom and by which key', async () => {
    const session = await newSession();
    const token = await session.signToken({ audience, seconds: 600 });
    const [jwt = '', secret = '', ...more] = token.split('~');
    expect(more).toEqual([]);
    const claims = decodeJwt(jwt);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'cnf', 'exp', 'iat']);
    // Hashed by hand: a node that can read the JWT learns nothing of what it was hashed from.
    const bytes = Buffer.from(secret, 'base64url');
    const hash = createHash('sha256').update('assent/token-secret').update(bytes);
    expect(bytes).toHaveLength(32);
    expect(claims.cnf).toEqual({ 'secret#S256': hash.digest('base64url') });
    const again = await session.signToken({ audience, seconds: 600 });
    expect(again.split('~')[1]).not.toBe(secret);
    const { alg, jwk } = decodeProtectedHeader(jwt);
    expect(alg).toBe('ES256');
    expect(Object.keys(jwk ?? {}).sort()).toEqual(['crv', 'kty', 'x', 'y']);
  });

  test('keeps its private key, unless it was made to be stored', async () => {
    await expect((await newSession()).exportPrivateJwk()).rejects.toThrow(refusal('BAD_INPUT'));
    const session = await newSession({ exportable: true });
    const again = await importSession(await session.exportPrivateJwk());
    expect(again.thumbprint).toBe(session.thumbprint);
    const rule = { audience, nowMs: Date.now(), maxSeconds: 600 };
    const token = jwtOf(await again.signToken({ audience, seconds: 600 }));
    expect((await requireRequesterToken(token, rule)).signer).toBe(session.thumbprint);
  });

  test.each([
    ['a public key', ({ d, ...jwk }: Record<string, unknown>) => jwk],
    ['another curve', (jwk: Record<string, unknown>) => ({ ...jwk, crv: 'P-384' })],
    ["another key's secret", (jwk: Record<string, unknown>) => ({ ...jwk, d: 'AAAA' })],
  ])('is not made of %s', async (_, change) => {
    const jwk = await (await newSession({ exportable: true })).exportPrivateJwk();
    await expect(importSession(change({ ...jwk }))).rejects.toThrow(refusal('BAD_INPUT'));
  });
});

describe('a requester', () => {
  test('is known by the hash of its secret', () => {
    expect(openRequester(g).requester).toBe(requesterOf(g));
    expect(() => openRequester(FIELD_ORDER)).toThrow(refusal('FIELD_OUT_OF_RANGE'));
  });

  test('has one session per statement, study and UTC day', async () => {
    let nowMs = Date.parse(NOW_ISO);
    const requester = openRequester(g, { clock: clockOf(() => nowMs) });
    const first = await requester.sessionFor('consent', 1n);
    expect(await requester.sessionFor('consent', 1n)).toBe(first);
    nowMs = Date.parse('2026-03-01T23:59:59Z');
    expect(await requester.sessionFor('consent', 1n)).toBe(first);
    nowMs = Date.parse('2026-03-02T00:00:00Z');
    const holders = await Promise.all([
      requester.sessionFor('consent', 1n),
      requester.sessionFor('consent', 2n),
      requester.sessionFor('accreditation', 1n),
    ]);
    expect(new Set([first, ...holders].map(({ holder }) => holder)).size).toBe(4);
  });
});
