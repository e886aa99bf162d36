import type { Curve } from 'ffjavascript';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyingCurve } from '../../../src/zk/arithmetic/curve.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { type ProofPoints, parseProof } from '../../../src/zk/proof.js';
import { parseSignals } from '../../../src/zk/statement.js';
import { requireVerificationKey } from '../../../src/zk/verification-key.js';
import { type PairingKey, pairingKeyOf } from '../../../src/zk/verify/pairing-key.js';
import { judgeGroup } from '../../../src/zk/verify/verify-group.js';
import { pinnedOf } from '../corpus/pinned.js';

const pinned = pinnedOf('consent');
const right = parseSignals(pinned.signals);
const wrong = { ...right, nym: 7n };

let curve: Curve;
let key: PairingKey;
let points: ProofPoints;
beforeAll(async () => {
  curve = await verifyingCurve();
  const { json } = await loadVerificationKey('consent', {
    production: false,
    allowDevelopmentKeys: false,
  });
  key = pairingKeyOf(curve, requireVerificationKey(curve, json));
  points = parseProof(curve, pinned.proof);
});

/**
 * Judges a group, and counts the equations that were checked: each ends in one final
 * exponentiation.
 */
function judge(count: number, wrongAt: readonly number[], failuresLeft: number) {
  let checks = 0;
  const counted: Curve = {
    ...curve,
    finalExponentiation: (value) => {
      checks += 1;
      return curve.finalExponentiation(value);
    },
  };
  const refused: number[] = [];
  const decided: number[] = [];
  const candidates = Array.from({ length: count }, (_, index) => ({
    index,
    points,
    signals: wrongAt.includes(index) ? wrong : right,
  }));
  const decide = ({ index }: { readonly index: number }, holds: boolean) => {
    decided.push(index);
    if (!holds) refused.push(index);
  };
  const work = { curve: counted, key, decide, failuresLeft };
  judgeGroup(work, candidates);
  const byNumber = (a: number, b: number) => a - b;
  expect(decided.sort(byNumber)).toEqual(candidates.map(({ index }) => index));
  return { checks, refused: refused.sort(byNumber), failuresLeft: work.failuresLeft };
}

describe('a group of proofs', () => {
  test.each([
    [0, 0, 0],
    [1, 4, 1],
    [64, 4, 1],
    [3, 0, 3],
  ])('of %i good ones with %i failures left takes %i checks', async (count, failures, checks) => {
    const judged = judge(count, [], failures);
    expect(judged).toEqual({ checks, refused: [], failuresLeft: failures });
  });

  test.each([0, 31, 32, 63])('of 64 finds the wrong one at %i in 15 checks', async (at) => {
    const judged = judge(64, [at], 4);
    expect(judged.refused).toEqual([at]);
    expect(judged.checks).toBeLessThanOrEqual(15);
  });

  test.each<[string, number, readonly number[]]>([
    ['all wrong', 32, Array.from({ length: 32 }, (_, i) => i)],
    ['every other one wrong', 32, Array.from({ length: 16 }, (_, i) => 2 * i)],
    ['one wrong in each eighth', 32, [3, 4, 11, 12, 19, 20, 27, 28]],
    ['all wrong of two', 2, [0, 1]],
  ])(
    'takes a check for each proof and failure that was left, and one more, at most: %s',
    async (_name, count, wrongAt) => {
      const judged = judge(count, wrongAt, 2);
      expect(judged.refused).toEqual(wrongAt);
      expect(judged.checks).toBeLessThanOrEqual(count + 3);
      expect(judged.failuresLeft).toBeGreaterThanOrEqual(-1);
    },
  );
});
