import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { DateTimeISOResolver, JSONObjectResolver } from 'graphql-scalars';
import { DomainError } from '../core/errors.js';

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

const CANONICAL_FIELD = /^(0|[1-9][0-9]{0,76})$/;
const CIVIL_DATE = /^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$/;
const DECIMAL = /^-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?$/;
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]{1,2000}$/;

const Field = textScalar(
  'Field',
  'An element of the BN254 scalar field, as a canonical decimal.',
  CANONICAL_FIELD,
);
const CivilDate = textScalar(
  'Date',
  'A civil date YYYY-MM-DD, or less exact: YYYY-MM or YYYY, as FHIR allows.',
  CIVIL_DATE,
);
const Decimal = textScalar(
  'Decimal',
  'A decimal number as text, so that no digit is lost to floating point.',
  DECIMAL,
);
const Uri = textScalar(
  'URI',
  'An absolute URI (RFC 3986), for example a GS1 EPC URN.',
  ABSOLUTE_URI,
);

const Jwk = objectScalar('JWK', 'A public key as a JSON Web Key (RFC 7517).');
const Proof = objectScalar('Proof', 'A Groth16 proof as snarkjs writes it: pi_a, pi_b, pi_c.');

/** The part of a Pothos builder that this file needs; its own type names the context too. */
interface ScalarRegistry {
  addScalarType(name: keyof ScalarTypes, scalar: GraphQLScalarType): unknown;
}

/** Adds every scalar of the API, so that all subgraphs mean the same by one name. */
export function addScalars(builder: ScalarRegistry): void {
  const add = (name: keyof ScalarTypes, scalar: GraphQLScalarType) =>
    builder.addScalarType(name, scalar);
  add('DateTime', DateTimeISOResolver);
  add('JSONObject', JSONObjectResolver);
  add('Field', Field);
  add('Date', CivilDate);
  add('Decimal', Decimal);
  add('URI', Uri);
  add('JWK', Jwk);
  add('Proof', Proof);
}

function textScalar(name: string, description: string, form: RegExp): GraphQLScalarType {
  const require = (value: unknown): string => {
    if (typeof value !== 'string' || !form.test(value)) {
      throw new DomainError('BAD_INPUT', { scalar: name });
    }
    return value;
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: require,
    parseValue: require,
    parseLiteral: (node) => require(node.kind === Kind.STRING ? node.value : undefined),
  });
}

function objectScalar(name: string, description: string): GraphQLScalarType {
  const require = (value: unknown): Readonly<Record<string, unknown>> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DomainError('BAD_INPUT', { scalar: name });
    }
    return value as Readonly<Record<string, unknown>>;
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: require,
    parseValue: require,
    parseLiteral: (node, variables) => require(valueFromASTUntyped(node, variables)),
  });
}
