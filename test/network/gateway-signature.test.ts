import { createHash } from 'node:crypto';
import { EmbeddedJWK, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { clockOf } from '../../src/core/clock.js';
import { importGatewayKey } from '../../src/network/gateway-key.js';
import { signGatewayRequest } from '../../src/network/gateway-signature.js';
import { RIVERSIDE } from '../support/names.js';
import { newGatewayKey } from '../support/network/stand.js';

const key = await newGatewayKey();
const body = '{"query":"{ hello }"}';
const nonce = 'nonce-of-a-run-16';
const sign = (more = {}, clock = clockOf(() => Date.now())) =>
  signGatewayRequest(
    key,
    { institution: RIVERSIDE, body, token: 'aaa.bbb.ccc', nonce, ...more },
    clock,
  );
const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

describe("a gateway's signature", () => {
  test('verifies by the key it carries, and says whom, what and for how long', async () => {
    const { payload, protectedHeader } = await jwtVerify(await sign(), EmbeddedJWK, {
      audience: 'riverside-hospital',
      algorithms: ['ES256'],
    });
    expect(payload).toMatchObject({ body: hash(body), token: hash('aaa.bbb.ccc'), nonce });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(30);
    expect(protectedHeader.jwk).toEqual(key.publicJwk);
    expect(protectedHeader.jwk).not.toHaveProperty('d');
  });

  test('does not verify for another institution, nor after its time', async () => {
    await expect(
      jwtVerify(await sign(), EmbeddedJWK, { audience: 'lakeshore-hospital' }),
    ).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
    const old = await sign(
      {},
      clockOf(() => Date.now() - 31_000),
    );
    await expect(jwtVerify(old, EmbeddedJWK)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });

  test('is bound to the body and to the token, and never the same twice', async () => {
    const read = async (jws: string) => (await jwtVerify(jws, EmbeddedJWK)).payload;
    const [one, again] = await Promise.all([read(await sign()), read(await sign())]);
    expect(one.jti).not.toBe(again.jti);
    expect((await read(await sign({ body: `${body} ` }))).body).not.toBe(one.body);
    expect((await read(await sign({ token: undefined }))).token).toBe('');
    expect((await read(await sign({ nonce: undefined }))).nonce).toBe('');
  });

  test('is refused a key that is not a private P-256 key', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
    for (const jwk of [await exportJWK(publicKey), await exportJWK(privateKey), key.publicJwk]) {
      await expect(importGatewayKey(jwk)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    }
  });
});
