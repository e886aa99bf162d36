import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { EnumWord } from './nodes-of.js';
import type { Random } from './random.js';

/** Texts that a leaf takes, by the name of its argument or input field, or else by its scalar. */
export type Fitting = Readonly<Record<string, readonly unknown[]>>;

/** What is taken, more often than what is refused beside it. */
const often = <Value>(...values: Value[]): readonly Value[] => [...values, ...values, ...values];

/** What arguments of this API take, so that most questions get an answer and some are refused. */
export const FITTING: Fitting = {
  institution: [...often('riverside-hospital', 'lakeshore-hospital'), 'summit-pharma', 'nowhere'],
  first: [...often(1, 2, 3), 20, 0],
  after: [null, null, 'bm8', 'WyJOQ1QwMDAwMDAwMSJd'],
  gtin: [...often('09521234000013', '09521234000020'), '1'],
  lot: [...often('A1', 'B2', 'C3'), ' '],
  serial: ['1', 'S-17'],
  epc: ['urn:epc:id:sgtin:9521234.000001.1', 'urn:epc:id:sscc:9521234.0000000001', 'a:b'],
  expiry: [...often('2027-01-31', '2026-12-31'), '2026'],
  from: ['2020-01-01T00:00:00Z', '1999-12-31T23:59:59.999Z'],
  until: ['2026-01-01T00:00:00Z', '2030-06-30T12:00:00+02:00'],
  sequence: [1, 2],
  copies: [1, 2, 3, 0],
  nonce: ['abcdefghijklmnop'],
  codeId: ['ab'.repeat(32)],
  ucum: ['mm[Hg]', '1'],
  condition: ['a', 'diabetes'],
  backup: ['abcd'],
  id: [...often('NCT90000001', 'NCT90000002', 'riverside-hospital'), '17'],
  pseudonym: ['100', '101', '110', '7'],
  pseudonyms: ['100', '101', '110', '7'],
  study: [...often('NCT90000001', 'NCT90000002'), '17'],
  Int: [0, 1, 2, 7],
  Float: [0.5, 2],
  Boolean: [true, false],
  String: ['a', 'laboratory', 'é "\\ \n'],
  ID: ['NCT90000001', 'NCT90000002', '17'],
  Field: ['1', '5', '17', '9'.repeat(76)],
  DateTime: ['2026-01-01T00:00:00Z', '2025-06-01T12:30:00.5+01:00'],
  Date: ['2026-01-01', '2026-01', '2026'],
  Decimal: ['1', '-1.5', '1e3'],
  URI: ['http://loinc.org', 'urn:oid:2.16.840.1.113883.6.96'],
  JWK: [{ kty: 'EC', crv: 'P-256' }],
  Proof: [{ pi_a: ['1'], pi_b: [['1']], pi_c: ['1'] }],
};

const NULL_PERCENT = 12;
const OPTIONAL_PERCENT = 45;

/** A value that fits a type, null among them. `name` is what the value is for. */
export function inputValue(
  type: GraphQLInputType,
  name: string,
  random: Random,
  fitting: Fitting = FITTING,
): unknown {
  if (isNonNullType(type)) return requiredValue(type.ofType, name, random, fitting);
  if (random.chance(NULL_PERCENT)) return null;
  return requiredValue(type, name, random, fitting);
}

/** A value that fits a type, which is never null. */
export function requiredValue(
  type: GraphQLInputType,
  name: string,
  random: Random,
  fitting: Fitting = FITTING,
): unknown {
  if (isNonNullType(type)) return requiredValue(type.ofType, name, random, fitting);
  if (isListType(type)) {
    // GraphQL takes one item for a list of it.
    if (random.chance(10)) return requiredValue(type.ofType, name, random, fitting);
    const length = 1 + random.below(2);
    return Array.from({ length }, () => inputValue(type.ofType, name, random, fitting));
  }
  if (isEnumType(type)) return new EnumWord(random.pick(type.getValues()).name);
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) || random.chance(OPTIONAL_PERCENT),
    );
    return Object.fromEntries(
      fields.map((field) => [field.name, inputValue(field.type, field.name, random, fitting)]),
    );
  }
  const named = (fitting[name] ?? []).filter((value) => value !== null && fits(value, type.name));
  const all = named.length > 0 ? named : (fitting[type.name] ?? ['a']);
  return random.pick(all);
}

/** A name may mean an identifier here and a whole number there. */
function fits(value: unknown, scalar: string): boolean {
  if (scalar === 'Int') return Number.isInteger(value);
  if (scalar === 'Boolean') return typeof value === 'boolean';
  if (scalar === 'Field') return typeof value === 'string' && /^\d+$/.test(value);
  return typeof value === 'string';
}
