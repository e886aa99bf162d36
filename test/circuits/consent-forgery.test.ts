import { describe, expect, test } from 'vitest';
import { FIELD_ORDER, fieldOf } from '../../src/zk/arithmetic/field.js';
import { DOMAIN_TAGS } from '../../src/zk/domain-tags.js';
import { eddsaPublicKey, signEddsa } from '../../src/zk/eddsa.js';
import { pseudonymOf, requesterOf } from '../../src/zk/leaf.js';
import { poseidon } from '../../src/zk/poseidon/poseidon.js';
import { rootFromPath, slotValueOf } from '../../src/zk/tree.js';
import { loadSmallInstance } from '../support/circuits/small-instance.js';
import type { Inputs } from '../support/circuits/witness-calculator.js';
import { keyOf } from '../support/zk/reference-arithmetic.js';
import { consent, consentWitness, NOW, participantSeed, riverside } from '../support/zk/sample.js';

const circuit = await loadSmallInstance('consent');

const two64 = 2n ** 64n;
const SUBGROUP_ORDER =
  2736030358979909402780800718157159386076813972158567259200215660948447373041n;
const BASE8 = keyOf(1n);
const LOW_X = 18930368022820495955728484915491405972470733850014661777449844430438130630919n;
/** Points that eight times themselves are nothing: (0, 1), (0, -1), and (1/√a, 0) where a = 168700. */
const LOW_ORDER = [
  [1, { ax: 0n, ay: 1n }],
  [2, { ax: 0n, ay: FIELD_ORDER - 1n }],
  [4, { ax: LOW_X, ay: 0n }],
] as const;
const siblings = [fieldOf('sibling 0'), fieldOf('sibling 1')];
const { asked, holder, g } = consentWitness();
const DAY = 86_400n;

/** What an attacker may choose: any input, any field of the leaf, and who signs. */
type Chosen = Record<string, bigint>;

const honest = {
  study: consent.study,
  institutionGranted: consent.institution,
  scopeGranted: consent.scope,
  dutiesGranted: consent.duties,
  validFrom: consent.validity.from,
  validUntil: consent.validity.until,
  windowGrantedFrom: consent.dataWindow.from,
  windowGrantedUntil: consent.dataWindow.until,
  policy: consent.policy,
  serial: consent.serial,
  handle: consent.handle,
  salt: consent.salt,
  asOf: NOW,
  holder,
  g,
  institutionAsked: asked.institution,
  scopeAsked: asked.scope,
  dutiesAcknowledged: asked.duties,
  windowAskedFrom: asked.dataWindow.from,
  windowAskedUntil: asked.dataWindow.until,
  expires: asked.expires,
  index: 1n,
  slot: 2n,
  issuerLeaf: fieldOf('an issuer leaf'),
} satisfies Chosen;

const pack = (from: bigint, until: bigint) => (from * two64 + until) % FIELD_ORDER;

/**
 * Inputs in which everything follows from what was chosen, computed here without a single check: leaf,
 * signature, root and request are all right for it. `after` then replaces inputs and lets nothing follow.
 */
function inputs(
  chosen: Chosen = {},
  after: Chosen = {},
  seed = participantSeed,
  { ax, ay } = eddsaPublicKey(seed),
): Inputs {
  const v = { ...honest, ...chosen };
  const leaf = poseidon([
    DOMAIN_TAGS.CONSENT,
    pseudonymOf({ ax, ay }),
    requesterOf(g),
    v.study,
    v.institutionGranted,
    v.scopeGranted,
    v.dutiesGranted,
    pack(v.validFrom, v.validUntil),
    pack(v.windowGrantedFrom, v.windowGrantedUntil),
    v.policy,
    v.serial,
    v.handle,
    v.salt,
  ]);
  const shardRoot = rootFromPath(leaf, siblings, Number(v.index));
  return {
    ...v,
    root: rootFromPath(slotValueOf(shardRoot, v.issuerLeaf), siblings, Number(v.slot)),
    nym: pseudonymOf({ ax, ay }),
    request: poseidon([
      DOMAIN_TAGS.REQUEST,
      v.institutionAsked,
      v.study,
      v.scopeAsked,
      v.dutiesAcknowledged,
      pack(v.windowAskedFrom, v.windowAskedUntil),
      v.expires,
    ]),
    ax,
    ay,
    ...signEddsa(seed, leaf),
    shardSiblings: siblings,
    topSiblings: siblings,
    ...after,
  };
}

const { from, until } = consent.validity;
const window = consent.dataWindow;
const lakeshore = fieldOf('lakeshore-hospital');
const good = inputs();
const other = inputs({}, {}, new Uint8Array(32).fill(99));
const number = (name: string) => good[name] as bigint;

describe('the consent statement accepts', () => {
  test.each<[string, Chosen]>([
    ['an honest witness', {}],
    ['the first moment of the grant', { asOf: from }],
    ['the last, with a presentation to the end', { asOf: until - 1n, expires: until }],
    ['a presentation of one second', { expires: NOW + 1n }],
    ['the whole window granted', { windowAskedFrom: window.from, windowAskedUntil: window.until }],
    ['a window of one second', { windowAskedUntil: honest.windowAskedFrom + 1n }],
    ['the largest times', { validUntil: two64 - 1n, expires: two64 - 1n, asOf: two64 - 2n }],
    ['the whole scope granted', { scopeAsked: consent.scope }],
    [
      'every bit of scope and duties',
      {
        scopeGranted: 2n ** 96n - 1n,
        scopeAsked: 2n ** 96n - 1n,
        dutiesGranted: 2n ** 32n - 1n,
        dutiesAcknowledged: 2n ** 32n - 1n,
      },
    ],
    ['exactly the duties granted', { dutiesAcknowledged: consent.duties }],
    ['the one institution granted', { institutionGranted: riverside }],
    ['every institution, if any is granted', { institutionAsked: 0n }],
    ['the first leaf of the last slot', { index: 0n, slot: 3n }],
  ])('%s', (_name, chosen) => {
    expect(circuit.accepts(inputs(chosen))).toBe(true);
  });
});

describe('the constraints of the consent statement refuse', () => {
  test.each<[string, Inputs]>([
    // Public signals that are not what follows from the witness
    ['another root', inputs({}, { root: fieldOf('root') })],
    ['the root 0', inputs({}, { root: 0n })],
    ["another participant's pseudonym", inputs({}, { nym: number('nym') + 1n })],
    ['another handle than was signed', inputs({}, { handle: fieldOf('handle') })],
    ['another request', inputs({}, { request: number('request') + 1n })],
    ['another study than was signed', inputs({}, { study: fieldOf('study') })],
    // Who
    ['a requester who is not the one named', inputs({}, { g: g + 1n })],
    [
      'the signature of another key',
      inputs({}, { r8x: other.r8x as bigint, r8y: other.r8y as bigint, s: other.s as bigint }),
    ],
    [
      'the key and signature of another',
      inputs(
        {},
        {
          ax: other.ax as bigint,
          ay: other.ay as bigint,
          r8x: other.r8x as bigint,
          r8y: other.r8y as bigint,
          s: other.s as bigint,
        },
      ),
    ],
    ['a signature changed by one', inputs({}, { s: number('s') + 1n })],
    ['s plus the subgroup order', inputs({}, { s: number('s') + SUBGROUP_ORDER })],
    ['minus the nonce point', inputs({}, { r8x: FIELD_ORDER - number('r8x') })],
    ['a nonce point off the curve', inputs({}, { r8x: 1n, r8y: 1n })],
    ...LOW_ORDER.map(([order, point]): [string, Inputs] => [
      `a key of order ${order}, under which R8 = s·Base8 signs anything`,
      inputs({}, { r8x: BASE8.ax, r8y: BASE8.ay, s: 1n }, participantSeed, point),
    ]),
    ['a key off the curve', inputs({}, { ax: 1n, ay: 1n, nym: pseudonymOf({ ax: 1n, ay: 1n }) })],
    // The leaf, field by field, after it was signed
    ...[
      'scopeGranted',
      'dutiesGranted',
      'validUntil',
      'windowGrantedUntil',
      'policy',
      'serial',
      'salt',
    ].map((name): [string, Inputs] => [
      `a ${name} that was not signed`,
      inputs({}, { [name]: number(name) + 1n }),
    ]),
    // Where
    ['another place in the shard', inputs({}, { index: 0n })],
    ['a place beyond the shard that ends in the same bits', inputs({}, { index: 5n })],
    ['another slot', inputs({}, { slot: 1n })],
    ['a slot beyond the top that ends in the same bits', inputs({}, { slot: 6n })],
    ["another institution's issuer leaf", inputs({}, { issuerLeaf: fieldOf('issuer') })],
    // What
    ['a custodian that the grant does not name', inputs({ institutionGranted: lakeshore })],
    [
      'all custodians on a grant for one',
      inputs({ institutionGranted: lakeshore, institutionAsked: 0n }),
    ],
    ['a purpose not granted', inputs({ scopeAsked: asked.scope | 1n })],
    ['a data class not granted', inputs({ scopeAsked: asked.scope | (1n << 16n) })],
    ['a label not granted', inputs({ scopeAsked: asked.scope | (1n << 95n) })],
    ['a 97th bit of scope', inputs({ scopeAsked: 1n << 96n, scopeGranted: 1n << 96n })],
    [
      'a 97th bit granted that nobody asks for',
      inputs({ scopeGranted: consent.scope | (1n << 96n) }),
    ],
    ['a scope asked near the field order', inputs({ scopeAsked: FIELD_ORDER - 1n })],
    ['a duty not acknowledged', inputs({ dutiesAcknowledged: consent.duties - 2n })],
    ['a 33rd bit of duties', inputs({ dutiesGranted: 1n << 32n, dutiesAcknowledged: 1n << 32n })],
    [
      'a 33rd bit of duties acknowledged that nobody granted',
      inputs({ dutiesAcknowledged: asked.duties | (1n << 32n) }),
    ],
    // Numbers that are no time, in an order that would hold without their range
    ...(
      [
        ['a grant from minus one', { validFrom: FIELD_ORDER - 1n }],
        ['a grant until 2^64', { validUntil: two64 }],
        ['a granted window from minus one', { windowGrantedFrom: FIELD_ORDER - 1n }],
        ['a granted window until 2^64', { windowGrantedUntil: two64 }],
        ['a window until 2^64', { windowAskedUntil: two64, windowGrantedUntil: two64 }],
        ['a time of 2^64', { asOf: two64, expires: two64 + 1n, validUntil: two64 + 1n }],
      ] as const
    ).map(([name, chosen]): [string, Inputs] => [name, inputs(chosen)]),
    // Which dates
    ['a window that begins a second early', inputs({ windowAskedFrom: window.from - 1n })],
    ['a window that ends a second late', inputs({ windowAskedUntil: window.until + 1n })],
    ['an empty window', inputs({ windowAskedFrom: NOW, windowAskedUntil: NOW })],
    [
      'a window that ends before it begins',
      inputs({ windowAskedFrom: NOW, windowAskedUntil: NOW - DAY }),
    ],
    [
      'a window from minus one',
      inputs({ windowGrantedFrom: 0n, windowAskedFrom: FIELD_ORDER - 1n }),
    ],
    [
      'the same packed window with its bounds moved',
      inputs(
        {},
        {
          windowAskedFrom: honest.windowAskedFrom - 1n,
          windowAskedUntil: honest.windowAskedUntil + two64,
        },
      ),
    ],
    [
      'the same packed grant window with its bounds moved',
      inputs(
        { windowAskedUntil: window.until + DAY },
        { windowGrantedFrom: window.from - 1n, windowGrantedUntil: window.until + two64 },
      ),
    ],
    // When
    ['a second before the grant', inputs({ asOf: from - 1n })],
    ['the moment of expiry', inputs({ asOf: honest.expires })],
    ['after expiry', inputs({ asOf: honest.expires + 1n })],
    ['expiry a second after the grant', inputs({ expires: until + 1n })],
    ['a time of minus one, which is r - 1', inputs({ asOf: FIELD_ORDER - 1n })],
    ['an expiry of 2^64', inputs({ expires: two64, validUntil: two64 })],
    [
      'a grant that ended, its packed period moved',
      inputs({ validUntil: NOW - 1n }, { validFrom: from - 1n, validUntil: NOW - 1n + two64 }),
    ],
  ])('%s', (_name, forged) => {
    expect(circuit.accepts(forged)).toBe(false);
  });
});

test('no wire of the consent statement can change unnoticed, but the inverses of zero', () => {
  // circomlib's IsZero leaves its helper inverse free where the value is zero, and the answer is the same.
  const free = circuit.freeWires(circuit.forge(good));
  expect(free.filter((name) => !name.endsWith('.inv'))).toEqual([]);
});
