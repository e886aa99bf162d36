import {
  poseidon2,
  poseidon3,
  poseidon4,
  poseidon5,
  poseidon9,
  poseidon11,
  poseidon13,
  poseidon16,
} from 'poseidon-lite';
import { compares, OPERATORS } from '../circuits/eligibility-reference.js';
import {
  areBelow,
  climb,
  hasBit,
  type Inputs,
  isSigned,
  isUnderRoot,
  KIND,
  keyOf,
  pack,
  R,
  scalars,
} from './reference-arithmetic.js';

/** How large an instance is: levels of the shard and of the top, facts, criteria, groups. */
export type EligibilitySizes = readonly [
  shard: number,
  top: number,
  facts: number,
  criteria: number,
  groups: number,
];

const [CLINTRCH, ATTEST_FACTS] = [4n, 9n];
const DAY = 86_400n;
const LIST_PIECE = 15;
/** By how many they hash: the pieces of lists at full size, and at the size of the tests. */
const PIECE_HASHES = new Map([
  [5, poseidon5],
  [9, poseidon9],
  [11, poseidon11],
  [16, poseidon16],
]);

/**
 * Whether somebody who holds these values may claim to be eligible, as the protocol tells it: the secret is
 * mine; what was attested about me and what I signed is under this root, and valid now; the facts meet the
 * criteria that the request names.
 */
export function holdsEligibility(inputs: Inputs, sizes: EligibilitySizes): boolean {
  const v = scalars(inputs);
  const ends = ['consent', 'credential', 'issuer'].map((name) => [
    v(`${name}From`),
    v(`${name}Until`),
  ]);
  if (v('scalar') >= 1n << 253n) return false;
  return (
    areBelow(64n, [v('asOf'), ...ends.flat()]) &&
    ends.every(([from = 0n, until = 0n]) => from <= v('asOf') && v('asOf') < until) &&
    v('credentialUntil') - v('credentialFrom') <= 30n * DAY &&
    hasConsent(inputs, sizes) &&
    hasCredential(inputs, sizes) &&
    meetsCriteria(inputs, sizes) &&
    v('request') ===
      poseidon4([KIND.REQUEST, v('trial'), criteriaHash(inputs, sizes), v('requester')])
  );
}

/** A consent of mine for this trial and sponsor, which the request names, is signed and registered. */
function hasConsent(inputs: Inputs, [shard, top]: EligibilitySizes): boolean {
  const v = scalars(inputs);
  const key = keyOf(v('scalar'));
  const pseudonym = poseidon3([KIND.PSEUDONYM, key.ax, key.ay]);
  const leaf = poseidon13([
    ...[KIND.CONSENT, pseudonym, v('requester'), v('trial'), v('institutionGranted')],
    ...[v('scopeGranted'), v('dutiesGranted'), pack(v('consentFrom'), v('consentUntil'))],
    ...[v('dataWindow'), v('policy'), v('serial'), v('handle'), v('consentSalt')],
  ]);
  return (
    v('nym') === pseudonym &&
    isSigned(key, [v('consentR8x'), v('consentR8y'), v('consentS')], leaf) &&
    isUnderRoot(inputs, [shard, top], leaf, v('besideIssuerLeaf')) &&
    areBelow(96n, [v('scopeGranted')]) &&
    hasBit(v('scopeGranted'), CLINTRCH)
  );
}

/** An issuer under the same root, which may attest facts, signed these about me. */
function hasCredential(inputs: Inputs, [, top]: EligibilitySizes): boolean {
  const v = scalars(inputs);
  const [keys, values] = [listOf(inputs, 'factKeys'), listOf(inputs, 'factValues')];
  const key = { ax: v('issuerAx'), ay: v('issuerAy') };
  const validity = pack(v('issuerFrom'), v('issuerUntil'));
  const issuer = poseidon5([KIND.FORMER_ISSUER, key.ax, key.ay, validity, v('grants')]);
  const slot = poseidon2([v('issuerShardRoot'), issuer]);
  const message = poseidon5([
    ...[KIND.CREDENTIAL, v('nym')],
    listHash(
      KIND.FACTS,
      keys.flatMap((fact, i) => [fact, values[i] ?? 0n]),
    ),
    ...[pack(v('credentialFrom'), v('credentialUntil')), v('credentialSalt')],
  ]);
  return (
    areBelow(BigInt(top), [v('issuerSlot')]) &&
    climb(slot, inputs.issuerTopSiblings, v('issuerSlot')) === v('root') &&
    areBelow(16n, [v('grants')]) &&
    hasBit(v('grants'), ATTEST_FACTS) &&
    isSigned(key, [v('credentialR8x'), v('credentialR8y'), v('credentialS')], message)
  );
}

/** Rows are well formed and the used ones first; in every group one of them holds for the fact pointed at. */
function meetsCriteria(inputs: Inputs, [, , facts, , groups]: EligibilitySizes): boolean {
  const [rules, places] = [listOf(inputs, 'rules'), listOf(inputs, 'places')];
  const rows = rules.map((rule, i) => ({
    operators: bitsOf(rule, 0, OPERATORS.length),
    groups: bitsOf(rule, OPERATORS.length, groups),
    isClaimed: listOf(inputs, 'isClaimed')[i] ?? 0n,
    key: listOf(inputs, 'criterionKeys')[i] ?? 0n,
    value: listOf(inputs, 'criterionValues')[i] ?? 0n,
    factKey: listOf(inputs, 'factKeys')[Number(places[i])],
    found: listOf(inputs, 'factValues')[Number(places[i])] ?? 0n,
  }));
  const isWellFormed =
    areBelow(BigInt(OPERATORS.length + groups), rules) &&
    places.every((place) => place < BigInt(facts)) &&
    rows.every((row, i) => {
      const used = row.operators.length;
      return (
        used <= 1 && row.groups.length === used && used <= (rows[i - 1]?.operators.length ?? 1)
      );
    });
  const claimed = rows.filter(({ isClaimed }) => isClaimed !== 0n);
  const claimsHold = claimed.every(({ isClaimed, operators: [chosen], key, value, ...fact }) => {
    const operator = OPERATORS[chosen ?? -1];
    const isItsFact = key !== 0n && key === fact.factKey;
    return isClaimed === 1n && operator && isItsFact && compares({ operator, value }, fact.found);
  });
  const groupsWith = (of: typeof rows) => new Set(of.flatMap((row) => row.groups));
  const met = groupsWith(claimed);
  return isWellFormed && claimsHold && [...groupsWith(rows)].every((group) => met.has(group));
}

function criteriaHash(inputs: Inputs, [, , , , groups]: EligibilitySizes): bigint {
  const rules = listOf(inputs, 'rules');
  const width = BigInt(OPERATORS.length + groups);
  const used = rules.filter((rule) => rule % (1n << BigInt(OPERATORS.length)) !== 0n).length;
  const packed = rules.reduce((sum, rule, row) => sum + (rule << (width * BigInt(row))), 0n) % R;
  return listHash(KIND.CRITERIA, [
    ...[BigInt(used), packed],
    ...listOf(inputs, 'criterionKeys'),
    ...listOf(inputs, 'criterionValues'),
  ]);
}

/** Pieces of fifteen, each behind the hash of those before it; the first stands behind the kind. */
function listHash(kind: bigint, elements: readonly bigint[]): bigint {
  let hash = kind;
  for (let from = 0; from < elements.length; from += LIST_PIECE) {
    const piece = [hash, ...elements.slice(from, from + LIST_PIECE)];
    const piecesHash = PIECE_HASHES.get(piece.length);
    if (piecesHash === undefined) throw new Error(`no hash of ${piece.length}`);
    hash = piecesHash(piece);
  }
  return hash;
}

/** The positions of the bits that are set among `count` from `first` on. */
function bitsOf(set: bigint, first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => hasBit(set, BigInt(first + i)));
}

function listOf(inputs: Inputs, name: string): readonly bigint[] {
  const list = inputs[name];
  if (typeof list !== 'object') throw new Error(`no list ${name}`);
  return list;
}
