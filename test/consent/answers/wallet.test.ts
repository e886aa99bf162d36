import { execute, type GraphQLSchema, parse } from 'graphql';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NetworkConsents } from '../../../src/consent/answers/network-consents.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { issueLinkCode } from '../../../src/consent/registration/link.js';
import { confirmLink } from '../../../src/consent/registration/link-confirm.js';
import { codeOf } from '../../../src/core/errors.js';
import { linkCodeId, linkWords } from '../../../src/core/signed/link-code.js';
import { createAskNodes } from '../../../src/network/ask-nodes.js';
import { importGatewayKey } from '../../../src/network/gateway-key.js';
import type { DatabaseServer } from '../../../src/store/database.js';
import { fieldOf, institutionField } from '../../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, signEddsa } from '../../../src/zk/eddsa.js';
import {
  consentLeaf,
  eraseMessage,
  handleOf,
  linkMessage,
  withdrawSecretOf,
} from '../../../src/zk/leaf.js';
import { readDuties, readScope } from '../../../src/zk/vocabulary.js';
import { dateOf, makeSession } from '../../support/consent/gate-fixture.js';
import { linkable } from '../../support/consent/link-key.js';
import { type ConsentNode, startConsentNode } from '../../support/consent/node-fixture.js';
import { HILLSIDE, LAKESHORE, RIVERSIDE, STUDY } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';
import { consent, participantSeed, publicKey } from '../../support/zk/sample.js';

/** A wallet's way through the network to one institution: link, register, amend, erase. */
let server: DatabaseServer;
let node: ConsentNode;
let network: GraphQLSchema;

beforeAll(async () => {
  server = await openFreshPglite();
  node = await startConsentNode(await server.open(RIVERSIDE), RIVERSIDE, 1n);
  const gatewayKey = await importGatewayKey((await makeSession()).privateJwk);
  const dead = { ...node.asked, id: HILLSIDE, endpoint: 'http://127.0.0.1:9' };
  const institutions = () => [node.asked, dead];
  const ask = createAskNodes({ institutions, gatewayKey, logger: pino({ level: 'silent' }) });
  network = consentSubgraph(new NetworkConsents(ask, () => institutions().map(({ id }) => id)));
});
afterAll(async () => {
  await node.stop();
  await server.close();
});

async function mutate(document: string, variables: object): Promise<unknown> {
  const { data, errors } = await execute({
    schema: network,
    document: parse(document),
    variableValues: JSON.parse(JSON.stringify(variables)),
    contextValue: { opened: { token: undefined, requestId: 'test' }, requestId: 'test' },
  });
  const codes = errors?.map(({ originalError }) => codeOf(originalError));
  // Null stands beside an error alone.
  expect(codes === undefined).toBe(data?.result !== null);
  return codes ?? JSON.parse(JSON.stringify(data?.result));
}

const inDecimals = <Key extends string>(fields: Readonly<Record<Key, bigint>>) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
const inDates = ({ from, until }: { readonly from: bigint; readonly until: bigint }) => ({
  from: dateOf(Number(from)),
  until: dateOf(Number(until)),
});

const refused = (code: string) => ({ refused: [{ index: 0, code }] });
const REFUSALS = '... on Refusals { refused { index code } }';

const REGISTER = `mutation ($institution: ID!, $consent: SignedConsentInput!) {
    result: registerConsent(institution: $institution, consent: $consent) {
      ... on ConsentReceipt { institution { id } index leaf } ${REFUSALS} } }`;
const { scope, duties, requester, policy, serial, handle, salt } = consent;
const { purposes, dataClasses, labels } = readScope(scope);
const paper = {
  study: STUDY,
  ...inDecimals({ requester, policy, serial, handle, salt }),
  purposes,
  dataClasses,
  labels,
  duties: readDuties(duties),
  validity: inDates(consent.validity),
  dataWindow: inDates(consent.dataWindow),
  publicKey: inDecimals(publicKey),
  signature: inDecimals(signEddsa(participantSeed, consentLeaf(consent))),
};
const register = (change: object = {}, institution: string = RIVERSIDE) =>
  mutate(REGISTER, { institution, consent: { ...paper, ...change } });

const LINK = `mutation ($institution: ID!, $link: LinkInput!) {
    result: linkParticipant(institution: $institution, link: $link) {
      ... on LinkReceipt { institution { id } pseudonym confirmed } ${REFUSALS} } }`;
const link = (code: string, institution: string = RIVERSIDE) => {
  const message = linkMessage(institutionField(RIVERSIDE), code);
  const signature = inDecimals(signEddsa(participantSeed, message));
  const input = {
    study: STUDY,
    codeId: linkCodeId(code),
    publicKey: inDecimals(publicKey),
    signature,
  };
  return mutate(LINK, { institution, link: input });
};

describe('registering', () => {
  test('goes from the code in the session to the receipt, each step once', async () => {
    expect(await register()).toEqual(refused('PSEUDONYM_NOT_LINKED'));
    const person = { patientId: 'patient-1', study: STUDY, ttlSeconds: 600 };
    const hospital = linkable(node.feed);
    const code = await issueLinkCode(hospital, person);
    expect(await link('wrong-code-wrong-code-'.slice(0, 22))).toEqual(refused('LINK_CODE_INVALID'));
    const answered = { institution: { id: RIVERSIDE }, pseudonym: String(consent.pseudonym) };
    expect(await link(code)).toEqual({ ...answered, confirmed: false });
    expect(await register()).toEqual(refused('LINK_NOT_CONFIRMED'));
    const words = linkWords({ institution: RIVERSIDE, code, publicKey });
    await confirmLink(hospital, { ...person, proxy: null }, words);
    expect(await link(code)).toEqual({ ...answered, confirmed: true });
    expect(await register()).toEqual({
      institution: { id: RIVERSIDE },
      index: 1,
      leaf: String(consentLeaf(consent)),
    });
    expect(await register()).toEqual(refused('SERIAL_NOT_NEWER'));
  });

  test.each([
    ['a wider scope than was signed', { dataClasses: ['CONDITION', 'OBSERVATION', 'CLAIMS'] }],
    ['another requester than was signed', { requester: '5' }],
    ['a duty left out', { duties: ['IRB'] }],
    ['a longer validity than was signed', { validity: inDates({ from: 0n, until: 2n ** 33n }) }],
    ['another salt', { salt: '1' }],
    ["another's key", { publicKey: { ax: '0', ay: '1' } }],
  ])('is refused with %s', async (_why, change) => {
    expect(await register(change)).toEqual(refused('SIGNATURE_INVALID'));
  });

  test('is refused for a study nobody knows', async () => {
    expect(await register({ study: 'NCT99999999' })).toEqual(refused('STUDY_UNKNOWN'));
  });

  test('at a dead institution says that it did not answer, and no host', async () => {
    expect(await register({}, HILLSIDE)).toEqual(['SOURCE_UNAVAILABLE']);
  });

  test('at an institution that the ledger does not list is refused by name', async () => {
    const { errors } = await execute({
      schema: network,
      document: parse(REGISTER),
      variableValues: JSON.parse(JSON.stringify({ institution: LAKESHORE, consent: paper })),
      contextValue: { opened: { token: undefined, requestId: 'test' }, requestId: 'test' },
    });
    expect(errors?.map(({ originalError }) => originalError)).toEqual([
      expect.objectContaining({ code: 'INSTITUTION_UNKNOWN' }),
    ]);
  });

  test('sent to another node than it names is refused there', async () => {
    const source = { opened: {}, requestId: 'test' };
    const { data } = await execute({
      schema: node.schema,
      document: parse(REGISTER),
      variableValues: JSON.parse(JSON.stringify({ institution: LAKESHORE, consent: paper })),
      contextValue: source,
    });
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      result: refused('NOT_FOR_THIS_INSTITUTION'),
    });
  });
});

describe('amending and erasing', () => {
  const AMEND = `mutation ($institution: ID!, $consent: SignedConsentInput!, $secrets: [Field!]!) {
    result: amendConsent(institution: $institution, consent: $consent, supersededSecrets: $secrets) {
      ... on ConsentReceipt { institution { id } index leaf } ${REFUSALS} } }`;
  const ERASE = `mutation ($institution: ID!, $erasure: ErasureInput!) {
    result: eraseConsents(institution: $institution, erasure: $erasure) {
      ... on ErasureReceipt { institution { id } erased } ${REFUSALS} } }`;
  const secretOf = (next: bigint) => String(withdrawSecretOf(fieldOf('a withdrawal key'), next));
  const newer = (next: bigint) => {
    const fields = { ...consent, serial: next, handle: handleOf(BigInt(secretOf(next))) };
    const signature = inDecimals(signEddsa(participantSeed, consentLeaf(fields)));
    const { serial, handle } = inDecimals({ serial: fields.serial, handle: fields.handle });
    return { leaf: consentLeaf(fields), paper: { ...paper, serial, handle, signature } };
  };
  const amend = (next: bigint, secrets: string[], institution: string = RIVERSIDE) =>
    mutate(AMEND, { institution, consent: newer(next).paper, secrets });
  const erasureOf = (secrets: string[], at: string = RIVERSIDE, seed = participantSeed) => ({
    secrets,
    publicKey: inDecimals(eddsaPublicKey(seed)),
    signature: inDecimals(signEddsa(seed, eraseMessage(institutionField(at), secrets.map(BigInt)))),
  });
  const erase = (erasure: object, institution: string = RIVERSIDE) =>
    mutate(ERASE, { institution, erasure });
  const erased = (count: number) => ({ institution: { id: RIVERSIDE }, erased: count });

  test('amends at the institution named, and ends what was amended', async () => {
    const secrets = [secretOf(consent.serial)];
    const amended = await amend(consent.serial + 1n, secrets);
    const leaf = String(newer(consent.serial + 1n).leaf);
    expect(amended).toEqual({ institution: { id: RIVERSIDE }, index: 2, leaf });
    expect(await amend(consent.serial + 1n, secrets)).toEqual(refused('SERIAL_NOT_NEWER'));
    expect(await register()).toEqual(refused('SERIAL_NOT_NEWER'));
  });

  test.each([
    ['with a secret that is none', ['9'.repeat(77)], RIVERSIDE, refused('SECRET_MALFORMED')],
    ['at a dead institution', ['5'], HILLSIDE, ['SOURCE_UNAVAILABLE']],
  ])('does nothing %s, and registers nothing', async (_why, secrets, institution, said) => {
    expect(await amend(consent.serial + 2n, secrets, institution)).toEqual(said);
    expect(await erase(erasureOf([secretOf(consent.serial + 2n)]))).toEqual(erased(0));
  });

  test("erases nothing by a handle, by another's key, or by a signature for another node", async () => {
    const secret = secretOf(consent.serial + 1n);
    const { handle } = newer(consent.serial + 1n).paper;
    expect(await erase(erasureOf([String(handle)]))).toEqual(erased(0));
    const thief = new Uint8Array(32).fill(66);
    expect(await erase(erasureOf([secretOf(consent.serial)], RIVERSIDE, thief))).toEqual(erased(0));
    const elsewhere = erasureOf([secret], HILLSIDE);
    expect(await erase(elsewhere)).toEqual(refused('SIGNATURE_INVALID'));
    expect(await erase(elsewhere, HILLSIDE)).toEqual(['SOURCE_UNAVAILABLE']);
  });

  test('erases what its participant signed for, once', async () => {
    const secrets = [secretOf(consent.serial), secretOf(consent.serial + 1n)];
    expect(await erase(erasureOf(secrets))).toEqual(erased(2));
    expect(await erase(erasureOf(secrets))).toEqual(erased(0));
    expect(await register()).toEqual(refused('SERIAL_NOT_NEWER'));
  });

  test('sent to another node than it names is refused there', async () => {
    const { data } = await execute({
      schema: node.schema,
      document: parse(ERASE),
      variableValues: { institution: LAKESHORE, erasure: erasureOf(['5'], LAKESHORE) },
      contextValue: { opened: {}, requestId: 'test' },
    });
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      result: refused('NOT_FOR_THIS_INSTITUTION'),
    });
  });
});
