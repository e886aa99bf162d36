import { createPrivateKey, sign } from 'node:crypto';
import {
  exportJWK,
  generateKeyPair,
  type JWK_EC_Public,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose';
import { describe, expect, test } from 'vitest';
import { toSelfSignedForm, verifySignature } from '../../../src/core/signed/self-signed.js';

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const other = await generateKeyPair('ES256', { extractable: true });
const { crv = '', x = '', y = '' } = await exportJWK(publicKey);
const jwk: JWK_EC_Public & { kty: 'EC' } = { kty: 'EC', crv, x, y };
const NOW_SECONDS = 1_780_000_000;
const OPTIONS: JWTVerifyOptions = {
  audience: 'here',
  currentDate: new Date(NOW_SECONDS * 1_000),
  clockTolerance: 5,
  requiredClaims: ['aud', 'iat', 'exp'],
};
const CLAIMS: JWTPayload = { aud: 'here', iat: NOW_SECONDS, exp: NOW_SECONDS + 30 };

function tokenOf(claims: JWTPayload, header: object = {}, key = privateKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', jwk, ...header }).sign(key);
}

const token = await tokenOf(CLAIMS);
const [header = '', payload = '', signature = ''] = token.split('.');
const bytes = Buffer.from(signature, 'base64url');
const withSignature = (changed: Uint8Array) =>
  `${header}.${payload}.${Buffer.from(changed).toString('base64url')}`;
const flipped = bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
const zeros = new Uint8Array(64);
const derSigned = sign('sha256', Buffer.from(`${header}.${payload}`), {
  key: createPrivateKey({ key: await exportJWK(privateKey), format: 'jwk' } as never),
  dsaEncoding: 'der',
});
const otherPayload = Buffer.from(JSON.stringify({ ...CLAIMS, aud: 'there' })).toString('base64url');
const noJson = Buffer.from('no JSON').toString('base64url');

/** What jose itself makes of it is what we have to make of it. */
async function verdictOf(verifying: Promise<{ readonly payload: JWTPayload }>) {
  return verifying.then(
    ({ payload: claims }) => ({ claims }),
    ({ code, claim, reason }) => ({ code, claim, reason }),
  );
}

describe('verifySignature judges as jose does through WebCrypto', () => {
  test.each<[string, string | Promise<string>, JWTVerifyOptions?]>([
    ['what the key signed', token],
    ['a signature with one bit changed', withSignature(flipped)],
    ['one of zeros', withSignature(zeros)],
    ['one in DER', withSignature(derSigned)],
    ['a short one', withSignature(bytes.subarray(0, 63))],
    ['a long one', withSignature(Buffer.concat([bytes, Buffer.of(0)]))],
    ['one of another key', tokenOf(CLAIMS, {}, other.privateKey)],
    ['claims changed after they were signed', `${header}.${otherPayload}.${signature}`],
    ['no JSON, with a signature of something else', `${header}.${noJson}.${signature}`],
    ['another audience', tokenOf({ ...CLAIMS, aud: 'there' })],
    ['a list of audiences', tokenOf({ ...CLAIMS, aud: ['there', 'here'] })],
    ['no audience', tokenOf({ iat: NOW_SECONDS, exp: NOW_SECONDS + 30 })],
    ['no end', tokenOf({ aud: 'here', iat: NOW_SECONDS })],
    ['one that ended', tokenOf({ ...CLAIMS, exp: NOW_SECONDS - 5 })],
    ['one that ended within the tolerance', tokenOf({ ...CLAIMS, exp: NOW_SECONDS - 4 })],
    ['one that begins later', tokenOf({ ...CLAIMS, nbf: NOW_SECONDS + 6 })],
    ['an end that is a text', tokenOf({ ...CLAIMS, exp: 'soon' as never })],
    ['the type asked for', tokenOf({}, { typ: 'dpop+jwt' }), { typ: 'dpop+jwt' }],
    ['another type', tokenOf({}, { typ: 'JWT' }), { typ: 'dpop+jwt' }],
    ['no type', tokenOf({}), { typ: 'dpop+jwt' }],
  ])('%s', async (_, made, options = OPTIONS) => {
    const compact = await made;
    const ours = await verdictOf(verifySignature(toSelfSignedForm(compact), options));
    const theirs = await verdictOf(
      jwtVerify(compact, publicKey, { ...options, algorithms: ['ES256'] }),
    );
    expect(ours).toEqual(theirs);
  });
});
