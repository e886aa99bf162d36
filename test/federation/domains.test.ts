import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkDomains } from '../../src/federation/domains.js';
import { idOfLot } from '../../src/graph/node/id.js';
import { createAskNodes } from '../../src/network/ask-nodes.js';
import {
  gatewayKey,
  institution,
  networkOf,
  post,
  startGateway,
  tokenFor,
} from '../support/federation/stand.js';
import { ids, SILENT } from '../support/network/stand.js';

/** Every institution of the pilot, and every node dead: what is left is what the gateway itself does. */
const DEAD = 'http://127.0.0.1:1';
const INSTITUTIONS = [
  institution('riverside-hospital', DEAD),
  institution('lakeshore-hospital', DEAD),
  institution('northwind-trials', DEAD, { roles: ['SPONSOR'] }),
  institution('helix-pharma', DEAD, { roles: ['MANUFACTURER'] }),
  institution('corner-pharmacy', DEAD, { roles: ['PHARMACY'] }),
];
let gateway: FastifyInstance;
let authorization: string;

beforeAll(async () => {
  const options = { institutions: () => INSTITUTIONS, gatewayKey, logger: SILENT };
  gateway = await startGateway(INSTITUTIONS, {
    subgraphs: networkDomains({
      nodes: createAskNodes(options),
      network: networkOf(INSTITUTIONS),
      activeInstitutions: () => ids(...INSTITUTIONS.map(({ id }) => id)),
    }),
  });
  authorization = `Bearer ${await tokenFor(gatewayKey.thumbprint)}`;
});

afterAll(() => gateway.close());

const ask = (query: string) => post(gateway, query, { headers: { authorization } });

/** Root fields of the API that ask no node, or refuse before they ask one. */
const ASK_NOBODY = ['network', 'institution', 'my', 'walletBackup'];

describe('with every node dead, the composed domains', () => {
  test('have no root field but those that are asked below', async () => {
    const { body } = await ask('{ __schema { queryType { fields { name } } } }');
    const { fields } = (
      body.data as unknown as { __schema: { queryType: { fields: { name: string }[] } } }
    ).__schema.queryType;
    const asked = [
      'study',
      'studies',
      'node',
      'nodes',
      'withdrawals',
      'trials',
      'trial',
      'verifyProduct',
      'trace',
      'lot',
      ...ASK_NOBODY,
    ];
    expect(fields.map(({ name }) => name).sort()).toEqual(asked.sort());
  });

  test('answer what is left, say what is missing, and name no host', async () => {
    const { body, text } = await ask(`{
      network { epoch institutions { name } }
      study(id: "NCT90000001") { id participants { nodes { pseudonym } complete } }
      access: study(id: "NCT90000001") { access { presented } sources { status } }
      studies { nodes { __typename } complete }
      withdrawals(study: "NCT90000001", waitSeconds: 25) { nodes { pseudonym } complete }
      trials(first: 5) { nodes { id } complete sources { status institution { name } } }
      trial(id: "NCT90000001") { id }
      verifyProduct(gtin: "09506000134352", serial: "1", lot: "L1", expiry: "2030-01-01") { verified reason }
      trace(epc: "https://id.gs1.org/01/09506000134352/21/1") { complete }
      lot(gtin: "09506000134352", lot: "L1") { complete product { name } }
      node(id: "NCT90000001") { id }
      nodes(ids: ["${idOfLot({ gtin: '09506000134352', lot: 'L1' })}", "no id at all"]) { id }
    }`);
    // Null says here that nobody could be asked: the error beside it tells.
    const unknown = body.errors?.map(({ path, extensions }) => [
      ...[path?.join('.'), extensions.code, extensions.retry],
    ]);
    const fields = ['study', 'access', 'trial', 'lot', 'node', 'nodes.0'];
    expect(unknown).toHaveLength(fields.length);
    expect(unknown).toEqual(
      expect.arrayContaining(fields.map((field) => [field, 'SOURCE_UNAVAILABLE', 'LATER'])),
    );
    expect(body.data).toMatchObject({
      network: { epoch: 5, institutions: { length: 5 } },
      study: null,
      studies: { nodes: [], complete: false },
      withdrawals: { nodes: [], complete: false },
      lot: null,
      trials: {
        nodes: [],
        complete: false,
        sources: [{ status: 'UNAVAILABLE', institution: { name: 'The northwind-trials' } }],
      },
      trial: null,
      node: null,
      nodes: [null, null],
      trace: { complete: false },
    });
    // A maker that cannot be asked has not said no.
    expect(body.data?.verifyProduct).toMatchObject({ reason: 'SOURCE_UNAVAILABLE' });
    expect(text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|http:/);
  });

  test('refuse by code what is wrong whatever the nodes say', async () => {
    const codes = async (query: string) => {
      const { body, text } = await ask(query);
      expect(text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
      return body.errors?.map(({ extensions }) => extensions.assentCode);
    };
    expect(await codes('{ trials(first: 0) { complete } }')).toEqual(['BAD_INPUT']);
    expect(await codes('{ trials(after: "x") { complete } }')).toEqual(['BAD_INPUT']);
    // A number is an ID like any other, however large it is: the nodes would know.
    const large = '{ trial(id: 12345678901234567890) { id } }';
    expect(await codes(large)).toEqual(['SOURCE_UNAVAILABLE']);
    expect(await codes('{ trial(id: "no such form of id!") { id } }')).toEqual(['ID_MALFORMED']);
  });
});
