import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { STATEMENTS } from '../../../src/zk/statement.js';
import { compareSlice } from '../corpus/compare.js';
import { CORPUS_SEED, caseOf, LABELS } from '../corpus/corpus.js';
import { loadDeciders, STRICTER } from '../corpus/decisions.js';
import { PINNED } from '../corpus/pinned.js';
import { deploySolidityVerifier, type SolidityVerifier } from '../corpus/solidity-verifier.js';

const CASES = 500;
const policy = { production: false, allowDevelopmentKeys: false };

let solidity: SolidityVerifier;
beforeAll(async () => {
  solidity = await deploySolidityVerifier();
});
afterAll(() => solidity?.end());

describe('the corpus', () => {
  test('was pinned for every statement under the committed keys (else run test/zk/corpus/pin.ts)', async () => {
    expect(PINNED.map(({ statement }) => statement)).toEqual(STATEMENTS);
    for (const { statement, verificationKeySha256 } of PINNED) {
      const { sha256 } = await loadVerificationKey(statement, policy);
      expect(verificationKeySha256).toBe(sha256);
    }
  });

  test('is the same each time it is made', () => {
    expect(caseOf(17)).toEqual(caseOf(17));
    expect(caseOf(17)).not.toEqual(caseOf(17, CORPUS_SEED + 1));
  });

  test(`${CASES} inputs from seed ${CORPUS_SEED}: decided as by snarkjs and by the contract, or stricter`, async () => {
    const tally = await compareSlice(await loadDeciders(), solidity, 0, CASES);
    expect([...tally.stricter].sort()).toEqual(Object.keys(STRICTER).sort());
    expect([...tally.codes].sort()).toEqual([
      'FIELD_OUT_OF_RANGE',
      'PROOF_INVALID',
      'PROOF_MALFORMED',
      'accepted',
    ]);
    expect(tally.accepted).toBeGreaterThan(CASES / LABELS.length);
    expect(tally.onChain).toBeGreaterThan(CASES / 4);
  }, 240_000);
});

describe('a process that verifies', () => {
  test('has no worker, leaves nothing unhandled, and ends by itself', async () => {
    const script = fileURLToPath(new URL('../corpus/verify-alone.ts', import.meta.url));
    // Past this the child is killed, and run() rejects: it hung, or something kept it alive.
    const options = { timeout: 60_000, killSignal: 'SIGKILL' } as const;
    const args = ['--import', 'tsx', script, '0', `${LABELS.length}`];
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    const { decisions, workers } = JSON.parse(stdout);
    expect(workers).toBe(0);
    expect(decisions.map((said: string) => said === 'accepted')).toEqual(
      LABELS.map((label) => label.startsWith('valid')),
    );
  }, 120_000);
});
