import { describe, expect, test } from 'vitest';
import { FIELD_ORDER, fieldOf } from '../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, eddsaScalar, signEddsa } from '../../src/zk/eddsa.js';
import { pseudonymOf } from '../../src/zk/leaf.js';
import {
  NOT_IN_RECORDS,
  type PlainFact,
  type Row,
} from '../support/circuits/eligibility-reference.js';
import {
  AGE,
  consentLeafOf,
  credentialMessageOf,
  criteriaOf,
  DIABETES,
  facts,
  HBA1C,
  honest,
  inputs,
  issuerSeed,
  METFORMIN,
  registerOf,
  requestOf,
  rows,
  two64,
} from '../support/circuits/eligibility-witness.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import type { Inputs } from '../support/circuits/witness-calculator.js';
import { keyOf } from '../support/zk/reference-arithmetic.js';
import { consent, NOW, participantSeed } from '../support/zk/sample.js';

const circuit = await loadSmallInstance('eligibility');

const SUBGROUP_ORDER =
  2736030358979909402780800718157159386076813972158567259200215660948447373041n;
const BASE8 = keyOf(1n);
const DAY = 86_400n;
const otherSeed = new Uint8Array(32).fill(99);
const otherKey = eddsaPublicKey(otherSeed);
const good = inputs();
const number = (name: string) => good[name] as bigint;
const list = (name: string) => [...(good[name] as readonly bigint[])];
const [ageRow, diabetesRow, metforminRow] = rows as [Row, Row, Row];

/** A list input with one element replaced. */
function withElement(name: string, position: number, value: bigint): Inputs {
  const changed = list(name);
  changed[position] = value;
  return { [name]: changed };
}

/** Everything consistent but the criteria inputs given, over which the request is computed. */
const criteria = (change: Inputs) => inputs({ ...criteriaOf(rows), ...change });
/** Rows and facts, claimed as an honest prover would. */
const honestly = (of: readonly Row[], over: readonly PlainFact[] = facts) =>
  inputs(criteriaOf(of, over));

const age = (value: bigint): readonly PlainFact[] => [{ key: AGE, value }];
const atLeast = (value: bigint): Row => ({ ...ageRow, operator: '>=', value });
const atMost = (value: bigint): Row => ({ ...ageRow, operator: '<=', value });

/** Signed by the zero key, whose pseudonym and consent are made to fit. */
function zeroKey(): Inputs {
  const pseudonym = pseudonymOf({ ax: 0n, ay: 1n });
  const v = { ...honest, credentialPseudonym: pseudonym };
  const { r8x, r8y, s } = signEddsa(issuerSeed, credentialMessageOf(v));
  return inputs(v, {
    ...registerOf(v, consentLeafOf(v, pseudonym)),
    nym: pseudonym,
    scalar: 0n,
    consentR8x: BASE8.ax,
    consentR8y: BASE8.ay,
    consentS: 1n,
    credentialR8x: r8x,
    credentialR8y: r8y,
    credentialS: s,
  });
}

function lowOrderIssuer(issuerAx: bigint, issuerAy: bigint): Inputs {
  const signature = { credentialR8x: BASE8.ax, credentialR8y: BASE8.ay, credentialS: 1n };
  return inputs({ issuerAx, issuerAy }, signature);
}

function signedBy(seed: Uint8Array, name: 'consent' | 'credential', message: bigint): Inputs {
  const { r8x, r8y, s } = signEddsa(seed, message);
  return { [`${name}R8x`]: r8x, [`${name}R8y`]: r8y, [`${name}S`]: s };
}

describe('the eligibility statement accepts', () => {
  test.each<[string, Inputs]>([
    ['an honest witness', good],
    [
      'the scalar plus the subgroup order, the same key',
      {
        ...good,
        scalar: number('scalar') + SUBGROUP_ORDER,
      },
    ],
    ['an issuer in the slot of the consent', inputs({ issuerSlot: 2n })],
    ['no criteria at all, every group empty', honestly([])],
    ['one group empty', honestly([ageRow])],
    ['one row of a group that has two', honestly([ageRow, { ...ageRow, value: 99n }])],
    ['a row claimed by no one beside one that is', criteria({ isClaimed: [1n, 1n, 0n, 0n] })],
    [
      'every row used and every fact',
      honestly(
        [ageRow, diabetesRow, metforminRow, { ...ageRow, group: 1 }],
        [...facts, { key: HBA1C, value: 70n }],
      ),
    ],
    [
      'a fact in the last place',
      honestly(
        [ageRow],
        [
          { key: HBA1C, value: 1n },
          { key: DIABETES, value: 1n },
          { key: METFORMIN, value: 1n },
          { key: AGE, value: 18n },
        ],
      ),
    ],
    ['>= at equality', honestly([atLeast(18n)], age(18n))],
    ['<= at equality', honestly([atMost(18n)], age(18n))],
    ['>= of zero and zero', honestly([atLeast(0n)], age(0n))],
    ['<= across the whole range', honestly([atMost(two64 - 1n)], age(0n))],
    ['>= across the whole range', honestly([atLeast(0n)], age(two64 - 1n))],
    ['= of a code', honestly([diabetesRow])],
    ['= of zero', honestly([{ ...ageRow, operator: '=', value: 0n }], age(0n))],
    ['!= of a number', honestly([{ ...ageRow, operator: '!=', value: 0n }], age(1n))],
    ['present of a zero', honestly([{ ...ageRow, operator: 'present', value: 0n }], age(0n))],
    ['absent of a fact that says so', honestly([{ ...metforminRow, operator: 'absent' }])],
    [
      'the first moment of all three',
      inputs({
        consentFrom: NOW,
        credentialFrom: NOW,
        issuerFrom: NOW,
      }),
    ],
    [
      'the last moment of all three',
      inputs({
        consentUntil: NOW + 1n,
        credentialUntil: NOW + 1n,
        issuerUntil: NOW + 1n,
      }),
    ],
    [
      'a credential of 30 days',
      inputs({
        credentialFrom: NOW,
        credentialUntil: NOW + 30n * DAY,
      }),
    ],
    ['a scope of all 96 bits', inputs({ scopeGranted: (1n << 96n) - 1n })],
    ['grants of all 16 bits', inputs({ grants: 65_535n })],
    ['a trial of r - 1, a name like any', inputs({ trial: FIELD_ORDER - 1n })],
    ['a trial of 0, which means no "any" here', inputs({ trial: 0n })],
  ])('%s', (_name, honestInputs) => {
    expect(circuit.accepts(honestInputs)).toBe(true);
  });
});

describe('the constraints of the eligibility statement refuse', () => {
  test.each<[string, Inputs]>([
    // Public signals
    ['another root', inputs({}, { root: fieldOf('root') })],
    ["another participant's pseudonym", inputs({}, { nym: pseudonymOf(otherKey) })],
    ['another handle than was signed', inputs({}, { handle: fieldOf('handle') })],
    ['another request', inputs({}, { request: number('request') + 1n })],
    // Who
    [
      'a consent and a credential without the secret',
      inputs({}, { scalar: number('scalar') + 1n }),
    ],
    ['the secret of another', inputs({}, { scalar: eddsaScalar(otherSeed) })],
    ['a scalar of 254 bits', inputs({}, { scalar: number('scalar') + 6n * SUBGROUP_ORDER })],
    ['the zero key, under which R8 = s·Base8 signs anything', zeroKey()],
    [
      'the name of another, whose consent and credential lie here',
      inputs(
        { credentialPseudonym: pseudonymOf(otherKey) },
        {
          ...registerOf(honest, consentLeafOf(honest, pseudonymOf(otherKey))),
          nym: pseudonymOf(otherKey),
          ...signedBy(otherSeed, 'consent', consentLeafOf(honest, pseudonymOf(otherKey))),
        },
      ),
    ],
    // The consent
    [
      'a consent for another trial',
      inputs(
        {},
        {
          trial: fieldOf('trial'),
          request: requestOf({ ...honest, trial: fieldOf('trial') }),
        },
      ),
    ],
    [
      'a consent for another sponsor',
      inputs(
        {},
        {
          requester: fieldOf('sponsor'),
          request: requestOf({ ...honest, requester: fieldOf('sponsor') }),
        },
      ),
    ],
    ['a consent without clinical research', inputs({ scopeGranted: consent.scope - (1n << 4n) })],
    [
      'clinical research added after signing',
      inputs({ scopeGranted: consent.scope - (1n << 4n) }, { scopeGranted: consent.scope }),
    ],
    ['a 97th bit of scope', inputs({ scopeGranted: (1n << 96n) | (1n << 4n) })],
    ...[
      'institutionGranted',
      'dutiesGranted',
      'consentUntil',
      'dataWindow',
      'policy',
      'serial',
      'consentSalt',
    ].map((name): [string, Inputs] => [
      `a ${name} of the consent that was not signed`,
      inputs({}, { [name]: number(name) + 1n }),
    ]),
    [
      'a registered consent that the participant did not sign',
      inputs({}, signedBy(otherSeed, 'consent', consentLeafOf(honest, number('nym')))),
    ],
    [
      'a signature of the consent changed by one',
      inputs({}, { consentS: number('consentS') + 1n }),
    ],
    [
      'its s plus the subgroup order',
      inputs({}, { consentS: number('consentS') + SUBGROUP_ORDER }),
    ],
    ['minus its nonce point', inputs({}, { consentR8x: FIELD_ORDER - number('consentR8x') })],
    ['its nonce point off the curve', inputs({}, { consentR8x: 1n, consentR8y: 1n })],
    [
      'a signed consent that is not registered',
      inputs(
        {},
        {
          ...registerOf(honest, fieldOf('another leaf')),
        },
      ),
    ],
    ['another place in the shard', inputs({}, { index: 0n })],
    ['a place beyond the shard that ends in the same bits', inputs({}, { index: 5n })],
    ['another slot', inputs({}, { slot: 3n })],
    ['a slot beyond the top that ends in the same bits', inputs({}, { slot: 6n })],
    ['another issuer leaf beside the consent', inputs({}, { besideIssuerLeaf: fieldOf('issuer') })],
    // The issuer
    [
      'an issuer that is not in the register',
      inputs(
        {},
        {
          issuerAx: otherKey.ax,
          issuerAy: otherKey.ay,
          ...signedBy(otherSeed, 'credential', credentialMessageOf(honest)),
        },
      ),
    ],
    [
      'an issuer under another root than the consent',
      inputs(
        {},
        {
          issuerTopSiblings: [fieldOf('slot 0'), fieldOf('elsewhere')],
        },
      ),
    ],
    ["another root of the issuer's shard", inputs({}, { issuerShardRoot: fieldOf('shard') })],
    ["another slot than the issuer's", inputs({}, { issuerSlot: 0n })],
    ["the issuer's slot beyond the top that ends in the same bits", inputs({}, { issuerSlot: 5n })],
    ['an issuer key of low order, under which R8 = s·Base8 signs anything', lowOrderIssuer(0n, 1n)],
    ['an issuer key of order two', lowOrderIssuer(0n, FIELD_ORDER - 1n)],
    ['an issuer key off the curve', inputs({ issuerAx: 1n, issuerAy: 1n })],
    ['an issuer that may not attest facts', inputs({ grants: 0xffffn - (1n << 9n) })],
    ['grants that governance did not give', inputs({ grants: 1n << 8n }, { grants: 1n << 9n })],
    ['a seventeenth grant bit', inputs({ grants: (1n << 9n) | (1n << 16n) })],
    ['a second before the issuer', inputs({ issuerFrom: NOW + 1n })],
    ['the moment after the issuer', inputs({ issuerUntil: NOW })],
    [
      'an issuer that ended, its packed period moved',
      inputs(
        { issuerUntil: NOW - 1n },
        { issuerFrom: number('issuerFrom') - 1n, issuerUntil: NOW - 1n + two64 },
      ),
    ],
    // The credential
    ["another participant's credential", inputs({ credentialPseudonym: pseudonymOf(otherKey) })],
    ['a fact changed after signing', inputs({}, withElement('factValues', 0, 99n))],
    ['a key changed after signing', inputs({}, withElement('factKeys', 0, HBA1C))],
    ['a fact added after signing', inputs({}, withElement('factKeys', 3, HBA1C))],
    ['ABSENT added after signing', inputs({}, withElement('factValues', 0, NOT_IN_RECORDS))],
    ['another salt of the credential', inputs({}, { credentialSalt: fieldOf('salt') })],
    [
      'a longer life than was signed',
      inputs({}, { credentialUntil: number('credentialUntil') + 1n }),
    ],
    [
      'a credential signed by the participant',
      inputs({}, signedBy(participantSeed, 'credential', credentialMessageOf(honest))),
    ],
    [
      'a signature of the credential changed by one',
      inputs(
        {},
        {
          credentialS: number('credentialS') + 1n,
        },
      ),
    ],
    [
      "the credential's s plus the subgroup order",
      inputs(
        {},
        {
          credentialS: number('credentialS') + SUBGROUP_ORDER,
        },
      ),
    ],
    [
      'its nonce point off the curve, of the credential',
      inputs(
        {},
        {
          credentialR8x: 1n,
          credentialR8y: 1n,
        },
      ),
    ],
    ['a second before the credential', inputs({ credentialFrom: NOW + 1n })],
    ['the moment after the credential', inputs({ credentialUntil: NOW })],
    [
      'a credential of 30 days and a second',
      inputs({
        credentialFrom: NOW,
        credentialUntil: NOW + 30n * DAY + 1n,
      }),
    ],
    [
      'a credential that ended, its packed period moved',
      inputs(
        { credentialUntil: NOW - 1n },
        {
          credentialFrom: number('credentialFrom') - 1n,
          credentialUntil: NOW - 1n + two64,
        },
      ),
    ],
    // When
    ['a second before the consent', inputs({ consentFrom: NOW + 1n })],
    ['the moment after the consent', inputs({ consentUntil: NOW })],
    [
      'a consent that ended, its packed period moved',
      inputs(
        { consentUntil: NOW - 1n },
        { consentFrom: number('consentFrom') - 1n, consentUntil: NOW - 1n + two64 },
      ),
    ],
  ])('%s', (_name, forged) => {
    expect(circuit.accepts(forged)).toBe(false);
  });
});

test('no wire of the eligibility statement can change unnoticed, but the inverses of zero', () => {
  // circomlib's IsZero leaves its helper inverse free where the value is zero, and the answer is the same.
  const free = circuit.freeWires(circuit.forge(good));
  expect(free.filter((name) => !name.endsWith('.inv'))).toEqual([]);
});
