import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareSlice } from '../corpus/compare.js';
import { CORPUS_SEED } from '../corpus/corpus.js';
import { loadDeciders, STRICTER } from '../corpus/decisions.js';
import { deploySolidityVerifier, type SolidityVerifier } from '../corpus/solidity-verifier.js';

const CASES = 10_000;

let solidity: SolidityVerifier;
beforeAll(async () => {
  solidity = await deploySolidityVerifier();
});
afterAll(() => solidity?.end());

test(`${CASES} inputs from seed ${CORPUS_SEED}: decided as by snarkjs and by the contract, or stricter`, async () => {
  const tally = await compareSlice(await loadDeciders(), solidity, 0, CASES);
  expect([...tally.stricter].sort()).toEqual(Object.keys(STRICTER).sort());
  expect(tally.cases).toBe(CASES);
});
