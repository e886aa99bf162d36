import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { blake512 } from '@noble/hashes/blake1.js';
import { DomainError, invariant } from '../core/errors.js';
import { isInPrimeSubgroup } from './arithmetic/eddsa-subgroup.js';
import { FIELD_ORDER, toField } from './arithmetic/field.js';
import { poseidon } from './poseidon/poseidon.js';

const { Point } = babyjubjub;
const SUBGROUP_ORDER = Point.CURVE().n;
const SEED_BYTES = 32;

/** A point of Baby Jubjub's prime subgroup, affine. */
export interface EddsaPublicKey {
  readonly ax: bigint;
  readonly ay: bigint;
}

export interface EddsaSignature {
  readonly r8x: bigint;
  readonly r8y: bigint;
  readonly s: bigint;
}

/**
 * The public key of a seed.
 *
 * @param seed - 32 secret bytes; never used for anything but this scheme.
 * @source the rule of circomlibjs's Eddsa.prv2pub, which the tests use as oracle
 */
export function eddsaPublicKey(seed: Uint8Array): EddsaPublicKey {
  const { x, y } = Point.BASE.multiply(eddsaScalar(seed)).toAffine();
  return { ax: x, ay: y };
}

/**
 * The secret scalar of a seed: its public key is this multiple of Base8.
 *
 * Only for a witness. Anyone who has it can sign as the owner of the seed.
 *
 * @returns below the subgroup's order, which has 251 bits.
 * @source the template BabyPbk of circomlib/circuits/babyjub.circom
 */
export function eddsaScalar(seed: Uint8Array): bigint {
  return (secretsOf(seed).scalar >> 3n) % SUBGROUP_ORDER;
}

/**
 * Signs one field element, deterministically, with EdDSA over Baby Jubjub and Poseidon.
 *
 * @param message - the Poseidon of a typed message; a raw challenge is never signed.
 * @throws FIELD_OUT_OF_RANGE
 * @source byte-equal with circomlibjs's Eddsa.signPoseidon
 */
export function signEddsa(seed: Uint8Array, message: bigint): EddsaSignature {
  const { scalar, prefix } = secretsOf(seed);
  const { ax, ay } = eddsaPublicKey(seed);
  const nonce = littleEndian(blake512(concatenate(prefix, toLittleEndian(toField(message)))));
  const r = nonce % SUBGROUP_ORDER;
  invariant(r !== 0n, 'a nonce of 512 hashed bits is not zero');
  const { x: r8x, y: r8y } = Point.BASE.multiply(r).toAffine();
  const s = (r + poseidon([r8x, r8y, ax, ay, message]) * scalar) % SUBGROUP_ORDER;
  return { r8x, r8y, s };
}

/**
 * Requires that the key signed this message: S·B8 = R8 + 8·h·A.
 *
 * Keys and R8 outside the prime subgroup are refused here although the equation may hold for them:
 * the attacker would have several keys, hence several pseudonyms, under one signature.
 *
 * @throws SIGNATURE_INVALID
 */
export function requireEddsa(
  publicKey: EddsaPublicKey,
  message: bigint,
  signature: EddsaSignature,
): void {
  const a = requireSubgroupPoint(publicKey.ax, publicKey.ay);
  // That R8 lies in the subgroup follows from the equation, whose other terms do.
  const r8 = requireCurvePoint(signature.r8x, signature.r8y);
  const { s } = signature;
  if (s <= 0n || s >= SUBGROUP_ORDER || message < 0n || message >= FIELD_ORDER) throw invalid();
  const h = poseidon([signature.r8x, signature.r8y, publicKey.ax, publicKey.ay, message]);
  const right = r8.add(a.multiplyUnsafe((8n * h) % SUBGROUP_ORDER));
  if (!Point.BASE.multiplyUnsafe(s).equals(right)) throw invalid();
}

/** Requires a point of the prime subgroup other than its zero: what a public key must be. */
export function requireEddsaPublicKey({ ax, ay }: EddsaPublicKey): void {
  requireSubgroupPoint(ax, ay);
}

function requireSubgroupPoint(x: bigint, y: bigint): EdwardsPoint {
  const point = requireCurvePoint(x, y);
  if (!isInPrimeSubgroup(x, y)) throw invalid();
  return point;
}

function requireCurvePoint(x: bigint, y: bigint): EdwardsPoint {
  if (x < 0n || x >= FIELD_ORDER || y < 0n || y >= FIELD_ORDER) throw invalid();
  if (!isOnCurve(x, y)) throw invalid();
  const point = Point.fromAffine({ x, y });
  if (point.is0()) throw invalid();
  return point;
}

/** Written out, because fromAffine() does not check it: a·x² + y² = 1 + d·x²·y². */
function isOnCurve(x: bigint, y: bigint): boolean {
  const { a, d } = Point.CURVE();
  return (a * x * x + y * y - 1n - d * x * x * y * y) % FIELD_ORDER === 0n;
}

function invalid(): DomainError {
  return new DomainError('SIGNATURE_INVALID');
}

/** BLAKE-512 of the seed: 32 clamped bytes are the scalar (a multiple of 8), 32 key the nonce. */
function secretsOf(seed: Uint8Array): { scalar: bigint; prefix: Uint8Array } {
  invariant(seed.length === SEED_BYTES, 'an EdDSA seed has 32 bytes');
  const digest = blake512(seed);
  const low = BigInt.asUintN(255, littleEndian(digest.subarray(0, 32)));
  const scalar = ((low >> 3n) << 3n) | (1n << 254n);
  return { scalar, prefix: digest.subarray(32) };
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
