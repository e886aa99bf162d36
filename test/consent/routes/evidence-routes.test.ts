import { fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_HEADERS, signAuditRequest } from '../../../src/consent/evidence/auditor.js';
import { addEvidenceRoutes } from '../../../src/consent/routes/evidence.js';
import { type Bytes32, fromBytes32, toBytes32 } from '../../../src/core/bytes32.js';
import { isConsistent, rootOfInclusion } from '../../../src/core/evidence/merkle-tree.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { anchor, append } from '../../support/consent/evidence-log.js';
import { type FeedNetwork, openFeedNetwork } from '../../support/consent/feed-network.js';
import { at } from '../../support/ledger/small-network.js';

const SPONSOR = toInstitutionId('northwind-trials');
const AUDITOR = toInstitutionId('riverside-hospital');
const SUSPENDED = toInstitutionId('hillside-hospital');
const server = fastify();
let network: FeedNetwork;
let leaves: readonly Bytes32[];
let digests: readonly Bytes32[];

beforeAll(async () => {
  network = await openFeedNetwork(SPONSOR, AUDITOR, SUSPENDED);
  network.institutions[2] = { ...at(network.institutions, 2), status: 'SUSPENDED' };
  addEvidenceRoutes(server, network.feedOf(SPONSOR));
  const earlier = await append(network, SPONSOR, 1, 2, 3);
  const first = await anchor(network, SPONSOR);
  leaves = [...earlier, ...(await append(network, SPONSOR, 4, 5, 6))];
  digests = [first, await anchor(network, SPONSOR)];
});
afterAll(async () => {
  await server.close();
  await network.close();
});

async function ask(path: string, from = AUDITOR, headers: Record<string, string> = {}) {
  const signed = await signAuditRequest(network.feedOf(from), SPONSOR, path);
  return server.inject({ method: 'GET', url: path, headers: { ...signed, ...headers } });
}

async function headAt(digest: Bytes32) {
  const { heads } = (await ask(`/evidence/digest/${digest}`)).json();
  return { size: heads.RECORDS.size as number, root: fromBytes32(heads.RECORDS.root) };
}

const bytesOf = (path: readonly Bytes32[]) => path.map(fromBytes32);

describe('the logs of a node', () => {
  test('are opened to another institution under any digest that was prepared', async () => {
    const heads = await Promise.all(digests.map(headAt));
    expect(heads.map(({ size }) => size)).toEqual([3, 6]);
    const [first, second] = [at(heads, 0), at(heads, 1)];
    const proof = (await ask('/evidence/RECORDS/consistency?first=3&second=6')).json();
    expect(isConsistent(first, second, bytesOf(proof.path))).toBe(true);
    for (const [index, leaf] of leaves.entries()) {
      const found = (await ask(`/evidence/RECORDS/inclusion/${leaf}?size=6`)).json();
      expect(found.index).toBe(index);
      const root = rootOfInclusion(fromBytes32(leaf), { index, size: 6 }, bytesOf(found.path));
      expect(root && toBytes32(root)).toBe(toBytes32(second.root));
    }
  });

  test.each([
    ['a digest of nobody', () => `/evidence/digest/0x${'0'.repeat(64)}`],
    ['no digest', () => '/evidence/digest/0x00'],
    ['another log', () => '/evidence/CLAIMS/consistency?first=1&second=2'],
    ['a size beyond the log', () => '/evidence/RECORDS/consistency?first=3&second=7'],
    ['sizes the wrong way round', () => '/evidence/RECORDS/consistency?first=4&second=3'],
    ['a size of nothing', () => '/evidence/RECORDS/consistency?first=0&second=3'],
    ['a log that the leaf is not in', () => `/evidence/DISCLOSURES/inclusion/${leaves[0]}?size=1`],
    ['a size before the leaf', () => `/evidence/RECORDS/inclusion/${leaves[4]}?size=4`],
  ])('refuse %s', async (_what, path) => {
    const response = await ask(path());
    expect([response.statusCode, response.json().code]).toEqual([400, 'BAD_INPUT']);
  });
});

describe('how many entries a log has', () => {
  const refusal = async (...of: Parameters<typeof ask>) => {
    const response = await ask(...of);
    expect(response.statusCode).toBe(400);
    return response.json().code;
  };
  const path = () => `/evidence/digest/${digests[1]}`;

  test('is told to no stranger and to no suspended institution', async () => {
    const anonymous = await server.inject({ method: 'GET', url: path() });
    expect([anonymous.statusCode, anonymous.json().code]).toEqual([400, 'INSTITUTION_UNKNOWN']);
    expect(await refusal(path(), SUSPENDED)).toBe('INSTITUTION_UNKNOWN');
  });

  test('is not told to who names another institution than the one that signed', async () => {
    const headers = { [AUDIT_HEADERS.institution]: SPONSOR };
    expect(await refusal(path(), AUDITOR, headers)).toBe('SIGNATURE_INVALID');
  });

  test('is not told for a signature over another question, or of another minute', async () => {
    const other = await signAuditRequest(network.feedOf(AUDITOR), SPONSOR, '/evidence/digest/0x');
    expect(await refusal(path(), AUDITOR, other)).toBe('SIGNATURE_INVALID');
    const signed = await signAuditRequest(network.feedOf(AUDITOR), SPONSOR, path());
    network.advance(61_000);
    expect(await refusal(path(), AUDITOR, signed)).toBe('SIGNATURE_INVALID');
  });

  test('is not told to an institution that passes on what an auditor asked of it', async () => {
    const toAnother = await signAuditRequest(network.feedOf(AUDITOR), SUSPENDED, path());
    expect(await refusal(path(), AUDITOR, toAnother)).toBe('SIGNATURE_INVALID');
    expect((await ask(path())).statusCode).toBe(200);
  });

  test('is not told for a time that is none', async () => {
    expect(await refusal(path(), AUDITOR, { [AUDIT_HEADERS.at]: 'now' })).toBe('SIGNATURE_INVALID');
  });
});
