import { fieldOf, institutionField, studyField } from '../../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, signEddsa } from '../../../src/zk/eddsa.js';
import {
  type ConsentFields,
  consentLeaf,
  handleOf,
  type IssuerFields,
  issuerLeaf,
  pseudonymOf,
  requesterOf,
  withdrawSecretOf,
} from '../../../src/zk/leaf.js';
import { SHARD_LEVELS, SparseTree, slotValueOf, TOP_LEVELS } from '../../../src/zk/tree.js';
import { dutiesOf, grantsOf, scopeOf } from '../../../src/zk/vocabulary.js';
import type { AccreditationWitness, ConsentWitness } from '../../../src/zk/witness.js';

/** One consent and one accreditation that hold, written by hand: every test changes them from here. */

export const NOW = 4_000_000_000n;
const DAY = 86_400n;
export const study = studyField('pilot', 'northwind-trials', 'NCT00000001');
export const riverside = institutionField('riverside-hospital');
export const participantSeed = new Uint8Array(32).fill(11);
export const publicKey = eddsaPublicKey(participantSeed);
export const g = fieldOf("a requester's secret");
export const holder = fieldOf('a thumbprint');

const issuerKey = eddsaPublicKey(new Uint8Array(32).fill(12));
export const issuer: IssuerFields = {
  ...issuerKey,
  institution: riverside,
  validity: { from: NOW - 100n * DAY, until: NOW + 100n * DAY },
  grants: grantsOf({ roles: ['RESEARCHER', 'PAYER'], anyStudy: true, attestFacts: false }),
  parties: [fieldOf('a party'), fieldOf('payer-0001')],
  term: 1n,
};

export const consent: ConsentFields = {
  pseudonym: pseudonymOf(publicKey),
  requester: requesterOf(g),
  study,
  institution: 0n,
  scope: scopeOf({
    purposes: ['CLINTRCH', 'HRESCH'],
    dataClasses: ['CONDITION', 'OBSERVATION'],
    labels: ['HIV'],
  }),
  duties: dutiesOf(['IRB', 'NO_REDISCLOSURE']),
  validity: { from: NOW - 10n * DAY, until: NOW + 10n * DAY },
  dataWindow: { from: NOW - 3000n * DAY, until: NOW + 10n * DAY },
  policy: fieldOf('the text that was signed'),
  serial: 1n,
  handle: handleOf(withdrawSecretOf(fieldOf('a withdrawal key'), 1n)),
  salt: fieldOf('a salt'),
};

/** Registers a leaf in a shard and the shard in a slot, among neighbours; the path to it. */
export function register(leaf: bigint, beside = issuerLeaf(issuer)) {
  const shard = new SparseTree(SHARD_LEVELS);
  shard.setAll([
    [4, fieldOf('a neighbour')],
    [5, leaf],
  ]);
  const top = new SparseTree(TOP_LEVELS);
  top.setAll([
    [2, fieldOf('another slot')],
    [3, slotValueOf(shard.root, beside)],
  ]);
  return {
    shardSiblings: shard.path(5),
    index: 5,
    issuerLeaf: beside,
    topSiblings: top.path(3),
    slot: 3,
  };
}

/** A consent witness over other fields than the sample's, signed and registered. */
export function consentWitness(fields: ConsentFields = consent): ConsentWitness {
  return {
    consent: fields,
    publicKey,
    signature: signEddsa(participantSeed, consentLeaf(fields)),
    path: register(consentLeaf(fields)),
    g,
    asked: {
      institution: riverside,
      study,
      scope: scopeOf({ purposes: ['CLINTRCH'], dataClasses: ['OBSERVATION'], labels: [] }),
      duties: dutiesOf(['IRB', 'NO_REDISCLOSURE', 'NPU']),
      dataWindow: { from: NOW - 1000n * DAY, until: NOW },
      expires: NOW + 2n * DAY,
    },
    asOf: NOW,
    holder,
  };
}

export const accreditationWitness: Omit<AccreditationWitness, 'path'> = {
  accreditation: {
    requester: requesterOf(g),
    roles: 0b101n,
    study,
    party: fieldOf('a party'),
    validity: { from: NOW - DAY, until: NOW + DAY },
    salt: fieldOf('another salt'),
  },
  issuer,
  g,
  asked: { role: 'RESEARCHER', study, party: fieldOf('a party'), period: NOW / DAY },
  asOf: NOW,
  holder,
};
