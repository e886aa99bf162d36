import { describe, expect, test } from 'vitest';
import { FIELD_ORDER, fieldOf } from '../../src/zk/arithmetic/field.js';
import { DOMAIN_TAGS } from '../../src/zk/domain-tags.js';
import { issuerLeaf, partyInputs, requesterOf } from '../../src/zk/leaf.js';
import { poseidon } from '../../src/zk/poseidon/poseidon.js';
import { rootFromPath, slotValueOf } from '../../src/zk/tree.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import type { Inputs } from '../support/circuits/witness-calculator.js';
import { accreditationWitness, NOW } from '../support/zk/sample.js';

const circuit = await loadSmallInstance('accreditation');

const two64 = 2n ** 64n;
const { accreditation, issuer, asked, holder, g } = accreditationWitness;
const siblings = [fieldOf('sibling 0'), fieldOf('sibling 1')];
const ANY_STUDY = 1n << 8n;
const PAYER = 2n;

/** The issuer's list, filled up with 0. */
const PARTIES = partyInputs(issuer.parties);

type Chosen = Record<string, bigint>;

const honest = {
  roles: accreditation.roles,
  studyGranted: accreditation.study,
  party: accreditation.party,
  validFrom: accreditation.validity.from,
  validUntil: accreditation.validity.until,
  salt: accreditation.salt,
  issuerAx: issuer.ax,
  issuerAy: issuer.ay,
  issuerFrom: issuer.validity.from,
  issuerUntil: issuer.validity.until,
  grants: issuer.grants,
  issuerInstitution: issuer.institution,
  issuerTerm: issuer.term,
  handle: 0n,
  asOf: NOW,
  holder,
  g,
  role: 0n,
  study: asked.study,
  period: asked.period,
  index: 1n,
  slot: 2n,
} satisfies Chosen;

const pack = (from: bigint, until: bigint) => (from * two64 + until) % FIELD_ORDER;

/**
 * Inputs in which leaves, root, request and nym follow from what was chosen, computed without a single
 * check. `after` then replaces inputs and lets nothing follow.
 */
function inputs(chosen: Chosen = {}, after: Inputs = {}, parties: bigint[] = PARTIES): Inputs {
  const v = { ...honest, ...chosen };
  const validity = pack(v.validFrom, v.validUntil);
  const leaf = poseidon([
    DOMAIN_TAGS.ACCREDITATION,
    requesterOf(g),
    v.roles,
    v.studyGranted,
    v.party,
    validity,
    v.salt,
  ]);
  const issuerValidity = pack(v.issuerFrom, v.issuerUntil);
  const listed = poseidon([
    poseidon([DOMAIN_TAGS.PARTIES, ...parties.slice(0, 4)]),
    ...parties.slice(4),
  ]);
  const mandate = poseidon([DOMAIN_TAGS.MANDATE, issuerValidity, v.grants, listed, v.issuerTerm]);
  const beside = poseidon([
    DOMAIN_TAGS.ISSUER,
    v.issuerInstitution,
    v.issuerAx,
    v.issuerAy,
    mandate,
  ]);
  const shardRoot = rootFromPath(leaf, siblings, Number(v.index));
  return {
    ...v,
    root: rootFromPath(slotValueOf(shardRoot, beside), siblings, Number(v.slot)),
    nym: poseidon([DOMAIN_TAGS.NULLIFIER, v.g, v.study, v.period]),
    request: poseidon([DOMAIN_TAGS.REQUEST, v.role, v.study, v.party, v.period]),
    issuerParties: parties,
    shardSiblings: siblings,
    topSiblings: siblings,
    ...after,
  };
}

const { from, until } = accreditation.validity;
const otherStudy = fieldOf('another study');
const good = inputs();
const number = (name: string) => good[name] as bigint;

describe('the accreditation statement accepts', () => {
  test.each<[string, Chosen]>([
    ['an honest witness', {}],
    ['the first moment of the accreditation', { asOf: from }],
    ['its last', { asOf: until - 1n }],
    ['the first and only moment of its issuer', { issuerFrom: NOW, issuerUntil: NOW + 1n }],
    ['any study, from an issuer that may say so', { studyGranted: 0n, study: otherStudy }],
    ['a second role', { role: PAYER }],
    ['no party', { party: 0n }],
    ["the issuer's second party", { party: PARTIES[1] ?? 0n }],
    ['a later term', { issuerTerm: 7n }],
    ['an issuer that may accredit this role alone', { grants: 1n }],
  ])('%s', (_name, chosen) => {
    expect(circuit.accepts(inputs(chosen))).toBe(true);
  });
});

const stranger = fieldOf('a party of another issuer');

describe('of the parties that an issuer lists, the accreditation statement accepts', () => {
  test.each(Array.from({ length: 8 }, (_, place) => place))('the one at place %i', (place) => {
    const parties = PARTIES.map((_, i) => fieldOf(`party ${i}`));
    expect(circuit.accepts(inputs({ party: parties[place] ?? 0n }, {}, parties))).toBe(true);
  });

  test('none, where it lists none', () => {
    expect(
      circuit.accepts(
        inputs(
          { party: 0n },
          {},
          PARTIES.map(() => 0n),
        ),
      ),
    ).toBe(true);
  });

  test('the leaf that wallets and institutions compute', () => {
    const root = rootOf(issuerLeaf(issuer));
    expect(inputs().root).toBe(root);
    expect(circuit.accepts(inputs({}, { root }))).toBe(true);
  });

  function rootOf(beside: bigint): bigint {
    const { requester: _, study, ...fields } = { ...accreditation };
    const validity = pack(fields.validity.from, fields.validity.until);
    const named = [requesterOf(g), fields.roles, study, fields.party];
    const leaf = poseidon([DOMAIN_TAGS.ACCREDITATION, ...named, validity, fields.salt]);
    return rootFromPath(slotValueOf(rootFromPath(leaf, siblings, 1), beside), siblings, 2);
  }
});

describe('the constraints of the accreditation statement refuse', () => {
  test.each<[string, Inputs]>([
    ["party-of-another: a party that the issuer's leaf does not list", inputs({ party: stranger })],
    [
      'a list that does not hash to the one of the leaf',
      inputs({ party: stranger }, { issuerParties: PARTIES.with(7, stranger) }),
    ],
    [
      'a list in another order, which is another list',
      inputs({}, { issuerParties: [...PARTIES].reverse() }),
    ],
    ['a party that is one less than a listed one', inputs({ party: (PARTIES[0] ?? 0n) - 1n })],
    ['the padding taken for a party', inputs({ party: FIELD_ORDER - 1n })],
    [
      'a party where the issuer lists none',
      inputs(
        { party: stranger },
        {},
        PARTIES.map(() => 0n),
      ),
    ],
    ['an issuer leaf of another institution', inputs({}, { issuerInstitution: stranger })],
    ['an issuer leaf of an earlier term', inputs({ issuerTerm: 2n }, { issuerTerm: 1n })],
    ['another root', inputs({}, { root: fieldOf('root') })],
    ['the root 0', inputs({}, { root: 0n })],
    ['a nym of the prover', inputs({}, { nym: number('nym') + 1n })],
    ['the nym of another day', inputs({}, { period: asked.period + 1n })],
    ['a handle', inputs({ handle: 1n })],
    ['another request', inputs({}, { request: number('request') + 1n })],
    ['a requester who is not the one named', inputs({ g: g + 1n })],
    ...['salt', 'roles', 'validUntil', 'issuerAx', 'issuerUntil'].map((name): [string, Inputs] => [
      `a ${name} that is not in the register`,
      inputs({}, { [name]: number(name) + 1n }),
    ]),
    ['grants that governance did not give', inputs({ grants: 0n }, { grants: issuer.grants })],
    ['another place in the shard', inputs({}, { index: 0n })],
    ['a place beyond the shard that ends in the same bits', inputs({}, { index: 5n })],
    ['a slot beyond the top that ends in the same bits', inputs({}, { slot: 6n })],
    ['a role that the leaf does not name', inputs({ role: 1n, grants: 255n })],
    ['a role that the issuer may not accredit', inputs({ roles: 255n, role: 3n })],
    ['the issuer bit "any study" as a role', inputs({ roles: 511n, role: 8n })],
    ['a role that is none of the eight', inputs({ roles: 255n, role: 9n })],
    ['a role of minus one', inputs({ roles: 255n, role: FIELD_ORDER - 1n })],
    ['a ninth role bit', inputs({ roles: 257n })],
    ['a seventeenth grant bit', inputs({ grants: issuer.grants | (1n << 16n) })],
    ['another study', inputs({ study: otherStudy })],
    ['all studies, of an accreditation for one', inputs({ study: 0n })],
    [
      'any study, from an issuer that may not say so',
      inputs({ studyGranted: 0n, grants: issuer.grants - ANY_STUDY }),
    ],
    ['another party', inputs({}, { party: fieldOf('another party') })],
    ['a second before the accreditation', inputs({ asOf: from - 1n })],
    ['the moment after it', inputs({ asOf: until })],
    ['a second before its issuer', inputs({ issuerFrom: NOW + 1n })],
    ['the moment after its issuer', inputs({ issuerUntil: NOW })],
    ['a time of minus one, which is r - 1', inputs({ asOf: FIELD_ORDER - 1n })],
    // Numbers that are no time, in an order that would hold without their range
    ['a time of 2^64', inputs({ asOf: two64, validUntil: two64 + 1n, issuerUntil: two64 + 1n })],
    ...['validFrom', 'issuerFrom'].map((name): [string, Inputs] => [
      `a ${name} of minus one`,
      inputs({ [name]: FIELD_ORDER - 1n }),
    ]),
    ...['validUntil', 'issuerUntil'].map((name): [string, Inputs] => [
      `a ${name} of 2^64`,
      inputs({ [name]: two64 }),
    ]),
    [
      'an accreditation that ended, its packed period moved',
      inputs({ validUntil: NOW - 1n }, { validFrom: from - 1n, validUntil: NOW - 1n + two64 }),
    ],
    [
      'an issuer that ended, its packed period moved',
      inputs(
        { issuerUntil: NOW - 1n },
        { issuerFrom: honest.issuerFrom - 1n, issuerUntil: NOW - 1n + two64 },
      ),
    ],
  ])('%s', (_name, forged) => {
    expect(circuit.accepts(forged)).toBe(false);
  });
});

test('no wire of the accreditation statement can change unnoticed, but the inverses of zero', () => {
  const free = circuit.freeWires(circuit.forge(good));
  expect(free.filter((name) => !name.endsWith('.inv'))).toEqual([]);
});
