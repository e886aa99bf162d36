import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listMine } from '../../../src/client/consent/my.js';
import { openWallet } from '../../../src/client/consent/wallet.js';
import { connectGateway, type Gateway } from '../../../src/client/gateway/gateway.js';
import { openRequester, type Requester } from '../../../src/client/gateway/requester.js';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import { fetchSubtree } from '../../../src/client/requester/paths.js';
import {
  type ConsentAsk,
  type Presentation,
  proveAsk,
} from '../../../src/client/requester/present.js';
import { openReader } from '../../../src/client/requester/query.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { loadProvingArtifacts } from '../../../src/zk/artifacts.js';
import { consentLeaf } from '../../../src/zk/leaf.js';
import { loadStatements } from '../../../src/zk/verify/verify.js';
import { registerOf, serveRegister } from '../../support/client/register-server.js';
import {
  g,
  plaintext,
  refusal,
  SUBTREE_KEY,
  seedOf,
  signingWallet,
  studyName,
} from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { now as registerNow } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

/** All that a requester does, against two real nodes and a real gateway, with one real proof. */
const KEYS = { production: false, allowDevelopmentKeys: true };
const DAY = 86_400;
const now = systemClock.nowSeconds();
const INDEX = 5;

const ask: ConsentAsk = {
  study: studyName,
  purpose: 'HRESCH',
  dataClasses: ['OBSERVATION', 'EXACT_DATE'],
  labels: [],
  duties: ['IRB'],
  dataWindow: { from: now - 1000 * DAY, until: now },
  institution: undefined,
  expires: now + DAY,
};

let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let registerServer: Awaited<ReturnType<typeof serveRegister>>;
let root: bigint;
let pseudonym: bigint;
let requester: Requester;
let session: Session;
let presentation: Presentation;
let prove: (asked: ConsentAsk) => ReturnType<typeof proveAsk>;
const sent: string[] = [];

beforeAll(async () => {
  await loadStatements(KEYS);
  const validity = { from: now - DAY, until: now + 30 * DAY };
  const dataWindow = { from: now - 3000 * DAY, until: now + 30 * DAY };
  const wallet = await signingWallet(7);
  const dataClasses = [...plaintext.dataClasses, 'EXACT_DATE' as const];
  const { signed } = await wallet.signConsent({ ...plaintext, dataClasses, validity, dataWindow });
  pseudonym = wallet.pseudonym;
  const leaf = consentLeaf(signed.fields);
  const register = registerOf([[INDEX, leaf]]);
  root = register.root;
  registerServer = await serveRegister(register.answer);
  network = await startSmallNetwork(root, pseudonym);

  requester = openRequester(g);
  session = await requester.sessionFor('consent', wallet.study);
  const source = { fetch, endpoint: registerServer.endpoint, institution: RIVERSIDE };
  const consent = { ...signed, institution: RIVERSIDE, index: INDEX, subtreeKey: SUBTREE_KEY };
  const path = (await fetchSubtree(source, consent)).pathOf(leaf, INDEX);
  const artifacts = await loadProvingArtifacts('consent', KEYS);
  prove = (asked) => proveAsk(asked, consent, path, { requester, session, artifacts });
  presentation = { ask, holderJwk: session.holderJwk, proofs: [await prove(ask)] };
});
afterAll(async () => {
  registerServer.stop();
  await network.stop();
});
beforeEach(async () => {
  for (const node of Object.values(network.nodes)) {
    node.anchor(root);
    await node.forgetPresentations();
  }
  sent.length = 0;
});

/** The platform's fetch, which remembers what was sent to the gateway. */
const listening: typeof fetch = (url, init) => {
  if (typeof init?.body === 'string') sent.push(init.body);
  return fetch(url, init);
};
const connect = (): Promise<Gateway> => connectGateway({ url: network.url, fetch: listening });
const read = async (by: Session = session) => openReader({ gateway: await connect(), session: by });
const timesPresented = () => sent.filter((body) => body.includes('PresentConsents')).length;

const OBSERVATIONS = `query ($study: ID!) { study(id: $study) { participants {
  nodes { pseudonym observations {
    nodes { custodian { id } } complete sources { institution { id } status } } }
  complete sources { institution { id } status } } } }`;

interface Row {
  readonly pseudonym: string;
  readonly observations: { readonly nodes: readonly { readonly custodian: { id: string } }[] };
}
interface Read {
  readonly study: {
    readonly participants: { readonly nodes: readonly Row[]; readonly complete: boolean };
  } | null;
}

async function observations(reader: Awaited<ReturnType<typeof read>>) {
  const { data, errors } = await reader.query(OBSERVATIONS, { study: studyName.id });
  expect(errors).toEqual([]);
  const { study } = data as unknown as Read;
  return {
    complete: study?.participants.complete,
    rows: study?.participants.nodes.flatMap((row) =>
      row.observations.nodes.map(({ custodian }) => [row.pseudonym, custodian.id]),
    ),
  };
}

const bothHospitals = () => ({
  complete: true,
  rows: [
    [String(pseudonym), 'lakeshore-hospital'],
    [String(pseudonym), 'riverside-hospital'],
  ],
});

describe('presenting and reading', () => {
  test('opens the rows of both hospitals, under one pseudonym', async () => {
    const reader = await read();
    const { complete, outcomes } = await reader.present(presentation);
    expect(complete).toBe(true);
    expect(outcomes.map(({ accepted, refused }) => [accepted, refused])).toEqual([
      [1, []],
      [1, []],
    ]);
    expect(await observations(reader)).toEqual(bothHospitals());
    expect(timesPresented()).toBe(1);
  });

  test('is told to the participant: who received what of her, from both hospitals, page by page', async () => {
    const reader = await read();
    await reader.present(presentation);
    await observations(reader);
    // These nodes' registers go by the sample's time; their tokens by the real one.
    const clock = clockOf(() => unixMsFromSeconds(registerNow));
    const wallet = openWallet(seedOf(7), { clock }).forStudy(studyName);
    const by = { wallet, session: await newSession() };
    const asked = { study: studyName, institutions: [LAKESHORE, RIVERSIDE], first: 1 };
    const gateway = await connect();
    const first = await listMine(gateway, by, { ...asked, since: now, proven: true });
    const { endCursor, hasNextPage } = first.disclosures.pageInfo;
    expect([first.complete, hasNextPage]).toEqual([true, true]);
    const next = await listMine(gateway, by, { ...asked, first: 50, after: endCursor ?? '' });
    const nodes = [...first.disclosures.nodes, ...next.disclosures.nodes];
    expect(new Set(nodes.map(({ custodian }) => custodian)).size).toBe(2);
    for (const { record } of nodes) {
      expect(record).toMatchObject({ purpose: 'HRESCH', dataClass: 'OBSERVATION', count: 1 });
      expect(record.pseudonym).toBe(String(pseudonym));
    }
  });

  test('opens nothing for another key, however it reads', async () => {
    await (await read()).present(presentation);
    const stranger = await read(await newSession());
    const { data } = await stranger.query(OBSERVATIONS, { study: studyName.id });
    expect(data).toEqual({ study: null });
  });

  test("refuses another's proof under one's own key, naming why", async () => {
    const stranger = await newSession();
    const reader = await read(stranger);
    const { outcomes } = await reader.present({ ...presentation, holderJwk: stranger.holderJwk });
    const codes = outcomes.flatMap(({ refused }) => refused.map(({ code }) => code));
    expect(codes).toEqual(['HOLDER_MISMATCH', 'HOLDER_MISMATCH']);
  });

  test.each<readonly [string, Partial<ConsentAsk>]>([
    ['a class outside the scope', { dataClasses: ['MEDICATION'] }],
    ['another purpose', { purpose: 'PUBHLTH' }],
    ['a duty not taken on', { duties: [] }],
    ['a window beyond the one granted', { dataWindow: { from: now - 4000 * DAY, until: now } }],
    ['a time beyond the grant', { expires: now + 31 * DAY }],
    ['another study', { study: { ...studyName, id: 'NCT90000002' } }],
  ])('cannot even prove %s', async (_, change) => {
    await expect(prove({ ...ask, ...change })).rejects.toThrow(refusal('WITNESS_UNSATISFIED'));
  });
});

describe('a node that was never shown the proof', () => {
  test('is shown it by the query that meets it, without a new proof', async () => {
    const reader = await read();
    await reader.present(presentation);
    await network.nodes.lakeshore.forgetPresentations();
    expect(await observations(reader)).toEqual(bothHospitals());
    expect(timesPresented()).toBe(2);
  });

  test('is shown it once, however many queries meet it at once', async () => {
    const reader = await read();
    await reader.present(presentation);
    await network.nodes.lakeshore.forgetPresentations();
    const answers = await Promise.all([1, 2, 3].map(() => observations(reader)));
    expect(answers).toEqual([1, 2, 3].map(bothHospitals));
    expect(timesPresented()).toBe(2);
  });

  test('and that refuses it is not shown it again and again', async () => {
    const reader = await read();
    await reader.present(presentation);
    network.nodes.lakeshore.anchor(root + 1n);
    const partial = { complete: false, rows: [[String(pseudonym), 'riverside-hospital']] };
    expect(await observations(reader)).toEqual(partial);
    expect(await observations(reader)).toEqual(partial);
    expect(timesPresented()).toBe(2);
  });
});

describe('a gateway', () => {
  test('is known by its key: another one is refused', async () => {
    const gateway = await connect();
    expect(gateway.thumbprint).toBe(network.thumbprint);
    const wrong = { url: network.url, fetch, thumbprint: 'another' };
    await expect(connectGateway(wrong)).rejects.toThrow(refusal('GATEWAY_MISMATCH'));
  });

  test('cannot claim the thumbprint of a key that it does not show', async () => {
    const lying: typeof fetch = async (url, init) => {
      const body = (await (await fetch(url, init)).json()) as { gateway: object };
      const other = (await newSession()).holderJwk;
      return Response.json({ ...body, gateway: { ...body.gateway, jwk: other } });
    };
    const { url, thumbprint } = network;
    await expect(connectGateway({ url, fetch: lying, thumbprint })).rejects.toThrow(
      refusal('GATEWAY_MISMATCH'),
    );
  });

  test('says what is wrong with a question by its code', async () => {
    const reader = await read();
    await expect(reader.query('{ study(name: "x") { id } }')).rejects.toThrow(refusal('BAD_INPUT'));
  });

  test('that is not there is a source that failed', async () => {
    await expect(connectGateway({ url: 'http://127.0.0.1:1', fetch })).rejects.toThrow(
      refusal('SOURCE_FAILED'),
    );
  });
});

test('a token is signed once and used until shortly before its end', async () => {
  let nowMs = Date.now();
  const clock = { nowMs: () => nowMs, nowSeconds: systemClock.nowSeconds };
  const tokens: (string | undefined)[] = [];
  const gateway: Gateway = {
    thumbprint: 'gateway',
    send: async ({ credential }) => {
      tokens.push(credential?.token);
      return { data: {}, errors: [] };
    },
  };
  const reader = openReader({ gateway, session, tokenSeconds: 600, clock });
  for (const passedSeconds of [0, 569, 1]) {
    nowMs += passedSeconds * 1000;
    await reader.query('{ __typename }');
  }
  expect(tokens[1]).toBe(tokens[0]);
  expect(tokens[2]).not.toBe(tokens[0]);
});
