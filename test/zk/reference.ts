import { babyjubjub } from '@noble/curves/misc.js';
import { poseidon2, poseidon3, poseidon4, poseidon5, poseidon7, poseidon13 } from 'poseidon-lite';

/**
 * The rules of the consent and accreditation statements as the protocol tells them, in plain arithmetic over
 * other implementations of Poseidon and of the curve. Nothing here comes from src/zk or circuits/: it is what
 * they are held against.
 */

export type Inputs = Readonly<Record<string, bigint | readonly bigint[]>>;

/** How many levels the shard and the top have. */
export type Levels = readonly [shard: number, top: number];

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const KIND = {
  ...{ PSEUDONYM: 1n, REQUESTER: 2n, CONSENT: 5n, ACCREDITATION: 6n },
  ...{ ISSUER: 7n, REQUEST: 8n, NULLIFIER: 9n },
};
const ANY_STUDY_GRANT = 8n;
const { Point } = babyjubjub;

/** Whether somebody who holds these values may claim a consent for what the request says. */
export function holdsConsent(inputs: Inputs, levels: Levels): boolean {
  const v = scalars(inputs);
  const validity = pack(v('validFrom'), v('validUntil'));
  const granted = pack(v('windowGrantedFrom'), v('windowGrantedUntil'));
  const asked = pack(v('windowAskedFrom'), v('windowAskedUntil'));
  const pseudonym = poseidon3([KIND.PSEUDONYM, v('ax'), v('ay')]);
  const requester = poseidon2([KIND.REQUESTER, v('g')]);
  const leaf = poseidon13([
    ...[KIND.CONSENT, pseudonym, requester, v('study'), v('institutionGranted')],
    ...[v('scopeGranted'), v('dutiesGranted'), validity, granted],
    ...[v('policy'), v('serial'), v('handle'), v('salt')],
  ]);
  const request = poseidon7([
    ...[KIND.REQUEST, v('institutionAsked'), v('study'), v('scopeAsked')],
    ...[v('dutiesAcknowledged'), asked, v('expires')],
  ]);
  return (
    areBelow(64n, ['asOf', 'expires', 'validFrom', 'validUntil'].map(v)) &&
    areBelow(64n, [v('windowGrantedFrom'), v('windowGrantedUntil')]) &&
    areBelow(64n, [v('windowAskedFrom'), v('windowAskedUntil')]) &&
    areBelow(96n, [v('scopeAsked'), v('scopeGranted')]) &&
    areBelow(32n, [v('dutiesGranted'), v('dutiesAcknowledged')]) &&
    v('nym') === pseudonym &&
    v('request') === request &&
    isUnderRoot(inputs, levels, leaf, v('issuerLeaf')) &&
    isSigned(v, leaf) &&
    (v('institutionGranted') === 0n || v('institutionGranted') === v('institutionAsked')) &&
    (v('scopeAsked') & ~v('scopeGranted')) === 0n &&
    (v('dutiesGranted') & ~v('dutiesAcknowledged')) === 0n &&
    v('windowGrantedFrom') <= v('windowAskedFrom') &&
    v('windowAskedFrom') < v('windowAskedUntil') &&
    v('windowAskedUntil') <= v('windowGrantedUntil') &&
    v('validFrom') <= v('asOf') &&
    v('asOf') < v('expires') &&
    v('expires') <= v('validUntil')
  );
}

/** Whether somebody who holds these values may claim to be accredited for what the request says. */
export function holdsAccreditation(inputs: Inputs, levels: Levels): boolean {
  const v = scalars(inputs);
  const requester = poseidon2([KIND.REQUESTER, v('g')]);
  const validity = pack(v('validFrom'), v('validUntil'));
  const leaf = poseidon7([
    ...[KIND.ACCREDITATION, requester, v('roles'), v('studyGranted'), v('party'), validity],
    v('salt'),
  ]);
  const issuerValidity = pack(v('issuerFrom'), v('issuerUntil'));
  const issuer = poseidon5([
    ...[KIND.ISSUER, v('issuerAx'), v('issuerAy'), issuerValidity, v('grants')],
  ]);
  const { role, study } = { role: v('role'), study: v('study') };
  return (
    areBelow(64n, ['asOf', 'validFrom', 'validUntil', 'issuerFrom', 'issuerUntil'].map(v)) &&
    areBelow(8n, [v('roles')]) &&
    areBelow(16n, [v('grants')]) &&
    v('nym') === poseidon4([KIND.NULLIFIER, v('g'), study, v('period')]) &&
    v('handle') === 0n &&
    v('request') === poseidon5([KIND.REQUEST, role, study, v('party'), v('period')]) &&
    isUnderRoot(inputs, levels, leaf, issuer) &&
    role < 8n &&
    hasBit(v('roles'), role) &&
    hasBit(v('grants'), role) &&
    (v('studyGranted') === study || v('studyGranted') === 0n) &&
    (v('studyGranted') !== 0n || hasBit(v('grants'), ANY_STUDY_GRANT)) &&
    v('validFrom') <= v('asOf') &&
    v('asOf') < v('validUntil') &&
    v('issuerFrom') <= v('asOf') &&
    v('asOf') < v('issuerUntil')
  );
}

function scalars(inputs: Inputs) {
  return (name: string): bigint => {
    const value = inputs[name];
    if (typeof value !== 'bigint') throw new Error(`no scalar ${name}`);
    return value;
  };
}

function pack(from: bigint, until: bigint): bigint {
  return (from * 2n ** 64n + until) % R;
}

function areBelow(bits: bigint, values: readonly bigint[]): boolean {
  return values.every((value) => value < 1n << bits);
}

function hasBit(set: bigint, bit: bigint): boolean {
  return ((set >> bit) & 1n) === 1n;
}

/** The leaf up to its shard's root, with the issuer beside it up to the network's. */
function isUnderRoot(inputs: Inputs, [shard, top]: Levels, leaf: bigint, issuer: bigint): boolean {
  const v = scalars(inputs);
  if (v('index') >= 1n << BigInt(shard) || v('slot') >= 1n << BigInt(top)) return false;
  const shardRoot = climb(leaf, inputs.shardSiblings, v('index'));
  const root = climb(poseidon2([shardRoot, issuer]), inputs.topSiblings, v('slot'));
  return root !== 0n && root === v('root');
}

function climb(node: bigint, siblings: Inputs[string] | undefined, index: bigint): bigint {
  if (!Array.isArray(siblings)) throw new Error('no siblings');
  return siblings.reduce(
    (below: bigint, sibling: bigint, i) =>
      poseidon2(hasBit(index, BigInt(i)) ? [sibling, below] : [below, sibling]),
    node,
  );
}

/** S·B8 = R8 + 8·h·A over Baby Jubjub, with A and R8 on the curve, S reduced and A of no low order. */
function isSigned(v: (name: string) => bigint, message: bigint): boolean {
  const order = Point.CURVE().n;
  const [a, r8] = [curvePoint(v('ax'), v('ay')), curvePoint(v('r8x'), v('r8y'))];
  if (a === undefined || r8 === undefined || v('s') >= order) return false;
  const eight = a.double().double().double();
  if (eight.toAffine().x === 0n) return false;
  const h = poseidon5([v('r8x'), v('r8y'), v('ax'), v('ay'), message]) % order;
  const left = v('s') === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(v('s'));
  return left.equals(r8.add(h === 0n ? Point.ZERO : eight.multiplyUnsafe(h)));
}

function curvePoint(x: bigint, y: bigint) {
  const { a, d } = Point.CURVE();
  const isOn = (a * x * x + y * y - 1n - d * x * x * y * y) % R === 0n;
  return isOn ? Point.fromAffine({ x, y }) : undefined;
}
