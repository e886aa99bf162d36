import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { DateTimeISOResolver, JSONObjectResolver } from 'graphql-scalars';
import { isCivilDate } from '../core/calendar.js';
import { DomainError } from '../core/errors.js';
import { FIELD_TEXT } from '../core/field-text.js';
import { isoFromSeconds, UNWRITABLE_SECONDS } from '../core/time.js';

/** The wire and the TypeScript type of each scalar. */
export type ScalarTypes = {
  ID: { Input: string; Output: string };
  DateTime: { Input: Date; Output: Date | string };
  Date: { Input: string; Output: string };
  Decimal: { Input: string; Output: string };
  URI: { Input: string; Output: string };
  Field: { Input: string; Output: string };
  JWK: { Input: Readonly<Record<string, unknown>>; Output: Readonly<Record<string, unknown>> };
  Proof: { Input: Readonly<Record<string, unknown>>; Output: Readonly<Record<string, unknown>> };
  JSONObject: {
    Input: Readonly<Record<string, unknown>>;
    Output: Readonly<Record<string, unknown>>;
  };
};

const DECIMAL = /^-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?$/;
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]{1,2000}$/;

/** What a scalar is, and where its form is specified. */
interface ScalarWords {
  readonly name: keyof ScalarTypes;
  readonly description: string;
  readonly specifiedByURL: string;
}

const Field = textScalar((text) => FIELD_TEXT.test(text), {
  name: 'Field',
  description:
    'An element of the scalar field of BN254 (alt_bn128) as a decimal without leading zeros, for ' +
    'example "42". It has up to 77 digits: a string, because no JSON number holds it.',
  specifiedByURL: 'https://eips.ethereum.org/EIPS/eip-197',
});
const CivilDate = textScalar(isCivilDate, {
  name: 'Date',
  description:
    'A civil date as FHIR R4 has it: YYYY-MM-DD, or less exact YYYY-MM or YYYY. It has no time zone.',
  specifiedByURL: 'https://hl7.org/fhir/R4/datatypes.html#date',
});
const Decimal = textScalar((text) => DECIMAL.test(text), {
  name: 'Decimal',
  description: 'A decimal number as text, so that no digit is lost to floating point.',
  specifiedByURL: 'https://hl7.org/fhir/R4/datatypes.html#decimal',
});
const Uri = textScalar((text) => ABSOLUTE_URI.test(text), {
  name: 'URI',
  description: 'An absolute URI, up to 2,000 characters, for example a GS1 EPC URN.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3986',
});

const Jwk = objectScalar({
  name: 'JWK',
  description: 'A public key as a JSON Web Key.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc7517',
});
const Proof = objectScalar({
  name: 'Proof',
  description:
    'A Groth16 proof over BN254, as snarkjs writes it: pi_a, pi_b, pi_c, protocol, curve.',
  specifiedByURL: 'https://eprint.iacr.org/2016/260',
});

const DateTime = writableTimes(DateTimeISOResolver, {
  name: 'DateTime',
  description:
    'A moment as RFC 3339 writes it, for example 2027-12-03T10:15:30Z. Answers are in UTC.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
});
const JsonObject = renamed(JSONObjectResolver, {
  name: 'JSONObject',
  description: 'A JSON object.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
});

/** The part of a Pothos builder that this file needs; its own type names the context too. */
interface ScalarRegistry {
  addScalarType(name: keyof ScalarTypes, scalar: GraphQLScalarType): unknown;
}

/** Adds every scalar of the API, so that all subgraphs mean the same by one name. */
export function addScalars(builder: ScalarRegistry): void {
  const add = (name: keyof ScalarTypes, scalar: GraphQLScalarType) =>
    builder.addScalarType(name, scalar);
  add('DateTime', DateTime);
  add('JSONObject', JsonObject);
  add('Field', Field);
  add('Date', CivilDate);
  add('Decimal', Decimal);
  add('URI', Uri);
  add('JWK', Jwk);
  add('Proof', Proof);
}

/** A moment of the year 10000, by its zone, is told as the last of 9999: RFC 3339 has four digits. */
function writableTimes(scalar: GraphQLScalarType, words: ScalarWords): GraphQLScalarType {
  return new GraphQLScalarType({
    ...renamed(scalar, words).toConfig(),
    serialize: (value) => {
      const iso = String(scalar.serialize(value));
      return iso.startsWith('+') ? isoFromSeconds(UNWRITABLE_SECONDS) : iso;
    },
  });
}

/** A scalar of a library's, in our words. */
function renamed(scalar: GraphQLScalarType, words: ScalarWords): GraphQLScalarType {
  return new GraphQLScalarType({ ...scalar.toConfig(), ...worded(words) });
}

/** With @specifiedBy as the printer of subgraphs reads it: the one that GraphQL has, it leaves out. */
function worded(words: ScalarWords) {
  const { specifiedByURL: url } = words;
  return { ...words, extensions: { directives: [{ name: 'specifiedBy', args: { url } }] } };
}

function textScalar(hasForm: (text: string) => boolean, words: ScalarWords): GraphQLScalarType {
  const require = (value: unknown): string => {
    if (typeof value !== 'string' || !hasForm(value)) {
      throw new DomainError('BAD_INPUT', { scalar: words.name });
    }
    return value;
  };
  return new GraphQLScalarType({
    ...worded(words),
    serialize: require,
    parseValue: require,
    parseLiteral: (node) => require(node.kind === Kind.STRING ? node.value : undefined),
  });
}

function objectScalar(words: ScalarWords): GraphQLScalarType {
  const require = (value: unknown): Readonly<Record<string, unknown>> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DomainError('BAD_INPUT', { scalar: words.name });
    }
    return value as Readonly<Record<string, unknown>>;
  };
  return new GraphQLScalarType({
    ...worded(words),
    serialize: require,
    parseValue: require,
    parseLiteral: (node, variables) => require(valueFromASTUntyped(node, variables)),
  });
}
