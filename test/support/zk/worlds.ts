import fc from 'fast-check';
import { FIELD_ORDER, fieldOf } from '../../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, signEddsa } from '../../../src/zk/eddsa.js';
import { poseidon } from '../../../src/zk/poseidon/poseidon.js';
import type { Inputs, Levels } from './reference-arithmetic.js';

/**
 * Worlds to try the statements in: a grant and a request that nearly fit, where every hash and signature is
 * computed from what was chosen, and then perhaps one input is changed with nothing following.
 */

const NOW = 4_000_000_000n;
const R = FIELD_ORDER;
const [STUDY, OTHER_STUDY] = [fieldOf('study one'), fieldOf('study two')];
const SEEDS = [1, 2].map((fill) => new Uint8Array(32).fill(fill));

/** A distance from a boundary: mostly well inside, often on it or a step beyond, seldom out of range. */
export const slack = fc.oneof(
  { weight: 24, arbitrary: fc.bigInt(1n, 10n ** 6n) },
  { weight: 2, arbitrary: fc.constant(0n) },
  { weight: 1, arbitrary: fc.constantFrom(-1n, -1000n) },
);
/** One value ten times as often as the other. */
export const rarely = <T>(usual: T, other: T) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constant(other) },
  );
export const anyPlace = (bits: number) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.bigInt(0n, (1n << BigInt(bits)) - 1n) },
    { weight: 1, arbitrary: fc.bigInt(1n << BigInt(bits), (1n << BigInt(bits + 1)) - 1n) },
  );
/** Seldom: a bit that should not be there, also above the set's width. */
export const strayBit = (width: number) =>
  fc.oneof(
    { weight: 25, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.nat(width + 2).map((bit) => 1n << BigInt(bit)) },
  );
export const tampering = (names: readonly string[]) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: tamperedInput(names) },
  );
const tamperedInput = (names: readonly string[]) =>
  fc.record({
    name: fc.constantFrom(...names),
    to: fc.oneof(
      fc.constantFrom(0n, 1n, R - 1n, 2n ** 64n, 2n ** 96n).map((value) => () => value),
      fc
        .constantFrom(1n, R - 1n, 2n ** 64n, 2n ** 8n)
        .map((step) => (before: bigint) => (before + step) % R),
    ),
  });

const CONSENT_NAMES = (
  'root nym handle request asOf holder study institutionGranted scopeGranted dutiesGranted validFrom ' +
  'validUntil windowGrantedFrom windowGrantedUntil policy serial salt ax ay r8x r8y s index issuerLeaf slot g ' +
  'institutionAsked scopeAsked dutiesAcknowledged windowAskedFrom windowAskedUntil expires'
).split(' ');
const ACCREDITATION_NAMES = (
  'root nym handle request asOf holder roles studyGranted party validFrom validUntil salt issuerAx issuerAy ' +
  'issuerFrom issuerUntil grants index slot g role study period issuerInstitution issuerTerm ' +
  'issuerParties.0 issuerParties.1 issuerParties.7'
).split(' ');

/** Inputs of the consent statement; about half of them hold. */
export function consentWorlds([shard, top]: Levels): fc.Arbitrary<Inputs> {
  return fc
    .record({
      granted: fc.record({
        scope: fc.bigInt(0n, 2n ** 96n - 1n),
        duties: fc.bigInt(0n, 2n ** 32n - 1n),
        scopeStray: strayBit(96),
        dutiesStray: strayBit(32),
        institution: fc.constantFrom(0n, 0n, 7n),
        validFrom: slack,
        validUntil: slack,
        windowFrom: slack,
        windowUntil: slack,
      }),
      asked: fc.record({
        scopeMask: fc.bigInt(0n, 2n ** 96n - 1n),
        scopeStray: strayBit(96),
        dutiesExtra: fc.bigInt(0n, 2n ** 32n - 1n),
        dutiesLost: strayBit(32),
        institution: fc.oneof(rarely(7n, 8n), rarely(7n, 0n)),
        windowLength: slack,
        lifetime: slack,
      }),
      index: anyPlace(shard),
      slot: anyPlace(top),
      signer: rarely(0, 1),
      tampered: tampering(CONSENT_NAMES),
    })
    .map(({ granted, asked, index, slot, signer, tampered }) => {
      const windowFrom = NOW - 10n ** 7n;
      const windowUntil = windowFrom + asked.windowLength;
      const expires = NOW + asked.lifetime;
      const v = {
        asOf: NOW,
        holder: 5n,
        handle: 6n,
        policy: 7n,
        serial: 8n,
        salt: 9n,
        g: 10n,
        study: STUDY,
        issuerLeaf: 11n,
        index,
        slot,
        expires,
        institutionGranted: granted.institution,
        scopeGranted: granted.scope | granted.scopeStray,
        dutiesGranted: granted.duties | granted.dutiesStray,
        validFrom: NOW - granted.validFrom,
        validUntil: expires + granted.validUntil,
        windowGrantedFrom: windowFrom - granted.windowFrom,
        windowGrantedUntil: windowUntil + granted.windowUntil,
        institutionAsked: asked.institution,
        scopeAsked: (granted.scope & asked.scopeMask) | asked.scopeStray,
        dutiesAcknowledged: (granted.duties | asked.dutiesExtra) & ~asked.dutiesLost,
        windowAskedFrom: windowFrom,
        windowAskedUntil: windowUntil,
      };
      return tamper(consentInputs(v, signer, [shard, top]), tampered);
    });
}

function consentInputs(v: Record<string, bigint>, signer: number, levels: Levels): Inputs {
  const at = valuesOf(v);
  const key = eddsaPublicKey(SEEDS[0] ?? new Uint8Array(32));
  const pseudonym = poseidon([1n, key.ax, key.ay]);
  const validity = pack(at('validFrom'), at('validUntil'));
  const granted = pack(at('windowGrantedFrom'), at('windowGrantedUntil'));
  const leaf = poseidon([
    ...[5n, pseudonym, poseidon([2n, at('g')]), at('study'), at('institutionGranted')],
    ...[at('scopeGranted'), at('dutiesGranted'), validity, granted],
    ...[at('policy'), at('serial'), at('handle'), at('salt')],
  ]);
  const asked = pack(at('windowAskedFrom'), at('windowAskedUntil'));
  const request = poseidon([
    ...[8n, at('institutionAsked'), at('study'), at('scopeAsked'), at('dutiesAcknowledged')],
    ...[asked, at('expires')],
  ]);
  const signature = signEddsa(SEEDS[signer] ?? new Uint8Array(32), leaf);
  return {
    ...v,
    ...place(leaf, at('issuerLeaf'), at, levels),
    ...key,
    ...signature,
    nym: pseudonym,
    request,
  };
}

/** Inputs of the accreditation statement; about half of them hold. */
export function accreditationWorlds([shard, top]: Levels): fc.Arbitrary<Inputs> {
  return fc
    .record({
      role: fc.oneof({ weight: 20, arbitrary: fc.bigInt(0n, 7n) }, fc.bigInt(8n, 17n)),
      otherRoles: fc.bigInt(0n, 255n),
      otherGrants: fc.bigInt(0n, 2n ** 16n - 1n),
      lostRoles: strayBit(8),
      lostGrants: strayBit(16),
      strayRoles: strayBit(8),
      strayGrants: strayBit(16),
      studyGranted: fc.oneof(rarely(STUDY, OTHER_STUDY), rarely(STUDY, 0n), rarely(STUDY, 0n)),
      study: rarely(STUDY, 0n),
      validFrom: slack,
      validUntil: slack,
      issuerFrom: slack,
      issuerUntil: slack,
      index: anyPlace(shard),
      slot: anyPlace(top),
      party: fc.oneof(rarely(11n, 0n), rarely(11n, 12n)),
      /** At which place the party is listed, if at all. */
      partyAt: fc.oneof({ weight: 8, arbitrary: fc.nat(7) }, fc.constant(-1)),
      tampered: tampering(ACCREDITATION_NAMES),
    })
    .map((made) => {
      const { role, index, slot, studyGranted, study } = made;
      const v = {
        ...{
          asOf: NOW,
          holder: 5n,
          handle: 0n,
          salt: 9n,
          g: 10n,
          party: made.party,
          period: 46_296n,
        },
        role,
        study,
        studyGranted,
        index,
        slot,
        issuerAx: 12n,
        issuerAy: 13n,
        issuerInstitution: 14n,
        issuerTerm: 15n,
        roles: ((made.otherRoles | (1n << role)) & 255n & ~made.lostRoles) | made.strayRoles,
        grants: ((made.otherGrants | (1n << role)) & 65_535n & ~made.lostGrants) | made.strayGrants,
        validFrom: NOW - made.validFrom,
        validUntil: NOW + made.validUntil,
        issuerFrom: NOW - made.issuerFrom,
        issuerUntil: NOW + made.issuerUntil,
      };
      const parties = Array.from({ length: 8 }, (_, i) =>
        i === made.partyAt ? 11n : BigInt(20 * (i % 2)),
      );
      return tamper(accreditationInputs(v, parties, [shard, top]), made.tampered);
    });
}

function accreditationInputs(
  v: Record<string, bigint>,
  issuerParties: readonly bigint[],
  levels: Levels,
): Inputs {
  const at = valuesOf(v);
  const validity = pack(at('validFrom'), at('validUntil'));
  const leaf = poseidon([
    ...[6n, poseidon([2n, at('g')]), at('roles'), at('studyGranted'), at('party'), validity],
    at('salt'),
  ]);
  const issuerValidity = pack(at('issuerFrom'), at('issuerUntil'));
  const parties = poseidon([
    poseidon([17n, ...issuerParties.slice(0, 4)]),
    ...issuerParties.slice(4),
  ]);
  const mandate = poseidon([16n, issuerValidity, at('grants'), parties, at('issuerTerm')]);
  const issuer = poseidon([
    ...[15n, at('issuerInstitution'), at('issuerAx'), at('issuerAy'), mandate],
  ]);
  return {
    ...v,
    issuerParties,
    ...place(leaf, issuer, at, levels),
    nym: poseidon([9n, at('g'), at('study'), at('period')]),
    request: poseidon([8n, at('role'), at('study'), at('party'), at('period')]),
  };
}

function place(leaf: bigint, issuer: bigint, at: (name: string) => bigint, levels: Levels) {
  const [shardSiblings, topSiblings] = levels.map((count) =>
    Array.from({ length: count }, (_, i) => BigInt(100 + i)),
  );
  const shardRoot = climb(leaf, shardSiblings ?? [], at('index'));
  const root = climb(poseidon([shardRoot, issuer]), topSiblings ?? [], at('slot'));
  return { shardSiblings: shardSiblings ?? [], topSiblings: topSiblings ?? [], root };
}

/** A place beyond the tree climbs as its lowest bits say, so that only the range can tell. */
export function climb(node: bigint, siblings: readonly bigint[], index: bigint): bigint {
  return siblings.reduce(
    (below, sibling, i) =>
      poseidon((index >> BigInt(i)) & 1n ? [sibling, below] : [below, sibling]),
    node,
  );
}

/** Changes one input, or one element of one, written `name.position`. */
export function tamper(
  inputs: Inputs,
  tampered: { readonly name: string; readonly to: (before: bigint) => bigint } | undefined,
): Inputs {
  if (tampered === undefined) return inputs;
  const [name = '', position] = tampered.name.split('.');
  const before = inputs[name];
  if (before === undefined) throw new Error(`no input ${name}`);
  if (typeof before === 'bigint') return { ...inputs, [name]: tampered.to(before) };
  return {
    ...inputs,
    [name]: before.map((one, i) => (i === Number(position) ? tampered.to(one) : one)),
  };
}

export function valuesOf(v: Readonly<Record<string, bigint>>) {
  return (name: string): bigint => {
    const value = v[name];
    if (value === undefined) throw new Error(`no value ${name}`);
    return value;
  };
}

export function pack(from: bigint, until: bigint): bigint {
  return ((((from << 64n) + until) % R) + R) % R;
}
