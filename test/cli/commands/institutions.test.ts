import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInstitutionLines } from '../../../src/cli/commands/command-institutions.js';
import { setEndpoint } from '../../../src/ledger/governance/register-client.js';
import { readInstitutions } from '../../../src/ledger/read/read.js';
import {
  at,
  deployNetwork,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

const home = mkdtempSync(join(tmpdir(), 'assent-institutions-'));
let chain: TestChain;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(async () => {
  await chain.end();
  rmSync(home, { recursive: true, force: true });
});

/** What an operator is shown, by the settings of one that reads this ledger. */
function linesOf({ register }: SmallNetwork): Promise<readonly string[]> {
  const { contract, pins } = register;
  const config = join(home, 'assent.json');
  const ledger = { ledgerRpcUrls: chain.anvil.url, ledgerContract: contract };
  writeFileSync(config, JSON.stringify({ ...ledger, ledgerChainId: pins.chainId }));
  return readInstitutionLines({ config, stateFolder: join(home, 'state', contract) });
}

async function endpointsOf({ register }: SmallNetwork) {
  const institutions = await readInstitutions(
    register,
    await register.ledger.client.getBlockNumber(),
  );
  return institutions.map(({ endpoint, pendingEndpoint }) => [endpoint, pendingEndpoint?.endpoint]);
}

test('endpoint-change: what a stolen key writes is seen before anybody is led there', async () => {
  const network = await deployNetwork(chain.anvil, 2, 0, {}, 3_600);
  await setEndpoint(network.register, at(network.accounts, 0), 'https://thief.example/');
  expect(await endpointsOf(network)).toEqual([
    ['http://127.0.0.1/0', 'https://thief.example/'],
    ['http://127.0.0.1/1', undefined],
  ]);
  expect(await linesOf(network)).toEqual([
    'institution-0  ACTIVE, HOSPITAL, answers at "http://127.0.0.1/0"',
    expect.stringMatching(/^ {2}from 20\d\d-.*Z at "https:\/\/thief.example\/": ask it/),
    'institution-1  ACTIVE, HOSPITAL, answers at "http://127.0.0.1/1"',
  ]);
});

test('endpoint-change: it takes effect by the time of the block once the delay is over', async () => {
  const network = await deployNetwork(chain.anvil, 2, 0, {}, 2);
  await setEndpoint(network.register, at(network.accounts, 0), 'https://moved.example/');
  expect(at(await endpointsOf(network), 0)).toEqual([
    'http://127.0.0.1/0',
    'https://moved.example/',
  ]);
  await sleep(2_500);
  await setEndpoint(network.register, at(network.accounts, 1), 'https://elsewhere.example/');
  expect(await endpointsOf(network)).toEqual([
    ['https://moved.example/', undefined],
    ['http://127.0.0.1/1', 'https://elsewhere.example/'],
  ]);
});
