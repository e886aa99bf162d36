import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  amendConsent,
  type Desk,
  eraseConsents,
  linkWallet,
  registerConsent,
} from '../../../src/client/consent/consent-cycle.js';
import { openWallet } from '../../../src/client/consent/wallet.js';
import { withdrawConsents } from '../../../src/client/consent/withdraw.js';
import {
  connectGateway,
  type Gateway,
  type GraphqlAnswer,
} from '../../../src/client/gateway/gateway.js';
import { type Receipt, requireSignedByInstitution } from '../../../src/client/gateway/receipt.js';
import { issueLinkCode } from '../../../src/consent/registration/link.js';
import { confirmLink } from '../../../src/consent/registration/link-confirm.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import { receiptHash } from '../../../src/core/evidence/receipt.js';
import { toStudyId } from '../../../src/core/ids.js';
import { isoFromSeconds, secondsFromIso, unixMsFromSeconds } from '../../../src/core/time.js';
import { signHash } from '../../../src/ledger/write/sign-hash.js';
import { dishonestGateway } from '../../support/client/dishonest-gateway.js';
import {
  plaintext,
  refusal,
  SUBTREE_KEY,
  seedOf,
  signingWallet,
  studyName,
} from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { accountAt } from '../../support/consent/gate-feed.js';
import { now } from '../../support/consent/gate-fixture.js';
import { linkable } from '../../support/consent/link-key.js';
import { TWINS } from '../../support/ledger/signature-twins.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const study = toStudyId(studyName.id);
const text = { ...plaintext, validity: { from: now - 60, until: now + 86_400 } };
const clock = clockOf(() => unixMsFromSeconds(now));
const ana = await signingWallet(41, clock);

let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let honest: Desk;
let serials = 900n;
beforeAll(async () => {
  network = await startSmallNetwork(1n, openWallet(seedOf(42)).forStudy(studyName).pseudonym);
  const gateway = await connectGateway({ url: network.url, fetch });
  honest = { gateway, institution: RIVERSIDE, study: studyName, ledger: network.ledger };
  const code = await newCode();
  const { words } = await linkWallet(honest, ana, code);
  await confirmLink(hospital(), { patientId: 'ana-2', study, proxy: null }, words);
});
afterAll(() => network.stop());

const hospital = () =>
  linkable({
    db: network.nodes.riverside.db,
    institution: RIVERSIDE,
    clock: { ...systemClock, nowSeconds: () => now },
  });
const newCode = () => issueLinkCode(hospital(), { patientId: 'ana-2', study, ttlSeconds: 600 });

/** What a wallet asks of an institution, each as often as a test likes. */
const MUTATIONS = {
  link: async (desk: Desk) => (await linkWallet(desk, ana, await newCode())).receipt,
  registration: async (desk: Desk) =>
    (await registerConsent(desk, (await ana.signConsent(text)).signed)).receipt,
  amendment: async (desk: Desk) => {
    const { signed, supersededSecrets } = await ana.signConsent(text);
    return (await amendConsent(desk, signed, supersededSecrets.slice(-1))).receipt;
  },
  erasure: async (desk: Desk) =>
    (await eraseConsents(desk, ana, [ana.withdrawSecret(++serials)])).receipt,
  withdrawal: async (desk: Desk) => {
    const options = { institutions: [RIVERSIDE], copies: 1 };
    const secrets = [ana.withdrawSecret(++serials)];
    const { complete, outcomes } = await withdrawConsents(desk, secrets, options);
    const [outcome] = outcomes;
    expect(complete).toBe(outcome?.receipt !== undefined);
    // As the others tell it: a code in the place of a receipt.
    if (outcome?.receipt === undefined) throw { name: 'DomainError', code: outcome?.failure };
    return outcome.receipt;
  },
} satisfies Record<string, (desk: Desk) => Promise<Receipt>>;
const mutations = Object.entries(MUTATIONS);

type Signed = { nonce: string; at: string; anchorBy: string | null; signature: string };
type Changed = (signed: Signed) => Partial<Signed> | null;

/** The signed part of an answer, and of a withdrawal's one outcome. */
function answerWith(data: GraphqlAnswer['data'], change: Changed): GraphqlAnswer['data'] {
  const copy = structuredClone(data) as {
    result?: { signed: Signed | null };
    withdrawConsents?: { outcomes: { signed: Signed | null }[] };
  };
  const place = copy.result ?? copy.withdrawConsents?.outcomes[0];
  if (place?.signed) {
    const changed = change(place.signed);
    place.signed = changed && { ...place.signed, ...changed };
  }
  return copy;
}

/** A gateway that lets the institution act, and changes what it has signed. */
const changing = (change: Changed): Gateway =>
  dishonestGateway(honest.gateway, async (request, real) => {
    const answer = await real.send(request);
    return { ...answer, data: answerWith(answer.data, change) };
  });

/** What anybody who carries an answer can make of it. */
const FORGERIES: Readonly<Record<string, [Changed, string]>> = {
  'no signature': [() => null, 'RECEIPT_MISSING'],
  'a nonce of another request': [() => ({ nonce: 'f'.repeat(32) }), 'RECEIPT_INVALID'],
  'a later time': [({ at }) => ({ at: isoFromSeconds(secondsFromIso(at) + 1) }), 'RECEIPT_INVALID'],
  'a later deadline': [
    ({ anchorBy }) => ({
      anchorBy: isoFromSeconds(anchorBy === null ? now : secondsFromIso(anchorBy) + 1),
    }),
    'RECEIPT_INVALID',
  ],
  'a signature that is none': [() => ({ signature: `0x${'1'.repeat(130)}` }), 'RECEIPT_INVALID'],
  ...Object.fromEntries(
    Object.entries(TWINS).map(([name, twin]): [string, [Changed, string]] => [
      name,
      [({ signature }) => ({ signature: twin(signature) }), 'RECEIPT_INVALID'],
    ]),
  ),
};

describe.each(mutations)('the answer to a %s', (_, mutation) => {
  test('is believed with the signature of the institution, which names all of it', async () => {
    const { body, signature } = await mutation(honest);
    expect(body).toMatchObject({ network: 'pilot', chainId: 1, institution: RIVERSIDE, at: now });
    expect(body.anchorBy).toBe(body.act === 'LINK' ? null : now + 150);
    await requireSignedByInstitution(network.ledger, { body, signature });
  });

  test.each(Object.entries(FORGERIES))('receipt-faked: is refused with %s', async (_why, row) => {
    const [change, code] = row;
    const desk = { ...honest, gateway: changing(change) };
    await expect(mutation(desk)).rejects.toMatchObject({ code });
  });

  test('receipt-faked: is refused from another institution, signed for the same request', async () => {
    const { body } = await mutation(honest);
    const signature = await signHash(accountAt(LAKESHORE), receiptHash(body));
    const receipt = { body, signature };
    await expect(requireSignedByInstitution(network.ledger, receipt)).rejects.toThrow(
      refusal('RECEIPT_INVALID'),
    );
  });

  test('receipt-faked: is refused when an earlier one is handed over again', async () => {
    let kept: GraphqlAnswer | undefined;
    const gateway = dishonestGateway(honest.gateway, async (request, real) => {
      kept ??= await real.send(request);
      return kept;
    });
    await mutation({ ...honest, gateway });
    await expect(mutation({ ...honest, gateway })).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
    });
  });

  test('receipt-faked: is no success when it is swallowed', async () => {
    const gateway = dishonestGateway(honest.gateway, async () => ({ data: {}, errors: [] }));
    await expect(mutation({ ...honest, gateway })).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  });

  test.each([
    ['network', { network: 'other' }],
    ['chain', { chainId: 2 }],
    ['contract', { contract: `0x${'2'.repeat(40)}` }],
  ])('receipt-faked: of another %s is refused', async (_why, change) => {
    const { body } = await mutation(honest);
    const other = { ...body, ...change };
    const signature = await signHash(accountAt(RIVERSIDE), receiptHash(other));
    const receipt = { body: other, signature };
    await expect(requireSignedByInstitution(network.ledger, receipt)).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
      facts: { check: 'ledger' },
    });
    // The same signature does not serve this network's body.
    await expect(
      requireSignedByInstitution(network.ledger, { body, signature }),
    ).rejects.toMatchObject({ facts: { check: 'account' } });
  });

  test('receipt-faked: is refused of an institution that is not active now', async () => {
    const ledger = { ...network.ledger, accounts: async () => new Map() };
    const receipt = await mutation(honest);
    await expect(requireSignedByInstitution(ledger, receipt)).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
      facts: { check: 'account' },
    });
  });
});

/** Each changes one thing that the institution said, or acts for another request than was sent. */
describe('what comes of it', () => {
  const LIES: readonly [
    keyof typeof MUTATIONS,
    string,
    (data: Record<string, unknown>) => object,
  ][] = [
    ['link', 'confirmed', () => ({ confirmed: true })],
    ['link', 'another end of a proxy', () => ({ proxyUntil: isoFromSeconds(now + 1) })],
    ['registration', 'another place', ({ index }) => ({ index: Number(index) + 1 })],
    ['registration', 'the key of another subtree', () => ({ subtreeKey: SUBTREE_KEY })],
    ['registration', 'another moment', () => ({ registeredAt: isoFromSeconds(now - 1) })],
    ['amendment', 'another place', ({ index }) => ({ index: Number(index) + 1 })],
    ['erasure', 'more erased', () => ({ erased: 1 })],
  ];
  test.each(LIES)('receipt-faked: a %s with %s is refused', async (name, _why, lie) => {
    const gateway = dishonestGateway(honest.gateway, async (request, real) => {
      const { data, errors } = await real.send(request);
      const result = data.result as Record<string, unknown>;
      return { data: { result: { ...result, ...lie(result) } }, errors };
    });
    await expect(MUTATIONS[name]({ ...honest, gateway })).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
    });
  });

  test('receipt-faked: a registration of another leaf than was sent is refused', async () => {
    const other = (await ana.signConsent(text)).signed;
    const { signed } = await ana.signConsent(text);
    let consent: unknown;
    const taking = dishonestGateway(honest.gateway, async (request, real) => {
      consent = request.variables?.consent;
      return real.send({ ...request, document: '{ __typename }' });
    });
    await expect(registerConsent({ ...honest, gateway: taking }, other)).rejects.toThrow();
    const exchanging = dishonestGateway(honest.gateway, (request, real) =>
      real.send({ ...request, variables: { ...request.variables, consent } }),
    );
    await expect(registerConsent({ ...honest, gateway: exchanging }, signed)).rejects.toThrow(
      refusal('RECEIPT_INVALID'),
    );
  });

  test('receipt-faked: a withdrawal of which a secret was left out is not complete', async () => {
    const gateway = dishonestGateway(honest.gateway, (request, real) => {
      const { variables = {} } = request;
      const secrets = (variables.secrets as readonly string[]).slice(0, 1);
      return real.send({ ...request, variables: { ...variables, secrets } });
    });
    const secrets = [ana.withdrawSecret(++serials), ana.withdrawSecret(++serials)];
    const { complete, outcomes } = await withdrawConsents({ ...honest, gateway }, secrets);
    expect(complete).toBe(false);
    expect(outcomes.map(({ failure }) => failure)).toEqual(['RECEIPT_INVALID', 'RECEIPT_INVALID']);
  });

  test('receipt-faked: a refusal that the institution did not give hides no success of another', async () => {
    const gateway = dishonestGateway(honest.gateway, async (request, real) => {
      if (request.variables?.institution !== RIVERSIDE) return real.send(request);
      const refused = [{ index: 0, code: 'CONSENT_WITHDRAWN' }];
      const outcome = { institution: { id: RIVERSIDE }, status: 'OK', refused };
      return { data: { withdrawConsents: { outcomes: [outcome] } }, errors: [] };
    });
    const secrets = [ana.withdrawSecret(++serials)];
    const { complete, outcomes } = await withdrawConsents({ ...honest, gateway }, secrets);
    expect(complete).toBe(false);
    const failures = new Map(outcomes.map(({ institution, failure }) => [institution, failure]));
    expect(failures.get(RIVERSIDE)).toBe('RECEIPT_MISSING');
    expect(failures.get(LAKESHORE)).toBeUndefined();
  });

  test('a nonce that is none is refused, and nothing is done', async () => {
    const secrets = [String(ana.withdrawSecret(++serials))];
    const document = `mutation ($secrets: [Field!]!, $nonce: String) {
      withdrawConsents(secrets: $secrets, institution: "${RIVERSIDE}", nonce: $nonce) { complete } }`;
    const asked = honest.gateway.send({ document, variables: { secrets, nonce: 'short' } });
    expect((await asked).data).toEqual({ withdrawConsents: { complete: false } });
  });
});
