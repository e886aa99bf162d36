import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../../../src/consent/gate/permit.js';
import { registerConsent } from '../../../../src/consent/registration/register-consent.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../../../src/core/signed/gateway-request.js';
import { signGatewayRequest } from '../../../../src/network/gateway-signature.js';
import { dateOf, makeSession, now, type Session } from '../../../support/consent/gate-fixture.js';
import {
  answerOf,
  inDecimals,
  MY,
  openMyNetwork,
  participantAt,
  release,
  signedList,
} from '../../../support/consent/my-network.js';
import { signToken } from '../../../support/consent/node-fixture.js';
import {
  linkedWallet,
  type StudyWallet,
  studyWallet,
} from '../../../support/consent/study-wallet.js';
import { LAKESHORE, RIVERSIDE, STUDY } from '../../../support/names.js';

/** The attackers who want to see another's consents and disclosures, and what each of them has. */
let network: Awaited<ReturnType<typeof openMyNetwork>>;
/** Ana's, at Riverside, with a consent and a release; and Mallory's, who is a participant too. */
let ana: StudyWallet;
let mallory: StudyWallet;
let anasSession: Session;
let mallorysSession: Session;

beforeAll(async () => {
  network = await openMyNetwork();
  const { wallet, handle } = await participantAt(network.riverside, 'ana');
  ana = wallet;
  mallory = (await participantAt(network.riverside, 'mallory')).wallet;
  await release(network.riverside, ana, { handle, count: 5 });
  [anasSession, mallorysSession] = [await makeSession(), await makeSession()];
});
afterAll(() => network.close());

const asked = (publicKey: StudyWallet['publicKey'], ...lists: readonly object[]) => ({
  study: STUDY,
  publicKey: inDecimals(publicKey),
  lists,
});
/** What a refusal looks like: nothing of anybody, a code, and whose refusal it is. */
const refusal = (code: string) => ({
  consents: [],
  complete: false,
  refused: [{ index: 0, code }],
  sources: [{ institution: { id: RIVERSIDE }, status: 'REFUSED' }],
  disclosures: { nodes: [], complete: false },
});

describe('a list is not taken', () => {
  test.each([
    ["by another's key than was named", () => signedList(mallory, mallorysSession, RIVERSIDE)],
    ['for another session', () => signedList(ana, anasSession, RIVERSIDE)],
    [
      'for another institution',
      () => signedList(ana, mallorysSession, RIVERSIDE, { signedFor: LAKESHORE }),
    ],
    [
      'whose time was changed',
      () => ({ ...signedList(ana, mallorysSession, RIVERSIDE), at: dateOf(now - 1) }),
    ],
    [
      'of another message of the same key',
      () => {
        const { r8x, r8y, s } = ana.linkRequest(RIVERSIDE, 'a'.repeat(22)).signature;
        return { institution: RIVERSIDE, at: dateOf(now), signature: inDecimals({ r8x, r8y, s }) };
      },
    ],
  ])('that was signed %s', async (_why, list) => {
    const { data } = await network.run(mallorysSession, MY, asked(ana.publicKey, list()));
    expect(data.my).toMatchObject(refusal('SIGNATURE_INVALID'));
  });

  test.each([
    [-600, 'SIGNATURE_TOO_OLD'],
    [61, 'SIGNATURE_FROM_FUTURE'],
  ])('%i seconds from now: %s; one second nearer it is', async (seconds, code) => {
    const at = (when: number) =>
      network.run(
        anasSession,
        MY,
        asked(ana.publicKey, signedList(ana, anasSession, RIVERSIDE, { at: when })),
      );
    expect((await at(now + seconds)).data.my).toMatchObject(refusal(code));
    const nearer = await at(now + seconds - Math.sign(seconds));
    expect(nearer.data.my).toMatchObject({ complete: true, consents: [{}] });
  });

  test('with a key of no point, or the neutral one, which signs for anybody', async () => {
    for (const publicKey of [
      { ax: 0n, ay: 1n },
      { ax: 1n, ay: 1n },
    ]) {
      const list = signedList(ana, anasSession, RIVERSIDE);
      const { data } = await network.run(anasSession, MY, asked(publicKey, list));
      expect(data.my).toMatchObject(refusal('SIGNATURE_INVALID'));
    }
  });

  test('at a node that it does not name, no matter who sends it', async () => {
    const { holder } = anasSession;
    const list = signedList(ana, anasSession, LAKESHORE);
    const opened = PermitSet.mint([], [], holder);
    const { data } = await answerOf(
      network.riverside.schema,
      MY,
      asked(ana.publicKey, list),
      opened,
    );
    expect(data.my).toMatchObject(refusal('NOT_FOR_THIS_INSTITUTION'));
  });
});

describe('nobody is answered', () => {
  test('without a token, at the gateway and at a node', async () => {
    const question = asked(ana.publicKey, signedList(ana, anasSession, RIVERSIDE));
    expect(await network.run(undefined, MY, question)).toEqual({
      data: { my: null },
      codes: ['TOKEN_MISSING'],
    });
    const nobody = PermitSet.mint([], []);
    expect(await answerOf(network.riverside.schema, MY, question, nobody)).toEqual({
      data: { my: null },
      codes: ['TOKEN_MISSING'],
    });
  });

  test("with permits of a researcher, who holds Ana's handle and pseudonym but not her key", async () => {
    const list = signedList(mallory, mallorysSession, RIVERSIDE);
    const opened = PermitSet.mint(
      [
        {
          study: STUDY,
          pseudonym: String(ana.pseudonym) as never,
          handle: '1',
          purpose: 'HRESCH',
          dataClasses: ['OBSERVATION'],
          labels: [],
          dataWindow: { from: 0, until: now },
          expires: now + 600,
        },
      ],
      [],
      mallorysSession.holder,
    );
    const { data } = await answerOf(
      network.riverside.schema,
      MY,
      asked(ana.publicKey, list),
      opened,
    );
    expect(data.my).toMatchObject(refusal('SIGNATURE_INVALID'));
  });

  test.each(['OwnParticipation', 'OwnConsent', 'Disclosure'])(
    'by a reference to %s: it is no entity',
    async (typename) => {
      const { codes, data } = await network.run(
        mallorysSession,
        `query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }`,
        { of: [{ __typename: typename, pseudonym: String(ana.pseudonym), study: STUDY, id: '1' }] },
      );
      expect(codes).toHaveLength(1);
      expect(data._entities ?? [null]).toEqual([null]);
    },
  );

  test('who passes on what went to another node: the gateway signed for one', async () => {
    const question = asked(ana.publicKey, signedList(ana, anasSession, RIVERSIDE));
    const body = JSON.stringify({ query: MY, variables: question });
    const token = await signToken(anasSession, network.gatewayKey.thumbprint);
    const signed = await signGatewayRequest(network.gatewayKey, {
      institution: LAKESHORE,
      body,
      token,
      nonce: undefined,
    });
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      [GATEWAY_SIGNATURE_HEADER]: signed,
    };
    const url = `${network.riverside.asked.endpoint}/consent`;
    const answer = await fetch(url, { method: 'POST', headers, body });
    expect(await answer.text()).toContain('FORWARDED');
  });
});

describe('one request', () => {
  const field = (alias: string, key: string, lists: string) => `${alias}: my(study: "${STUDY}",
    publicKey: ${key}, lists: ${lists}) { pseudonym consents { handle }
      disclosures { nodes { count } } }`;
  const variablesOf = (wallet: StudyWallet, session: Session) =>
    asked(wallet.publicKey, signedList(wallet, session, RIVERSIDE));

  test('that asks fifty times by alias is asked once', async () => {
    const document = (times: number) => `query ($publicKey: PublicKeyInput!,
      $lists: [SignedListInput!]!) { ${Array.from({ length: times }, (_, i) =>
        field(`a${i}`, '$publicKey', '$lists'),
      ).join('\n')} }`;
    const { publicKey, lists } = variablesOf(ana, anasSession);
    const count = async (times: number) => {
      network.statements.length = 0;
      const { data, codes } = await network.run(anasSession, document(times), { publicKey, lists });
      expect(codes).toEqual([]);
      expect(data[`a${times - 1}`].disclosures.nodes).toEqual([{ count: 5 }]);
      return network.statements.length;
    };
    expect(await count(50)).toBe(await count(1));
  });

  test('takes one study key: two would tell its carrier that they are one person', async () => {
    const first = variablesOf(ana, anasSession);
    const second = variablesOf(mallory, anasSession);
    const { codes, data } = await network.run(
      anasSession,
      `query ($k1: PublicKeyInput!, $l1: [SignedListInput!]!, $k2: PublicKeyInput!,
        $l2: [SignedListInput!]!) { ${field('a', '$k1', '$l1')} ${field('b', '$k2', '$l2')} }`,
      { k1: first.publicKey, l1: first.lists, k2: second.publicKey, l2: second.lists },
    );
    expect(codes).toEqual(['INPUT_TOO_LARGE']);
    expect(data.b).toBeNull();
    expect(data.a.pseudonym).toBe(String(ana.pseudonym));
  });

  test('takes one page: fifty of a thousand rows each are refused, and cost one', async () => {
    const pages = Array.from({ length: 50 }, (_, i) => {
      return `p${i}: disclosures(first: ${1_000 - i}) { nodes { count } }`;
    });
    const { codes } = await network.run(
      anasSession,
      `query ($study: ID!, $publicKey: PublicKeyInput!, $lists: [SignedListInput!]!) {
        my(study: $study, publicKey: $publicKey, lists: $lists) { ${pages.join('\n')} } }`,
      variablesOf(ana, anasSession),
    );
    expect(codes).toHaveLength(49);
    expect(new Set(codes)).toEqual(new Set(['INPUT_TOO_LARGE']));
  });

  test('takes 1 to 16 institutions, each once', async () => {
    const list = signedList(ana, anasSession, RIVERSIDE);
    const some = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...list, institution: `hospital-${i}` }));
    const codesOf = async (lists: readonly object[]) =>
      (await network.run(anasSession, MY, asked(ana.publicKey, ...lists))).codes;
    expect(await codesOf([])).toEqual(['BAD_INPUT']);
    expect(await codesOf([list, list])).toEqual(['BAD_INPUT']);
    expect(await codesOf(some(17))).toEqual(['INPUT_TOO_LARGE']);
    // Sixteen are taken: what is refused is that the ledger lists none of these.
    expect(await codesOf(some(16))).toEqual(['INSTITUTION_UNKNOWN']);
  });

  test.each(['', 'e30', Buffer.from('["9","x","y"]').toString('base64url')])(
    'with the cursor %j, which no page ended with, is refused and shows the rest',
    async (after) => {
      const question = { ...variablesOf(ana, anasSession), after };
      const { codes, data } = await network.run(anasSession, MY, question);
      expect(codes).toEqual(['BAD_INPUT']);
      expect(data.my).toMatchObject({ disclosures: null, consents: [{}] });
    },
  );
});

describe('a node', () => {
  test('gets no list but its own: no other learns where else a person is known', async () => {
    const { data } = await network.my(ana, anasSession, [LAKESHORE, RIVERSIDE]);
    expect(data.my).toMatchObject({ refused: [], complete: true });
  });

  test('shows of one person in two studies one of them: nothing links the two keys', async () => {
    const [here, there] = [await linkedWallet(network.riverside.feed, 'eve'), studyWallet()];
    await registerConsent(network.riverside.feed, here.consent(1n));
    const { data } = await network.my(there, anasSession, [RIVERSIDE]);
    expect(data.my).toMatchObject({ complete: true, consents: [], disclosures: { nodes: [] } });
  });
});
