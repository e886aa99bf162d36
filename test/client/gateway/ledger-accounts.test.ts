import { getAbiItem } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src/client/gateway/gateway.js';
import {
  accountsOfGateways,
  accountsOnLedger,
  MEMBER,
} from '../../../src/client/gateway/ledger-accounts.js';
import { requireSignedByInstitution } from '../../../src/client/gateway/receipt.js';
import { type ReceiptBody, receiptHash } from '../../../src/core/evidence/receipt.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { registerAbi } from '../../../src/ledger/contract/register-abi.js';
import { signHash } from '../../../src/ledger/write/sign-hash.js';
import { refusal } from '../../support/client/sample.js';
import { at, CHAIN_ID, deployNetwork, startChain } from '../../support/ledger/small-network.js';

let chain: Awaited<ReturnType<typeof startChain>>;
let network: Awaited<ReturnType<typeof deployNetwork>>;
let pins: { network: string; chainId: number; contract: string };
beforeAll(async () => {
  chain = await startChain();
  network = await deployNetwork(chain.anvil, 3);
  pins = { network: 'pilot', chainId: CHAIN_ID, contract: network.register.contract };
});
afterAll(() => chain.end());

const addressOf = (slot: number) => at(network.accounts, slot).address.toLowerCase();
const endpoint = () => ({ fetch, rpcUrl: chain.anvil.url });

describe('accounts read on the ledger by the wallet itself', () => {
  test('are read where the contract has them', () => {
    const [page] = getAbiItem({ abi: registerAbi, name: 'institutions' }).outputs;
    const names = page.components.map(({ name }) => name);
    const places = Object.fromEntries(
      Object.keys(MEMBER).map((name) => [name, names.findIndex((other) => other === name)]),
    );
    expect(places).toEqual(MEMBER);
  });

  test('are those of the real contract', async () => {
    const found = await accountsOnLedger(endpoint(), pins).accounts();
    expect([...found]).toEqual([0, 1, 2].map((slot) => [`institution-${slot}`, addressOf(slot)]));
  });

  test('sign what a receipt says', async () => {
    const ledger = accountsOnLedger(endpoint(), pins);
    const body: ReceiptBody = {
      ...pins,
      institution: toInstitutionId('institution-1'),
      act: 'WITHDRAW',
      request: { secrets: ['5'] },
      outcome: { refused: [] },
      nonce: 'n'.repeat(16),
      at: 1_000,
      anchorBy: 1_100,
    };
    const by = (slot: number) => signHash(at(network.accounts, slot), receiptHash(body));
    await requireSignedByInstitution(ledger, { body, signature: await by(1) });
    await expect(
      requireSignedByInstitution(ledger, { body, signature: await by(2) }),
    ).rejects.toMatchObject({ code: 'RECEIPT_INVALID', facts: { check: 'account' } });
  });

  test('are none at an address where no register is', async () => {
    const elsewhere = { ...pins, contract: `0x${'1'.repeat(40)}` };
    expect((await accountsOnLedger(endpoint(), elsewhere).accounts()).size).toBe(0);
  });

  test('are refused of another chain, and from an endpoint that does not answer', async () => {
    const other = accountsOnLedger(endpoint(), { ...pins, chainId: CHAIN_ID + 1 });
    await expect(other.accounts()).rejects.toThrow(refusal('LEDGER_MISMATCH'));
    const silent = accountsOnLedger({ fetch, rpcUrl: 'http://127.0.0.1:9' }, pins);
    await expect(silent.accounts()).rejects.toThrow(refusal('LEDGER_UNAVAILABLE'));
  });

  test.each([
    ['a list without an end', `0x${'0'.repeat(62)}20${'f'.repeat(64)}`],
    ['texts that begin nowhere', `0x${'0'.repeat(62)}20${'0'.repeat(63)}1${'f'.repeat(64)}`],
  ])('are refused from an endpoint that answers %s', async (_, result) => {
    const lying: typeof fetch = async (_url, init) => {
      const { method } = JSON.parse(String(init?.body)) as { method: string };
      const answer = method === 'eth_chainId' ? `0x${CHAIN_ID.toString(16)}` : result;
      return new Response(JSON.stringify({ jsonrpc: '2.0', id: 1, result: answer }));
    };
    const ledger = accountsOnLedger({ fetch: lying, rpcUrl: 'http://ledger' }, pins);
    await expect(ledger.accounts()).rejects.toThrow(refusal('LEDGER_UNAVAILABLE'));
  });
});

describe('accounts that two gateways tell', () => {
  const row = { id: 'institution-0', account: `0x${'a'.repeat(40)}`, status: 'ACTIVE' };
  const gateway = (thumbprint: string, institutions: object[] = [row], change = {}): Gateway => ({
    thumbprint,
    send: async () => ({
      data: { network: { chainId: CHAIN_ID, contract: pins.contract, institutions, ...change } },
      errors: [],
    }),
  });

  test('are believed if they agree', async () => {
    const suspended = { ...row, id: 'institution-1', status: 'SUSPENDED' };
    const upper = { ...row, account: `0x${'A'.repeat(40)}` };
    const two = [gateway('one', [row, suspended]), gateway('other', [upper])];
    const found = await accountsOfGateways(two, pins).accounts();
    expect([...found]).toEqual([['institution-0', `0x${'a'.repeat(40)}`]]);
  });

  test.each([
    ['another account', [{ ...row, account: `0x${'b'.repeat(40)}` }], {}],
    ['one institution less', [], {}],
    ['one more', [row, { ...row, id: 'institution-9' }], {}],
    ['another chain', [row], { chainId: 5 }],
    ['another contract', [row], { contract: `0x${'2'.repeat(40)}` }],
  ])('are refused if the second tells %s', async (_, rows, change) => {
    const two = [gateway('one'), gateway('other', rows, change)];
    await expect(accountsOfGateways(two, pins).accounts()).rejects.toThrow(
      refusal('LEDGER_MISMATCH'),
    );
  });

  test('are not asked of one gateway alone, nor of one twice', () => {
    for (const gateways of [[gateway('one')], [gateway('one'), gateway('one')]]) {
      expect(() => accountsOfGateways(gateways, pins)).toThrow(refusal('BAD_INPUT'));
    }
  });
});
