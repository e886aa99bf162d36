import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyingCurve } from '../../../src/zk/arithmetic/curve.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { parseProof } from '../../../src/zk/proof.js';
import { parseSignals } from '../../../src/zk/statement.js';
import { requireVerificationKey } from '../../../src/zk/verification-key.js';
import { holdTogether, termOf } from '../../../src/zk/verify/pairing-equation.js';
import { pairingKeyOf } from '../../../src/zk/verify/pairing-key.js';
import {
  loadStatements,
  verifyStatement,
  verifyStatements,
} from '../../../src/zk/verify/verify.js';
import type { ShownProof } from '../../../src/zk/verify/verify-batch.js';
import {
  holdBatchesAgainstSnarkjs,
  saidOf,
} from '../../support/zk/hold-batches-against-snarkjs.js';
import { CORPUS_SEED } from '../corpus/corpus.js';
import { pinnedOf } from '../corpus/pinned.js';
import { anyPoint1, readPoints, writePoints } from '../corpus/points.js';
import { randomOf } from '../corpus/random.js';

const CASES = 120;
const SEED = 20_261_124;
const policy = { production: false, allowDevelopmentKeys: false };

const pinned = pinnedOf('consent');
const good: ShownProof = { publicSignals: pinned.signals, proof: pinned.proof };
const wrong: ShownProof = { publicSignals: pinned.signals.with(1, '7'), proof: pinned.proof };
const malformed: ShownProof = { publicSignals: pinned.signals, proof: {} };
const unreduced: ShownProof = { publicSignals: pinned.signals.with(1, '07'), proof: pinned.proof };

const many = (count: number, one = good) => Array.from({ length: count }, () => one);
const verify = async (shown: readonly ShownProof[], limitMs?: number) => {
  const limits = limitMs === undefined ? {} : { limitMs };
  return (await verifyStatements('consent', shown, limits)).map(saidOf);
};

beforeAll(async () => {
  await loadStatements(policy);
});

describe('proofs verified together', () => {
  test(`are decided as alone and as by snarkjs: ${CASES} inputs from seed ${CORPUS_SEED}`, async () => {
    // Larger than a group, so that some batches have several.
    const held = await holdBatchesAgainstSnarkjs(10_000, 10_000 + CASES, 40);
    expect(held).toBeGreaterThan(CASES / 4);
  }, 120_000);

  test('take no other with them when one is refused, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(good, good, good, wrong, malformed, unreduced), { maxLength: 12 }),
        async (shown) => {
          const expected = shown.map((one) => {
            if (one === wrong) return 'PROOF_INVALID';
            if (one === malformed) return 'PROOF_MALFORMED';
            return one === unreduced ? 'FIELD_OUT_OF_RANGE' : 'accepted';
          });
          expect(await verify(shown)).toEqual(expected);
        },
      ),
      { seed: SEED, numRuns: 25 },
    );
  }, 60_000);

  test.each([1, 63, 64, 65])('find the one wrong proof at the end of %i', async (count) => {
    expect(await verify([...many(count - 1), wrong])).toEqual([
      ...many(count - 1).map(() => 'accepted'),
      'PROOF_INVALID',
    ]);
  });

  test('are all refused when all are wrong, past the end of the search too', async () => {
    expect(new Set(await verify(many(70, wrong)))).toEqual(new Set(['PROOF_INVALID']));
    const most = many(70, wrong).with(3, good).with(66, good);
    expect((await verify(most)).flatMap((said, i) => (said === 'accepted' ? [i] : []))).toEqual([
      3, 66,
    ]);
  });

  test('are none, of none', async () => {
    expect(await verify([])).toEqual([]);
  });

  test('that make up for each other are refused, each of them', async () => {
    const [plus, minus] = compensating();
    expect(await verify([plus, minus])).toEqual(['PROOF_INVALID', 'PROOF_INVALID']);
    expect(await verify([good, plus, good, minus])).toEqual([
      ...['accepted', 'PROOF_INVALID', 'accepted', 'PROOF_INVALID'],
    ]);

    // The attack is real: with weights that the attacker knows, the two hold together.
    const curve = await verifyingCurve();
    const { json } = await loadVerificationKey('consent', policy);
    const key = pairingKeyOf(curve, requireVerificationKey(curve, json));
    const terms = (weights: readonly bigint[]) =>
      [plus, minus].map(({ publicSignals, proof }, i) =>
        termOf(curve, parseProof(curve, proof), parseSignals(publicSignals), weights[i] ?? 1n),
      );
    expect(holdTogether(curve, key, terms([1n, 1n]))).toBe(true);
    expect(holdTogether(curve, key, terms([5n, 5n]))).toBe(true);
    expect(holdTogether(curve, key, terms([5n, 6n]))).toBe(false);
    for (const term of terms([1n, 2n])) expect(holdTogether(curve, key, [term])).toBe(false);
  });
});

describe('the time of a verification', () => {
  test('is limited, and what was decided by then stays decided', async () => {
    expect(await verify(many(3), 0)).toEqual(many(3).map(() => 'VERIFYING_TIMEOUT'));
    const said = await verify(many(1_000), 100);
    expect(said.at(-1)).toBe('VERIFYING_TIMEOUT');
    const decided = said.indexOf('VERIFYING_TIMEOUT');
    expect(new Set(said.slice(0, decided))).toEqual(
      decided === 0 ? new Set() : new Set(['accepted']),
    );
    expect(new Set(said.slice(decided))).toEqual(new Set(['VERIFYING_TIMEOUT']));
  });

  test('counts the wait for others', async () => {
    const before = verify(many(100));
    const behind = verify(many(100), 1);
    expect(new Set(await behind)).toEqual(new Set(['VERIFYING_TIMEOUT']));
    expect(new Set(await before)).toEqual(new Set(['accepted']));
  });

  test('is shared: the event loop goes round, and one proof does not wait for a hundred', async () => {
    let rounds = 0;
    let isOver = false;
    const count = () => {
      rounds += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const ended: string[] = [];
    const large = verify(many(100)).then(() => ended.push('a hundred'));
    await verifyStatement('consent', good.publicSignals, good.proof);
    ended.push('one');
    await large;
    isOver = true;
    expect(ended).toEqual(['one', 'a hundred']);
    expect(rounds).toBeGreaterThan(5);
  });
});

/** C + D and C - D: each wrong, and right in sum. */
function compensating(): readonly [ShownProof, ShownProof] {
  if (pinned === undefined) throw new Error('a consent is pinned');
  const points = readPoints(pinned.proof);
  const shift = anyPoint1(randomOf(SEED));
  const shown = (c: typeof points.c) => ({
    publicSignals: pinned.signals,
    proof: writePoints({ ...points, c }),
  });
  return [shown(points.c.add(shift)), shown(points.c.subtract(shift))];
}
