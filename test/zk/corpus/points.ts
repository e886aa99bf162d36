import { bn254 } from '@noble/curves/bn254.js';
import type { Proof } from '../../../src/zk/proof.js';
import type { Random } from './random.js';

/** BN254 by another implementation than the one under test: what an attacker computes with. */

const { Fp, Fp2 } = bn254.fields;
export const ONE = bn254.G1.Point;
export const TWO = bn254.G2.Point;
export type Point1 = typeof ONE.BASE;
export type Point2 = typeof TWO.BASE;

export interface Points {
  readonly a: Point1;
  readonly b: Point2;
  readonly c: Point1;
}

export function readPoint1(wire: readonly string[]): Point1 {
  const [x = '', y = ''] = wire;
  return ONE.fromAffine({ x: BigInt(x), y: BigInt(y) });
}

export function readPoint2(wire: readonly (readonly string[])[]): Point2 {
  const [x, y] = wire.map(([c0 = '', c1 = '']) => ({ c0: BigInt(c0), c1: BigInt(c1) }));
  if (x === undefined || y === undefined) throw new Error('a point has two coordinates');
  return TWO.fromAffine({ x: Fp2.create(x), y: Fp2.create(y) });
}

export function readPoints({ pi_a, pi_b, pi_c }: Proof): Points {
  return { a: readPoint1(pi_a), b: readPoint2(pi_b), c: readPoint1(pi_c) };
}

export function writePoints({ a, b, c }: Points) {
  return {
    pi_a: writePoint1(a),
    pi_b: writePoint2(b),
    pi_c: writePoint1(c),
    protocol: 'groth16',
    curve: 'bn128',
  };
}

function writePoint1(point: Point1): readonly string[] {
  const { x, y } = point.toAffine();
  return [`${x}`, `${y}`, '1'];
}

function writePoint2(point: Point2): readonly (readonly string[])[] {
  const { x, y } = point.toAffine();
  return [
    [`${x.c0}`, `${x.c1}`],
    [`${y.c0}`, `${y.c1}`],
    ['1', '0'],
  ];
}

/** A point of G1, or of G2's subgroup, that belongs to nothing. */
export const anyPoint1 = (random: Random) => ONE.BASE.multiplyUnsafe(random.bits(48) + 1n);
export const anyPoint2 = (random: Random) => TWO.BASE.multiplyUnsafe(random.bits(32) + 1n);

/** A point on the twist, all but surely outside the subgroup: the cofactor has 254 bits. */
export function twistPoint(random: Random): Point2 {
  for (;;) {
    const x = Fp2.create({ c0: random.bits(250), c1: random.bits(250) });
    // A third of the twist's b would do too, but this is what the curve says: y² = x³ + 3/(9 + u).
    const b = Fp2.div(Fp2.create({ c0: 3n, c1: 0n }), Fp2.create({ c0: 9n, c1: 1n }));
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    try {
      return TWO.fromAffine({ x, y: Fp2.sqrt(square) });
    } catch {
      // Half of all x have no y.
    }
  }
}

/** r times a point of the twist: of an order that divides the cofactor, so that the subgroup never sees it. */
export function cofactorPoint(random: Random): Point2 {
  const point = twistPoint(random);
  return point.multiplyUnsafe(TWO.Fn.ORDER - 1n).add(point);
}

/** 1/k modulo the subgroup's order. */
export const inverse = (k: bigint) => ONE.Fn.inv(k);

/** (x·z², y·z³, z): the same point to a reader that takes coordinates as Jacobian. */
export function jacobian([x = '', y = '']: readonly string[], z: bigint): readonly string[] {
  const square = Fp.sqr(z);
  return [`${Fp.mul(BigInt(x), square)}`, `${Fp.mul(BigInt(y), Fp.mul(square, z))}`, `${z}`];
}
