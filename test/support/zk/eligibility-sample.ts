import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { ABSENT, type Credential, credentialMessage } from '../../../src/zk/credential.js';
import type { Criterion } from '../../../src/zk/criteria.js';
import { eddsaPublicKey, signEddsa } from '../../../src/zk/eddsa.js';
import type { EligibilityWitness } from '../../../src/zk/eligibility.js';
import {
  type ConsentFields,
  consentLeaf,
  eligibilityIssuerLeaf,
  type FormerIssuerFields,
  issuerLeaf,
  requesterOf,
} from '../../../src/zk/leaf.js';
import {
  rootFromPath,
  SHARD_LEVELS,
  SparseTree,
  slotValueOf,
  TOP_LEVELS,
} from '../../../src/zk/tree.js';
import { grantsOf } from '../../../src/zk/vocabulary.js';
import { consent, holder, NOW, participantSeed } from './sample.js';

/** One eligible participant at full size, written by hand: every test changes it from here. */

const DAY = 86_400n;
const issuerSeed = new Uint8Array(32).fill(12);
export const sponsor = requesterOf(fieldOf("a sponsor's secret"));
export const AGE = fieldOf('http://loinc.org|30525-0');
const DIABETES = fieldOf('http://snomed.info/sct|44054006');
const METFORMIN = fieldOf('http://www.nlm.nih.gov/research/umls/rxnorm|6809');

export const credential: Credential = {
  pseudonym: consent.pseudonym,
  facts: [
    { key: AGE, value: 52n },
    { key: DIABETES, value: fieldOf('active') },
    { key: METFORMIN, value: 'ABSENT' },
    // So many that every piece of the list and every bit of a place is used.
    ...Array.from({ length: 29 }, (_, i) => ({ key: fieldOf(`key ${i}`), value: BigInt(i) })),
  ],
  validity: { from: NOW - 5n * DAY, until: NOW + 5n * DAY },
  salt: fieldOf('a salt of the credential'),
};

export const criteria: readonly Criterion[] = [
  { key: AGE, operator: 'AT_LEAST', value: 18n, group: 0 },
  { key: AGE, operator: 'AT_MOST', value: 75n, group: 1 },
  { key: DIABETES, operator: 'EQUAL', value: fieldOf('active'), group: 2 },
  { key: METFORMIN, operator: 'PRESENT', value: 0n, group: 2 },
  { key: METFORMIN, operator: 'ABSENT', value: 0n, group: 3 },
  { key: fieldOf('key 28'), operator: 'NOT_EQUAL', value: ABSENT >> 8n, group: 7 },
];

const issuer: FormerIssuerFields = {
  ...eddsaPublicKey(issuerSeed),
  validity: { from: NOW - 100n * DAY, until: NOW + 100n * DAY },
  grants: grantsOf({ roles: [], anyStudy: false, attestFacts: true }),
};

const ownConsent: ConsentFields = { ...consent, requester: sponsor };

/**
 * A witness that holds: the consent in one slot, the issuer in another.
 *
 * @param inSlot - the leaf that stands in the issuer's slot, if not the one that the statement opens.
 */
export function eligibilityWitness(
  rows: readonly Criterion[] = criteria,
  inSlot = eligibilityIssuerLeaf(issuer),
): EligibilityWitness {
  const leaf = consentLeaf(ownConsent);
  const shard = new SparseTree(SHARD_LEVELS);
  shard.set(1_000_001, leaf);
  const beside = fieldOf('the issuer leaf beside the consent');
  const issuerShard = fieldOf("the root of the issuer's shard");
  const top = new SparseTree(TOP_LEVELS);
  top.setAll([
    [4_094, slotValueOf(shard.root, beside)],
    [7, slotValueOf(issuerShard, inSlot)],
  ]);
  return {
    studySeed: participantSeed,
    consent: ownConsent,
    consentSignature: signEddsa(participantSeed, leaf),
    path: {
      shardSiblings: shard.path(1_000_001),
      index: 1_000_001,
      issuerLeaf: beside,
      topSiblings: top.path(4_094),
      slot: 4_094,
    },
    credential,
    credentialSignature: signEddsa(issuerSeed, credentialMessage(credential)),
    issuer,
    issuerPath: { shardRoot: issuerShard, topSiblings: top.path(7), slot: 7 },
    asked: { trial: ownConsent.study, criteria: rows, requester: sponsor },
    asOf: NOW,
    holder,
  };
}

/** The leaf of the same issuer as registers hold it today. */
export function todaysIssuerLeaf(): bigint {
  return issuerLeaf({ ...issuer, institution: fieldOf('an issuer'), parties: [], term: 1n });
}

/** The root that the issuer's own path leads to. */
export function issuerRoot({ issuer: of, issuerPath }: EligibilityWitness): bigint {
  const value = slotValueOf(issuerPath.shardRoot, eligibilityIssuerLeaf(of));
  return rootFromPath(value, issuerPath.topSiblings, issuerPath.slot);
}
