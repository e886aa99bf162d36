import { execute, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import type { LedgerInstitution } from '../../src/ledger/read/read.js';
import { RootHistory } from '../../src/ledger/watch/root-history.js';
import { LedgerSnapshot } from '../../src/ledger/watch/snapshot.js';
import { LedgerNetwork } from '../../src/network/source.js';
import { networkSubgraph } from '../../src/network/subgraph.js';
import { decidedOf } from '../support/ledger/decided.js';
import { issuerOf } from '../support/ledger/issuers.js';
import { ids } from '../support/network/stand.js';

const UNIX_EPOCH = 2_208_988_800;

function member(
  id: string,
  slot: number,
  more: Partial<LedgerInstitution> = {},
): LedgerInstitution {
  return {
    id: ids(id)[0] as LedgerInstitution['id'],
    name: `The ${id}`,
    endpoint: 'http://10.9.8.7:4011',
    account: '0xaaaa',
    roles: ['HOSPITAL'],
    status: 'ACTIVE',
    slot,
    term: 1,
    issuer: issuerOf(slot),
    issuerLeaf: 1n,
    anchors: 0,
    lastAnchor: undefined,
    pendingEndpoint: undefined,
    ...more,
  };
}

const SNAPSHOT = new LedgerSnapshot({
  chainId: 31_337,
  contract: '0x01',
  blockNumber: 9,
  blockHash: '0x02',
  blockAtMs: 0,
  readAtMs: 0,
  institutions: [
    member('riverside-hospital', 0, {
      lastAnchor: { shardRoot: 1n, digest: '0x03', epoch: 2, anchoredAt: UNIX_EPOCH },
    }),
    member('closed-hospital', 1, {
      status: 'SUSPENDED',
      pendingEndpoint: { endpoint: 'https://10.9.8.7', from: UNIX_EPOCH + 120 },
    }),
  ],
  roots: new RootHistory(7, [{ root: 21n ** 40n, anchoredAt: UNIX_EPOCH + 60 }]),
  decided: decidedOf(),
});

function networkOf(snapshot: () => LedgerSnapshot) {
  return new LedgerNetwork({
    snapshot,
    statements: [{ name: 'consent', verificationKeyHash: 'ab' }],
    parameters: { name: 'pilot', tokenMaxSeconds: 600 },
  });
}

async function ask(source: LedgerNetwork, query: string, variableValues = {}) {
  const schema = networkSubgraph<string>(source);
  const result = await execute({ schema, document: parse(query), variableValues });
  return JSON.parse(
    JSON.stringify({ ...result, errors: result.errors?.map((e) => e.originalError) }),
  );
}

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Institution { id name status roles anchoredAt } } }`;
const representations = ['closed-hospital', 'unheard-of', 'riverside-hospital'].map((id) => ({
  __typename: 'Institution',
  id,
}));

describe('the network subgraph', () => {
  test('shows the ledger’s head, its institutions and the statements; no endpoint', async () => {
    const { data } = await ask(
      networkOf(() => SNAPSHOT),
      `{ network { chainId contract epoch root anchoredAt statements { name vkeyHash }
         institutions { id status anchoredAt endpointChangesAt } parameters { name acknowledgementQuorum tokenMaxSeconds } } }`,
    );
    expect(data.network).toEqual({
      chainId: 31_337,
      contract: '0x01',
      epoch: 7,
      root: (21n ** 40n).toString(),
      anchoredAt: '1970-01-01T00:01:00.000Z',
      statements: [{ name: 'consent', vkeyHash: 'ab' }],
      institutions: [
        {
          id: 'riverside-hospital',
          status: 'ACTIVE',
          anchoredAt: '1970-01-01T00:00:00.000Z',
          endpointChangesAt: null,
        },
        {
          id: 'closed-hospital',
          status: 'SUSPENDED',
          anchoredAt: null,
          endpointChangesAt: '1970-01-01T00:02:00.000Z',
        },
      ],
      parameters: { name: 'pilot', acknowledgementQuorum: 2, tokenMaxSeconds: 600 },
    });
    expect(JSON.stringify(data)).not.toContain('10.9.8.7');
  });

  test('resolves institutions by reference; an unknown one is null, beside the others', async () => {
    const { data } = await ask(
      networkOf(() => SNAPSHOT),
      ENTITIES,
      { representations },
    );
    expect(data._entities).toMatchObject([{ status: 'SUSPENDED' }, null, { roles: ['HOSPITAL'] }]);
  });

  test('keeps names while the ledger is silent, but does not show its head', async () => {
    let silent = false;
    const source = networkOf(() => {
      if (silent) throw new DomainError('LEDGER_UNAVAILABLE');
      return SNAPSHOT;
    });
    await ask(source, '{ network { epoch } }');
    silent = true;
    const entities = await ask(source, ENTITIES, { representations });
    expect(entities.data._entities[2].name).toBe('The riverside-hospital');
    expect((await ask(source, '{ network { epoch } }')).errors).toMatchObject([
      { code: 'LEDGER_UNAVAILABLE' },
    ]);
  });

  test('has no names before it has ever seen the ledger', async () => {
    const source = networkOf(() => {
      throw new DomainError('LEDGER_UNAVAILABLE');
    });
    const { errors } = await ask(source, ENTITIES, { representations });
    expect(errors).toMatchObject(representations.map(() => ({ code: 'LEDGER_UNAVAILABLE' })));
  });
});
