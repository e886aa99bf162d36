import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInWords } from '../../../src/cli/commands/command-proposals.js';
import { type Decision, encodeDecision } from '../../../src/ledger/governance/decision.js';
import { proposeCall, proposeDecision } from '../../../src/ledger/governance/votes.js';
import { grantsOf } from '../../../src/zk/vocabulary.js';
import { issuerOf } from '../../support/ledger/issuers.js';
import {
  admissionOf,
  at,
  deployNetwork,
  newAccount,
  parametersOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

const home = mkdtempSync(join(tmpdir(), 'assent-proposals-'));
const { address } = newAccount();
const UNREADABLE = 'cannot be read by this version: do not vote for what you cannot read';
let chain: TestChain;
let network: SmallNetwork;

beforeAll(async () => {
  chain = await startChain();
  network = await deployNetwork(chain.anvil, 3);
});
afterAll(async () => {
  await chain.end();
  rmSync(home, { recursive: true, force: true });
});

/** The lines that the newest proposal is shown as, by the settings of a voter. */
async function newestInWords(): Promise<readonly string[]> {
  const { contract, pins } = network.register;
  const config = join(home, 'assent.json');
  const { chainId: ledgerChainId, genesisHash: ledgerGenesisHash, codeHash: ledgerCodeHash } = pins;
  const pinned = { ledgerChainId, ledgerGenesisHash, ledgerCodeHash };
  const ledger = { ledgerRpcUrls: chain.anvil.url, ledgerContract: contract };
  writeFileSync(config, JSON.stringify({ ...ledger, ...pinned }));
  const lines = await readInWords({ config, stateFolder: join(home, 'state') });
  return lines.slice(lines.findLastIndex((line) => !line.startsWith(' ')));
}

async function propose(decision: Decision): Promise<readonly string[]> {
  const { id } = await proposeDecision(network.register, at(network.accounts, 0), decision);
  const [first = '', ...lines] = await newestInWords();
  expect(first).toMatch(new RegExp(`^${id}  by institution-0, 1 of 2 votes, open until 20`));
  return lines.map((line) => line.trim());
}

describe('assent ledger proposals shows', () => {
  test('a rotation with the grants and parties that it would give', async () => {
    const grants = Number(
      grantsOf({ roles: ['TRADING_PARTNER', 'PAYER'], anyStudy: true, attestFacts: true }),
    );
    const validity = { validFrom: 3_976_214_400n, validUntil: 4_007_750_400n };
    const issuer = issuerOf(7, { grants, ...validity, parties: ['9525678000004', 'payer-0001'] });
    expect(await propose({ kind: 'ROTATE', slot: 1, account: address, issuer })).toEqual([
      'ROTATE institution-1, for its next term',
      `account ${address}`,
      'issuer key 1007, 1',
      'valid from 2026-01-01T00:00:00.000Z until 2027-01-01T00:00:00.000Z',
      'may accredit TRADING_PARTNER, PAYER; for any study; may attest facts',
      'for the parties "9525678000004", "payer-0001"',
    ]);
  });

  test('an admission that may accredit nobody, for ever and for no party', async () => {
    const issuer = issuerOf(9, { grants: 0, parties: [] });
    expect(await propose({ kind: 'ADMIT', ...admissionOf(9, address), issuer })).toEqual([
      'ADMIT institution-9 ("institution-9") as HOSPITAL',
      'endpoint "http://127.0.0.1/9"',
      `account ${address}`,
      'issuer key 1009, 1',
      'valid from 1900-01-01T00:00:00.000Z until the end of time',
      'accredits nobody; for single studies',
      'for no party',
    ]);
  });

  test('a grant that nobody can read as that', async () => {
    const issuer = issuerOf(9, { grants: 1 << 15 });
    const lines = await propose({ kind: 'REINSTATE', slot: 2, account: address, issuer });
    expect(lines[4]).toBe(`grants 32768: ${UNREADABLE}`);
  });

  test('no text of the proposer that would rewrite what the terminal shows', async () => {
    const name = '\u001b[2Kfine\u202e\u009b';
    const lines = await propose({ kind: 'ADMIT', ...admissionOf(9, address), name });
    expect(lines[0]).toContain(String.raw`("\u001b[2Kfine\u202e\u009b")`);
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  test('parameters, a suspension, and a call that cannot be read to its last byte', async () => {
    const parameters = parametersOf({ voteThreshold: 2 });
    expect(await propose({ kind: 'SET_PARAMETERS', parameters })).toContain('voteThreshold 2');
    expect((await propose({ kind: 'SUSPEND', slot: 2 }))[0]).toBe('SUSPEND institution-2');
    const call = `${encodeDecision({ kind: 'SUSPEND', slot: 2 })}00` as const;
    await proposeCall(network.register, at(network.accounts, 0), call);
    expect(await newestInWords()).toEqual([expect.any(String), `  ${UNREADABLE}`]);
  });
});
