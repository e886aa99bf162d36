import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { networkDomains } from '../../src/federation/domains.js';
import { createAskNodes } from '../../src/network/ask-nodes.js';
import {
  gatewayKey,
  institution,
  networkOf,
  post,
  startGateway,
  tokenFor,
} from '../support/federation/stand.js';
import {
  ids,
  loggerInto,
  type NodeUnderTest,
  SILENT,
  startNode,
} from '../support/network/stand.js';

/*
 * A gateway whose nodes a test answers for: how often they are asked, and what comes of answers that
 * no honest node gives.
 */

const HOSPITAL = 'riverside-hospital';
const SPONSOR = 'northwind-trials';
const NOWHERE = 'nowhere-institute';
const TRIALS = 100;
const idOf = (n: number) => `NCT${90_000_000 + n}`;

type Json = Record<string, unknown>;

/** What the nodes say; a test changes it. */
const said = {
  sponsor: SPONSOR,
  site: HOSPITAL,
  /** Whether a page has rows, and whether another is said to follow. */
  rows: true,
  next: false,
};
const lines: string[] = [];
let hospital: NodeUnderTest;
let sponsor: NodeUnderTest;
let gateway: FastifyInstance;
let authorization: string;

function pageOf(nodes: readonly Json[], more: Json = {}) {
  const pageInfo = { hasNextPage: said.next };
  return { nodes: said.rows ? nodes : [], pageInfo, ...more };
}

function trialOf(n: number): Json {
  const unsaid = { text: null, sex: null, minimumAge: null, maximumAge: null };
  const where = { facility: 'A', city: null, country: null };
  return {
    id: idOf(n),
    title: 'T',
    status: 'RECRUITING',
    phase: [],
    conditions: [],
    keywords: [],
    sponsorName: 'N',
    sponsor: { id: said.sponsor },
    custodian: { id: SPONSOR },
    sites: [{ ...where, institution: { id: said.site } }],
    summary: null,
    eligibility: { ...unsaid, healthyVolunteers: null },
    enrollment: null,
    startDate: null,
    completionDate: null,
  };
}

/** Of each study one participant, of the study's own number. */
function participantsOf({ registryId }: { readonly registryId: string }): Json {
  const sources = [{ institution: { id: HOSPITAL }, status: 'OK' }];
  const row = { pseudonym: String(Number(registryId.slice(3))), withheld: [] };
  return { registryId, participants: pageOf([row], { sources }) };
}

beforeAll(async () => {
  hospital = await startNode(({ body, url }, response) => {
    const { representations } = JSON.parse(body).variables;
    const sources = [{ institution: { id: HOSPITAL }, status: 'OK' }];
    const data = url.endsWith('/consent')
      ? { studies: pageOf([{ registryId: idOf(0) }], { sources }) }
      : { _entities: representations.map(participantsOf) };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data }));
  });
  sponsor = await startNode(({ body }, response) => {
    const { first, representations } = JSON.parse(body).variables;
    const rows = Array.from({ length: Math.min(first ?? 1, TRIALS) }, (_, n) => trialOf(n));
    response.writeHead(200, { 'content-type': 'application/json' });
    const data = representations === undefined ? { trials: pageOf(rows) } : { _entities: rows };
    response.end(JSON.stringify({ data }));
  });
  const institutions = [
    institution(HOSPITAL, hospital.endpoint),
    institution(SPONSOR, sponsor.endpoint, { roles: ['SPONSOR'] }),
  ];
  gateway = await startGateway(institutions, {
    logger: loggerInto(lines),
    subgraphs: networkDomains({
      nodes: createAskNodes({ institutions: () => institutions, gatewayKey, logger: SILENT }),
      network: networkOf(institutions),
      activeInstitutions: () => ids(HOSPITAL, SPONSOR),
    }),
  });
  authorization = `Bearer ${await tokenFor(gatewayKey.thumbprint)}`;
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([hospital.stop(), sponsor.stop()]);
});
beforeEach(() => {
  Object.assign(said, { sponsor: SPONSOR, site: HOSPITAL, rows: true, next: false });
  lines.length = 0;
  hospital.received.length = 0;
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its own query selects.
async function ask(query: string, headers: Record<string, string> = {}): Promise<any> {
  return (await post(gateway, query, { headers })).body;
}
const asHolder = (query: string) => ask(query, { authorization });

describe("the participants of many trials' studies", () => {
  const page = (alias: string, first: number) =>
    `${alias}: participants(first: ${first}) { complete sources { status latencyMs } nodes { pseudonym } }`;
  const QUERY = `{ trials(first: ${TRIALS}) { nodes { study {
    ${page('a', 1)} ${page('b', 2)} one: participant(pseudonym: "90000001") { pseudonym } } } } }`;

  test('without a token are nothing shown, and no hospital is asked', async () => {
    const { data, errors } = await ask(QUERY);
    expect(hospital.received).toHaveLength(0);
    expect(errors).toBeUndefined();
    const sources = [{ status: 'NOT_PRESENTED', latencyMs: null }];
    const nothing = { complete: false, sources, nodes: [] };
    const studies = data.trials.nodes.map(({ study }: Json) => study);
    expect(studies).toEqual(Array(TRIALS).fill({ a: nothing, b: nothing, one: null }));
  });

  test('with one are a question for each page asked, and each in its own study', async () => {
    const withoutOne = QUERY.replace(/one: .*? \}/, '');
    const { data, errors } = await asHolder(withoutOne);
    expect(errors).toBeUndefined();
    for (const [n, { study }] of data.trials.nodes.entries()) {
      expect(study.a).toMatchObject({
        complete: true,
        nodes: [{ pseudonym: String(90_000_000 + n) }],
      });
      expect(study.b.nodes).toEqual(study.a.nodes);
    }
    expect(hospital.received).toHaveLength(2);
  });

  test('of pages so large that one question would be too much come in a few', async () => {
    const query = `{ trials(first: ${TRIALS}) { nodes { study { ${page('a', 1_000)} } } } }`;
    const { data } = await asHolder(query);
    expect(data.trials.nodes[99].study.a.nodes).toEqual([{ pseudonym: '90000099' }]);
    expect(hospital.received).toHaveLength(TRIALS / 10);
  });
});

describe('a node that says that another page follows', () => {
  const BEHIND = 'complete pageInfo { hasNextPage endCursor } sources { status }';
  const PAGES: readonly [string, string, (data: Json) => unknown][] = [
    ['trials', `{ trials { ${BEHIND} } }`, ({ trials }) => trials],
    ['studies', `{ studies { ${BEHIND} } }`, ({ studies }) => studies],
    [
      'participants',
      `{ trials(first: 1) { nodes { study { participants(first: 1) { ${BEHIND} } } } } }`,
      // biome-ignore lint/suspicious/noExplicitAny: what the query selects.
      ({ trials }: any) => trials.nodes[0]?.study.participants,
    ],
  ];

  test.each(PAGES)('of %s has that told behind its rows', async (name, query, read) => {
    said.next = true;
    const { data } = await asHolder(query);
    expect(read(data)).toMatchObject({
      complete: true,
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
      sources: [{ status: 'OK' }],
    });
    expect(name).toBeTruthy();
  });

  test.each(PAGES.filter(([name]) => name !== 'participants'))(
    'of %s behind no row has not answered: nobody reads on for ever',
    async (_, query, read) => {
      Object.assign(said, { rows: false, next: true });
      const { data } = await asHolder(query);
      expect(read(data)).toEqual({
        complete: false,
        pageInfo: { hasNextPage: false, endCursor: null },
        sources: [{ status: 'UNAVAILABLE' }],
      });
    },
  );
});

describe('a trial that names as sponsor and at a site', () => {
  const QUERY = `{
    trials(first: 2) { nodes { sponsor { id name } sites { institution { id name } } } }
    trial(id: "${idOf(0)}") { sponsor { id } sites { institution { id } } custodian { name } } }`;

  test('an institution of this network shows it', async () => {
    const { data, errors } = await ask(QUERY);
    expect(errors).toBeUndefined();
    const site = { institution: { id: HOSPITAL, name: `The ${HOSPITAL}` } };
    expect(data.trials.nodes[0]).toEqual({
      sponsor: { id: SPONSOR, name: `The ${SPONSOR}` },
      sites: [site],
    });
    expect(data.trial).toEqual({
      sponsor: { id: SPONSOR },
      sites: [{ institution: { id: HOSPITAL } }],
      custodian: { name: `The ${SPONSOR}` },
    });
  });

  test('one that the ledger does not list shows null, is no error and no line in the log', async () => {
    Object.assign(said, { sponsor: NOWHERE, site: NOWHERE });
    const { data, errors } = await ask(QUERY);
    expect(errors).toBeUndefined();
    const nobody = { sponsor: null, sites: [{ institution: null }] };
    expect(data.trials.nodes).toEqual([nobody, nobody]);
    expect(data.trial).toEqual({ ...nobody, custodian: { name: `The ${SPONSOR}` } });
    expect(lines.filter((line) => line.includes('a request failed'))).toEqual([]);
  });
});
