import fc from 'fast-check';
import { FIELD_ORDER, fieldOf } from '../../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, eddsaScalar, signEddsa } from '../../../src/zk/eddsa.js';
import { listHash } from '../../../src/zk/list-hash.js';
import { poseidon } from '../../../src/zk/poseidon/poseidon.js';
import {
  NOT_IN_RECORDS,
  OPERATORS,
  type PlainFact,
  placeMeeting,
  type Row,
} from '../circuits/eligibility-reference.js';
import type { Inputs } from './reference-arithmetic.js';
import type { EligibilitySizes } from './reference-eligibility.js';
import { anyPlace, climb, pack, slack, strayBit, tamper, tampering, valuesOf } from './worlds.js';

/** Worlds of the eligibility statement, as worlds.ts has them of the others. */

const [NOW, DAY] = [4_000_000_000n, 86_400n];
const SEEDS = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
const KEYS = SEEDS.map(eddsaPublicKey);
const [PARTICIPANT, ISSUER] = [0, 1];

const NAMES = (
  'root nym handle request asOf holder scalar requester trial institutionGranted scopeGranted ' +
  'dutiesGranted consentFrom consentUntil dataWindow policy serial consentSalt consentR8x consentR8y ' +
  'consentS index besideIssuerLeaf slot credentialFrom credentialUntil credentialSalt credentialR8x ' +
  'credentialR8y credentialS issuerAx issuerAy issuerFrom issuerUntil grants issuerShardRoot issuerSlot ' +
  'factKeys.0 factKeys.3 factValues.0 factValues.3 rules.0 rules.1 rules.3 criterionKeys.0 ' +
  'criterionKeys.3 criterionValues.0 criterionValues.3 isClaimed.0 isClaimed.1 isClaimed.3 places.0 ' +
  'places.3 shardSiblings.0 topSiblings.1 issuerTopSiblings.0'
).split(' ');

/** As worlds.ts's rarely, but so much is asked here that more has to be right. */
const seldom = <T>(usual: T, other: T) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constant(other) },
  );

/** Numbers, the ends of 64 bits and what is beyond them, codes, and what no record says. */
const factValue = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(0n, 1000n) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 64n + 5n) },
  { weight: 2, arbitrary: fc.constantFrom(fieldOf('active'), fieldOf('inactive')) },
  { weight: 2, arbitrary: fc.constant(NOT_IN_RECORDS) },
);

/** A criterion made for one of the facts; mostly it holds, often on the boundary. */
const wish = (groups: number) =>
  fc.record({
    of: fc.nat(1000),
    operator: fc.constantFrom(...OPERATORS),
    distance: fc.oneof(
      { weight: 24, arbitrary: fc.bigInt(1n, 50n) },
      { weight: 12, arbitrary: fc.constant(0n) },
      { weight: 1, arbitrary: fc.constant(-1n) },
    ),
    isFitting: seldom(true, false),
    group: fc.nat(groups - 1),
  });
type Wish = typeof wish extends (groups: number) => fc.Arbitrary<infer One> ? One : never;

/** The operator, or another where a value can meet it on no boundary: ABSENT, and no number of 64 bits. */
function fittingOperator(operator: Row['operator'], value: bigint): Row['operator'] {
  if (value === NOT_IN_RECORDS) return 'absent';
  const isOrder = operator === '>=' || operator === '<=';
  return operator === 'absent' || (isOrder && value >= 2n ** 64n) ? '=' : operator;
}

function rowFor(
  { of, operator, distance, isFitting, group }: Wish,
  facts: readonly PlainFact[],
): Row {
  const { key, value } = facts[of % facts.length] ?? { key: 77n, value: 0n };
  const chosen = isFitting ? fittingOperator(operator, value) : operator;
  const near = {
    '>=': value - distance,
    '<=': value + distance,
    '=': value,
    '!=': value + distance,
  };
  const wanted = chosen === 'present' || chosen === 'absent' ? 0n : near[chosen];
  return { key, operator: chosen, value: wanted < 0n ? 0n : wanted % FIELD_ORDER, group };
}

/** What a prover claims: mostly what holds, seldom something else. */
const lie = fc.oneof(
  { weight: 24, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      row: fc.nat(3),
      claim: fc.constantFrom(0n, 1n, 2n),
      place: fc.bigInt(0n, 5n),
    }),
  },
);

/** Inputs of the eligibility statement; a third of them hold. */
export function eligibilityWorlds(sizes: EligibilitySizes): fc.Arbitrary<Inputs> {
  const [shard, top, facts, criteria, groups] = sizes;
  return fc
    .record({
      values: fc.array(factValue, { minLength: 1, maxLength: facts }),
      wishes: fc.array(wish(groups), { maxLength: criteria }),
      lie,
      ...{
        scope: fc.bigInt(0n, 2n ** 96n - 1n),
        lostScope: strayBit(96),
        strayScope: strayBit(96),
      },
      ...{
        grants: fc.bigInt(0n, 2n ** 16n - 1n),
        lostGrants: strayBit(16),
        strayGrants: strayBit(16),
      },
      consentFrom: slack,
      consentUntil: slack,
      issuerFrom: slack,
      issuerUntil: slack,
      credentialFrom: slack,
      life: slack,
      index: anyPlace(shard),
      slot: anyPlace(top),
      issuerSlot: anyPlace(top),
      ...{
        signer: seldom(PARTICIPANT, 2),
        attester: seldom(ISSUER, 2),
        about: seldom(PARTICIPANT, 2),
      },
      tampered: tampering(NAMES),
    })
    .map(({ values, wishes, signer, attester, about, tampered, ...made }) => {
      const known = values.map((value, i) => ({ key: fieldOf(`key ${i}`), value }));
      const rows = wishes.map((one) => rowFor(one, known));
      const credentialFrom = NOW - made.credentialFrom;
      const v = {
        ...{
          asOf: NOW,
          holder: 5n,
          handle: 6n,
          policy: 7n,
          serial: 8n,
          consentSalt: 9n,
          requester: 10n,
        },
        trial: 11n,
        institutionGranted: 12n,
        dutiesGranted: 13n,
        dataWindow: 14n,
        credentialSalt: 15n,
        besideIssuerLeaf: 16n,
        issuerShardRoot: 17n,
        scopeGranted: ((made.scope | (1n << 4n)) & ~made.lostScope) | made.strayScope,
        grants: ((made.grants | (1n << 9n)) & ~made.lostGrants) | made.strayGrants,
        consentFrom: NOW - made.consentFrom,
        consentUntil: NOW + made.consentUntil,
        issuerFrom: NOW - made.issuerFrom,
        issuerUntil: NOW + made.issuerUntil,
        // Up to the thirty days that a credential lives, and a step beyond.
        credentialFrom,
        credentialUntil: credentialFrom + 30n * DAY - made.life,
        index: made.index,
        slot: made.slot,
        issuerSlot: made.issuerSlot,
      };
      const lists = criteriaLists(rows, known, made.lie, sizes);
      return tamper(eligibilityInputs(v, lists, { signer, attester, about }, sizes), tampered);
    });
}

type Lists = Readonly<Record<string, readonly bigint[]>>;

function criteriaLists(
  rows: readonly Row[],
  known: readonly PlainFact[],
  told: { readonly row: number; readonly claim: bigint; readonly place: bigint } | undefined,
  [, , facts, criteria]: EligibilitySizes,
) {
  const padded = (list: readonly bigint[], count: number) =>
    Array.from({ length: count }, (_, i) => list[i] ?? 0n);
  const places = rows.map((row) => placeMeeting(row, known));
  const isClaimed = padded(
    places.map((place) => (place < 0 ? 0n : 1n)),
    criteria,
  );
  const claimed = padded(
    places.map((place) => BigInt(Math.max(place, 0))),
    criteria,
  );
  if (told !== undefined) [isClaimed[told.row], claimed[told.row]] = [told.claim, told.place];
  const rules = rows.map(
    ({ operator, group }) => (1n << BigInt(OPERATORS.indexOf(operator))) | (64n << BigInt(group)),
  );
  return {
    factKeys: padded(
      known.map(({ key }) => key),
      facts,
    ),
    factValues: padded(
      known.map(({ value }) => value),
      facts,
    ),
    rules: padded(rules, criteria),
    criterionKeys: padded(
      rows.map(({ key }) => key),
      criteria,
    ),
    criterionValues: padded(
      rows.map(({ value }) => value),
      criteria,
    ),
    isClaimed,
    places: claimed,
  };
}

function eligibilityInputs(
  v: Record<string, bigint>,
  lists: ReturnType<typeof criteriaLists>,
  who: { readonly signer: number; readonly attester: number; readonly about: number },
  [shard, top, , , groups]: EligibilitySizes,
): Inputs {
  const at = valuesOf(v);
  const [nym, subject] = [PARTICIPANT, who.about].map(pseudonymAt);
  const leaf = poseidon([
    ...[5n, nym ?? 0n, at('requester'), at('trial'), at('institutionGranted'), at('scopeGranted')],
    ...[at('dutiesGranted'), pack(at('consentFrom'), at('consentUntil')), at('dataWindow')],
    ...[at('policy'), at('serial'), at('handle'), at('consentSalt')],
  ]);
  const factList = lists.factKeys.flatMap((key, i) => [key, lists.factValues[i] ?? 0n]);
  const validity = pack(at('credentialFrom'), at('credentialUntil'));
  const message = poseidon([
    ...[12n, subject ?? 0n, listHash('FACTS', factList), validity, at('credentialSalt')],
  ]);
  const consent = signEddsa(seedAt(who.signer), leaf);
  const credential = signEddsa(seedAt(who.attester), message);
  const { ax = 0n, ay = 0n } = KEYS[ISSUER] ?? {};
  const issuer = poseidon([7n, ax, ay, pack(at('issuerFrom'), at('issuerUntil')), at('grants')]);
  return {
    ...v,
    ...lists,
    ...registerOf(at, leaf, issuer, [shard, top]),
    nym: nym ?? 0n,
    request: requestOf(at, lists, BigInt(6 + groups)),
    scalar: eddsaScalar(seedAt(PARTICIPANT)),
    issuerAx: ax,
    issuerAy: ay,
    consentR8x: consent.r8x,
    consentR8y: consent.r8y,
    consentS: consent.s,
    credentialR8x: credential.r8x,
    credentialR8y: credential.r8y,
    credentialS: credential.s,
  };
}

function requestOf(at: (name: string) => bigint, lists: Lists, ruleBits: bigint): bigint {
  const { rules = [], criterionKeys = [], criterionValues = [] } = lists;
  const used = BigInt(rules.filter((rule) => rule !== 0n).length);
  const packed = rules.reduce((sum, rule, row) => sum + (rule << (ruleBits * BigInt(row))), 0n);
  const hash = listHash('CRITERIA', [used, packed, ...criterionKeys, ...criterionValues]);
  return poseidon([8n, at('trial'), hash, at('requester')]);
}

/** Two paths to one root: they join where the slots differ in their highest bit, or are one. */
function registerOf(
  at: (name: string) => bigint,
  leaf: bigint,
  issuer: bigint,
  [shard, top]: readonly [shard: number, top: number],
): Inputs {
  const shardSiblings = Array.from({ length: shard }, (_, i) => BigInt(100 + i));
  const shardRoot = climb(leaf, shardSiblings, at('index'));
  const mask = (1n << BigInt(top)) - 1n;
  const [slot, issuerSlot] = [at('slot') & mask, at('issuerSlot') & mask];
  const isShared = slot === issuerSlot;
  const besideIssuerLeaf = isShared ? issuer : at('besideIssuerLeaf');
  const issuerShardRoot = isShared ? shardRoot : at('issuerShardRoot');
  const siblings = Array.from({ length: top }, (_, i) => BigInt(200 + i));
  const [topSiblings, issuerTopSiblings] = [[...siblings], [...siblings]];
  const joins = (slot ^ issuerSlot).toString(2).length - 1;
  const below = siblings.slice(0, joins);
  if (!isShared) {
    topSiblings[joins] = climb(poseidon([issuerShardRoot, issuer]), below, issuerSlot);
    issuerTopSiblings[joins] = climb(poseidon([shardRoot, besideIssuerLeaf]), below, slot);
  }
  const root = climb(poseidon([shardRoot, besideIssuerLeaf]), topSiblings, slot);
  return { shardSiblings, topSiblings, issuerTopSiblings, besideIssuerLeaf, issuerShardRoot, root };
}

function pseudonymAt(who: number): bigint {
  const { ax = 0n, ay = 0n } = KEYS[who] ?? {};
  return poseidon([1n, ax, ay]);
}

function seedAt(who: number): Uint8Array {
  return SEEDS[who] ?? new Uint8Array(32);
}
