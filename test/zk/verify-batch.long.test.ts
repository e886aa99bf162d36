import { expect, test } from 'vitest';
import { CORPUS_SEED } from './corpus/corpus.js';
import { holdBatchesAgainstSnarkjs } from './hold-batches-against-snarkjs.js';

const CASES = 10_000;

test(`${CASES} inputs from seed ${CORPUS_SEED}, in batches: decided as alone and as by snarkjs`, async () => {
  expect(await holdBatchesAgainstSnarkjs(0, CASES, 1_000)).toBeGreaterThan(CASES / 4);
});
