import { babyjubjub } from '@noble/curves/misc.js';
import { poseidon2, poseidon5 } from 'poseidon-lite';

/**
 * What the statements' rules are made of, in plain arithmetic over other implementations of Poseidon and of
 * the curve. Nothing here comes from src/zk or circuits/: it is what they are held against.
 */

export type Inputs = Readonly<Record<string, bigint | readonly bigint[]>>;

/** How many levels the shard and the top have; what eligibility has beside them stands behind. */
export type Levels = readonly [shard: number, top: number, ...others: number[]];

export const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
export const KIND = {
  PSEUDONYM: 1n,
  REQUESTER: 2n,
  CONSENT: 5n,
  ACCREDITATION: 6n,
  FORMER_ISSUER: 7n,
  ISSUER: 15n,
  MANDATE: 16n,
  PARTIES: 17n,
  REQUEST: 8n,
  NULLIFIER: 9n,
  CREDENTIAL: 12n,
  FACTS: 13n,
  CRITERIA: 14n,
};
const { Point } = babyjubjub;

export function scalars(inputs: Inputs) {
  return (name: string): bigint => {
    const value = inputs[name];
    if (typeof value !== 'bigint') throw new Error(`no scalar ${name}`);
    return value;
  };
}

export function pack(from: bigint, until: bigint): bigint {
  return (from * 2n ** 64n + until) % R;
}

export function areBelow(bits: bigint, values: readonly bigint[]): boolean {
  return values.every((value) => value < 1n << bits);
}

export function hasBit(set: bigint, bit: bigint): boolean {
  return ((set >> bit) & 1n) === 1n;
}

/** The leaf up to its shard's root, with the issuer beside it up to the network's. */
export function isUnderRoot(
  inputs: Inputs,
  [shard, top]: Levels,
  leaf: bigint,
  issuer: bigint,
): boolean {
  const v = scalars(inputs);
  if (v('index') >= 1n << BigInt(shard) || v('slot') >= 1n << BigInt(top)) return false;
  const shardRoot = climb(leaf, inputs.shardSiblings, v('index'));
  const root = climb(poseidon2([shardRoot, issuer]), inputs.topSiblings, v('slot'));
  return root !== 0n && root === v('root');
}

export function climb(node: bigint, siblings: Inputs[string] | undefined, index: bigint): bigint {
  if (!Array.isArray(siblings)) throw new Error('no siblings');
  return siblings.reduce(
    (below: bigint, sibling: bigint, i) =>
      poseidon2(hasBit(index, BigInt(i)) ? [sibling, below] : [below, sibling]),
    node,
  );
}

export interface PlainKey {
  readonly ax: bigint;
  readonly ay: bigint;
}

/** The key of a secret scalar, which need not be reduced. */
export function keyOf(scalar: bigint): PlainKey {
  const { x, y } = times(Point.BASE, scalar % Point.CURVE().n).toAffine();
  return { ax: x, ay: y };
}

/**
 * S·B8 = R8 + 8·h·A over Baby Jubjub, with A and R8 on the curve, S reduced and A of no low order.
 *
 * @param signature - x and y of R8, then S.
 */
export function isSigned(
  { ax, ay }: PlainKey,
  [x, y, s]: readonly [x: bigint, y: bigint, s: bigint],
  message: bigint,
): boolean {
  const order = Point.CURVE().n;
  const [a, r8] = [curvePoint(ax, ay), curvePoint(x, y)];
  if (a === undefined || r8 === undefined || s >= order) return false;
  const eight = a.double().double().double();
  if (eight.toAffine().x === 0n) return false;
  const h = poseidon5([x, y, ax, ay, message]) % order;
  return times(Point.BASE, s).equals(r8.add(times(eight, h)));
}

function times(point: typeof Point.BASE, scalar: bigint) {
  return scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar);
}

function curvePoint(x: bigint, y: bigint) {
  const { a, d } = Point.CURVE();
  const isOn = (a * x * x + y * y - 1n - d * x * x * y * y) % R === 0n;
  return isOn ? Point.fromAffine({ x, y }) : undefined;
}
