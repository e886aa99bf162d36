import { expect, test } from 'vitest';
import { holdBatchesAgainstSnarkjs } from '../../support/zk/hold-batches-against-snarkjs.js';
import { CORPUS_SEED } from '../corpus/corpus.js';

const CASES = 10_000;

test(`${CASES} inputs from seed ${CORPUS_SEED}, in batches: decided as alone and as by snarkjs`, async () => {
  expect(await holdBatchesAgainstSnarkjs(0, CASES, 1_000)).toBeGreaterThan(CASES / 4);
});
