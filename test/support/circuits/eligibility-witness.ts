import { FIELD_ORDER, fieldOf } from '../../../src/zk/arithmetic/field.js';
import { DOMAIN_TAGS } from '../../../src/zk/domain-tags.js';
import { eddsaPublicKey, eddsaScalar, signEddsa } from '../../../src/zk/eddsa.js';
import { pseudonymOf, requesterOf } from '../../../src/zk/leaf.js';
import { listHash } from '../../../src/zk/list-hash.js';
import { poseidon } from '../../../src/zk/poseidon/poseidon.js';
import { rootFromPath, slotValueOf } from '../../../src/zk/tree.js';
import { consent, holder, NOW, participantSeed } from '../zk/sample.js';
import { OPERATORS, type PlainFact, placeMeeting, type Row } from './eligibility-reference.js';
import type { Inputs } from './witness-calculator.js';

/** Inputs of a small eligibility instance: 2 + 2 levels, 4 facts, 4 criteria, 2 groups; nothing is checked. */

const DAY = 86_400n;
const SMALL = 4;
const RULE_BITS = 8n;
export const two64 = 2n ** 64n;
export const sponsor = requesterOf(fieldOf("a sponsor's secret"));
export const issuerSeed = new Uint8Array(32).fill(12);
const issuerKey = eddsaPublicKey(issuerSeed);

export const AGE = fieldOf('http://loinc.org|30525-0');
export const HBA1C = fieldOf('http://loinc.org|4548-4');
export const METFORMIN = fieldOf('http://www.nlm.nih.gov/research/umls/rxnorm|6809');
export const DIABETES = fieldOf('http://snomed.info/sct|44054006');

export const facts: readonly PlainFact[] = [
  { key: AGE, value: 52n },
  { key: DIABETES, value: fieldOf('active') },
  { key: METFORMIN, value: FIELD_ORDER - 1n },
];

export const rows: readonly Row[] = [
  { key: AGE, operator: '>=', value: 18n, group: 0 },
  { key: DIABETES, operator: '=', value: fieldOf('active'), group: 1 },
  { key: METFORMIN, operator: 'present', value: 0n, group: 1 },
];

/** A rule in bits: 6 of the operator, then 2 of the group. */
export function ruleOf({ operator, group }: Row): bigint {
  return (1n << BigInt(OPERATORS.indexOf(operator))) | (1n << BigInt(6 + group));
}

/** The criteria's inputs, and the claims of a prover that claims every row that holds. */
export function criteriaOf(of: readonly Row[], over: readonly PlainFact[] = facts): Inputs {
  const places = of.map((row) => placeMeeting(row, over));
  const pad = (list: readonly bigint[]) => Array.from({ length: SMALL }, (_, i) => list[i] ?? 0n);
  return {
    factKeys: pad(over.map(({ key }) => key)),
    factValues: pad(over.map(({ value }) => value)),
    rules: pad(of.map(ruleOf)),
    criterionKeys: pad(of.map(({ key }) => key)),
    criterionValues: pad(of.map(({ value }) => value)),
    isClaimed: pad(places.map((place) => (place < 0 ? 0n : 1n))),
    places: pad(places.map((place) => BigInt(Math.max(place, 0)))),
  };
}

export const honest: Inputs = {
  ...criteriaOf(rows),
  handle: consent.handle,
  asOf: NOW,
  holder,
  requester: sponsor,
  trial: consent.study,
  institutionGranted: 0n,
  scopeGranted: consent.scope,
  dutiesGranted: consent.duties,
  consentFrom: NOW - 10n * DAY,
  consentUntil: NOW + 10n * DAY,
  dataWindow: consent.dataWindow.from * two64 + consent.dataWindow.until,
  policy: consent.policy,
  serial: 1n,
  consentSalt: consent.salt,
  index: 1n,
  slot: 2n,
  besideIssuerLeaf: fieldOf('the issuer leaf beside the consent'),
  credentialFrom: NOW - 5n * DAY,
  credentialUntil: NOW + 5n * DAY,
  credentialSalt: fieldOf('a salt of the credential'),
  credentialPseudonym: pseudonymOf(eddsaPublicKey(participantSeed)),
  issuerAx: issuerKey.ax,
  issuerAy: issuerKey.ay,
  issuerFrom: NOW - 100n * DAY,
  issuerUntil: NOW + 100n * DAY,
  grants: 1n << 9n,
  issuerShardRoot: fieldOf("the root of the issuer's shard"),
  issuerSlot: 1n,
};

const pack = (from: bigint, until: bigint) => (from * two64 + until) % FIELD_ORDER;
const shardSiblings = [fieldOf('sibling 0'), fieldOf('sibling 1')];

/** The request of these inputs, with any count of rows. */
export function requestOf(inputs: Inputs, count?: bigint): bigint {
  const of = reader(inputs);
  const rules = of.list('rules');
  const used = count ?? BigInt(rules.filter((rule) => rule % 64n !== 0n).length);
  const packed = rules.reduce((sum, rule, row) => sum + (rule << (RULE_BITS * BigInt(row))), 0n);
  const hash = listHash('CRITERIA', [
    used,
    packed % FIELD_ORDER,
    ...of.list('criterionKeys'),
    ...of.list('criterionValues'),
  ]);
  return poseidon([DOMAIN_TAGS.REQUEST, of.one('trial'), hash, of.one('requester')]);
}

/**
 * Inputs in which leaves, signatures, roots and request follow from what was chosen, computed without a
 * single check. `after` then replaces inputs and lets nothing follow.
 */
export function inputs(chosen: Inputs = {}, after: Inputs = {}): Inputs {
  const v = { ...honest, ...chosen };
  const of = reader(v);
  const key = eddsaPublicKey(participantSeed);
  const leaf = consentLeafOf(v, pseudonymOf(key));
  const message = credentialMessageOf(v);
  const credentialSignature = signEddsa(issuerSeed, message);
  const consentSignature = signEddsa(participantSeed, leaf);
  const { credentialPseudonym: _, ...named } = v;
  return {
    ...named,
    ...registerOf(v, leaf),
    nym: pseudonymOf(key),
    request: requestOf(v),
    scalar: eddsaScalar(participantSeed),
    consentR8x: consentSignature.r8x,
    consentR8y: consentSignature.r8y,
    consentS: consentSignature.s,
    credentialR8x: credentialSignature.r8x,
    credentialR8y: credentialSignature.r8y,
    credentialS: credentialSignature.s,
    holder: of.one('holder'),
    ...after,
  };
}

/** The consent's leaf for a pseudonym. */
export function consentLeafOf(v: Inputs, pseudonym: bigint): bigint {
  const of = reader(v);
  return poseidon([
    DOMAIN_TAGS.CONSENT,
    pseudonym,
    of.one('requester'),
    of.one('trial'),
    of.one('institutionGranted'),
    of.one('scopeGranted'),
    of.one('dutiesGranted'),
    pack(of.one('consentFrom'), of.one('consentUntil')),
    of.one('dataWindow'),
    of.one('policy'),
    of.one('serial'),
    of.one('handle'),
    of.one('consentSalt'),
  ]);
}

export function credentialMessageOf(v: Inputs): bigint {
  const of = reader(v);
  const values = of.list('factValues');
  return poseidon([
    DOMAIN_TAGS.CREDENTIAL,
    of.one('credentialPseudonym'),
    listHash(
      'FACTS',
      of.list('factKeys').flatMap((key, i) => [key, values[i] ?? 0n]),
    ),
    pack(of.one('credentialFrom'), of.one('credentialUntil')),
    of.one('credentialSalt'),
  ]);
}

/** The register above a consent and an issuer: four slots, and the path of each. */
export function registerOf(v: Inputs, leaf: bigint): Inputs {
  const of = reader(v);
  const issuerLeaf = poseidon([
    DOMAIN_TAGS.FORMER_ISSUER,
    of.one('issuerAx'),
    of.one('issuerAy'),
    pack(of.one('issuerFrom'), of.one('issuerUntil')),
    of.one('grants'),
  ]);
  const shardRoot = rootFromPath(leaf, shardSiblings, Number(of.one('index')));
  const isSameSlot = of.one('slot') === of.one('issuerSlot');
  const besideIssuerLeaf = isSameSlot ? issuerLeaf : of.one('besideIssuerLeaf');
  const issuerShardRoot = isSameSlot ? shardRoot : of.one('issuerShardRoot');
  const slots = [0, 1, 2, 3].map((slot) => fieldOf(`slot ${slot}`));
  slots[Number(of.one('issuerSlot'))] = slotValueOf(issuerShardRoot, issuerLeaf);
  slots[Number(of.one('slot'))] = slotValueOf(shardRoot, besideIssuerLeaf);
  const at = (slot: number) => slots[slot] ?? 0n;
  const pairs = [poseidon([at(0), at(1)]), poseidon([at(2), at(3)])];
  const siblings = (slot: number) => [at(slot ^ 1), pairs[slot < 2 ? 1 : 0] ?? 0n];
  return {
    root: poseidon(pairs),
    shardSiblings,
    besideIssuerLeaf,
    issuerShardRoot,
    topSiblings: siblings(Number(of.one('slot'))),
    issuerTopSiblings: siblings(Number(of.one('issuerSlot'))),
  };
}

function reader(inputs: Inputs) {
  return {
    one: (name: string) => {
      const value = inputs[name];
      if (typeof value !== 'bigint') throw new Error(`${name} is no number`);
      return value;
    },
    list: (name: string) => {
      const value = inputs[name];
      if (!Array.isArray(value)) throw new Error(`${name} is no list`);
      return value as readonly bigint[];
    },
  };
}
