import { DomainError } from '../core/errors.js';

/**
 * What a scope, a set of duties and a set of roles are made of: a bit each. Append only, because
 * signed leaves hold these positions for ever.
 */

/** HL7 v3 ActReason: bits 0 to 15 of a scope. */
export const PURPOSE_BITS = {
  TREAT: 0,
  HPAYMT: 1,
  HOPERAT: 2,
  HRESCH: 3,
  CLINTRCH: 4,
  PUBHLTH: 5,
} as const;

/**
 * One bit per family of FHIR resources, and per other room: bits 16 to 63 of a scope. EXACT_DATE
 * opens nothing by itself: it lets the dates of what the others open leave as the source has them.
 */
export const DATA_CLASS_BITS = {
  DEMOGRAPHICS: 16,
  CONDITION: 17,
  OBSERVATION: 18,
  MEDICATION: 19,
  PROCEDURE: 20,
  IMMUNIZATION: 21,
  ALLERGY: 22,
  ENCOUNTER: 23,
  DIAGNOSTIC_REPORT: 24,
  TRIAL: 25,
  SUPPLY: 26,
  CLAIMS: 27,
  EXACT_DATE: 28,
} as const;

/** HL7 v3 ActCode sensitivity labels: bits 64 to 95 of a scope; a label not granted is withheld. */
export const LABEL_BITS = { PSY: 64, SUD: 65, HIV: 66, SDV: 67, GDIS: 68 } as const;

/** GA4GH DUO modifiers (NPU to TS) and two of our own: bits 0 to 31 of the duties. */
export const DUTY_BITS = {
  NPU: 0,
  IRB: 1,
  GSO: 2,
  PUB: 3,
  RTN: 4,
  TS: 5,
  NO_REDISCLOSURE: 6,
  RECONTACT: 7,
} as const;

/** What an accreditation may be for: bits 0 to 7 of its roles, and of an issuer's grants. */
export const ACCREDITATION_ROLE_BITS = {
  RESEARCHER: 0,
  TRADING_PARTNER: 1,
  PAYER: 2,
  PROVIDER: 3,
} as const;

/** What an issuer may do beyond accrediting roles: the bits of its grants after those. */
export const GRANT_BITS = { ANY_STUDY: 8, ATTEST_FACTS: 9 } as const;

export type Purpose = keyof typeof PURPOSE_BITS;
export type DataClass = keyof typeof DATA_CLASS_BITS;
export type Sensitivity = keyof typeof LABEL_BITS;
export type Duty = keyof typeof DUTY_BITS;
export type AccreditationRole = keyof typeof ACCREDITATION_ROLE_BITS;

/** A scope in words: what may be used for what. Order carries no meaning. */
export interface Scope {
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
}

/** What an issuer leaf grants, in words. */
export interface Grants {
  readonly roles: readonly AccreditationRole[];
  readonly anyStudy: boolean;
  readonly attestFacts: boolean;
}

/** A scope as the 96-bit element of a leaf. */
export function scopeOf({ purposes, dataClasses, labels }: Scope): bigint {
  return (
    bitsOf(PURPOSE_BITS, purposes) |
    bitsOf(DATA_CLASS_BITS, dataClasses) |
    bitsOf(LABEL_BITS, labels)
  );
}

/**
 * A 96-bit scope in words, in the order of the lists above.
 *
 * @throws CODE_UNKNOWN for a bit that no list names: it is never dropped silently.
 */
export function readScope(scope: bigint): Scope {
  requireKnown(scope, { ...PURPOSE_BITS, ...DATA_CLASS_BITS, ...LABEL_BITS });
  return {
    purposes: namesIn(PURPOSE_BITS, scope),
    dataClasses: namesIn(DATA_CLASS_BITS, scope),
    labels: namesIn(LABEL_BITS, scope),
  };
}

/** Duties as the 32-bit element of a leaf. */
export function dutiesOf(duties: readonly Duty[]): bigint {
  return bitsOf(DUTY_BITS, duties);
}

/** @throws CODE_UNKNOWN for a bit that the list does not name. */
export function readDuties(duties: bigint): readonly Duty[] {
  requireKnown(duties, DUTY_BITS);
  return namesIn(DUTY_BITS, duties);
}

/** The roles of an accreditation leaf, 8 bits. */
export function rolesOf(roles: readonly AccreditationRole[]): bigint {
  return bitsOf(ACCREDITATION_ROLE_BITS, roles);
}

/** The grants of an issuer leaf, 10 bits. */
export function grantsOf({ roles, anyStudy, attestFacts }: Grants): bigint {
  return (
    rolesOf(roles) |
    (anyStudy ? 1n << BigInt(GRANT_BITS.ANY_STUDY) : 0n) |
    (attestFacts ? 1n << BigInt(GRANT_BITS.ATTEST_FACTS) : 0n)
  );
}

/**
 * The grants of an issuer leaf in words: what a voter is shown.
 *
 * @throws CODE_UNKNOWN for a bit that no list names: nobody should vote for what nobody can read.
 */
export function readGrants(grants: bigint): Grants {
  requireKnown(grants, { ...ACCREDITATION_ROLE_BITS, ...GRANT_BITS });
  const others = namesIn(GRANT_BITS, grants);
  return {
    roles: namesIn(ACCREDITATION_ROLE_BITS, grants),
    anyStudy: others.includes('ANY_STUDY'),
    attestFacts: others.includes('ATTEST_FACTS'),
  };
}

/** Whether every bit asked is granted: the rule of the circuits' RequireSubset. */
function isSubset(asked: bigint, granted: bigint): boolean {
  return (asked & ~granted) === 0n;
}

type Bits = Readonly<Record<string, number>>;

function bitsOf<B extends Bits>(bits: B, names: readonly (keyof B & string)[]): bigint {
  let value = 0n;
  for (const name of names) {
    // Object.hasOwn, because a name from a wire could be 'constructor'.
    const bit = Object.hasOwn(bits, name) ? bits[name] : undefined;
    if (bit === undefined)
      throw new DomainError('CODE_UNKNOWN', { code: String(name).slice(0, 40) });
    value |= 1n << BigInt(bit);
  }
  return value;
}

function namesIn<B extends Bits>(bits: B, value: bigint): readonly (keyof B & string)[] {
  const names: (keyof B & string)[] = [];
  for (const [name, bit] of Object.entries(bits)) {
    if ((value >> BigInt(bit)) & 1n) names.push(name);
  }
  return names;
}

function requireKnown(value: bigint, bits: Bits): void {
  const known = Object.values(bits).reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  if (value < 0n || !isSubset(value, known)) throw new DomainError('CODE_UNKNOWN');
}
