import { GraphQLScalarType, Kind, parseValue } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createBuilder, toSubgraph } from '../../src/graph/builder.js';

const builder = createBuilder<string>();
builder.queryType({ fields: (t) => ({ hello: t.string({ resolve: () => 'here' }) }) });
const schema = toSubgraph(builder);

function scalar(name: string): GraphQLScalarType {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLScalarType)) throw new Error(`no scalar ${name}`);
  return type;
}

const FORMS = {
  Field: {
    good: ['0', '1', '9'.repeat(77)],
    bad: ['', '01', '-1', '1.0', '0x1', ' 1', '1'.repeat(78)],
  },
  Date: {
    good: ['2024', '2024-02', '2024-02-29'],
    bad: ['', '24', '2024-2-9', '2024-02-29T00:00'],
  },
  Decimal: { good: ['0', '-1.50', '6.02e23'], bad: ['', '.5', '1.', 'NaN', 'Infinity', '1,5'] },
  URI: {
    good: ['urn:epc:id:sgtin:1.2.3', 'https://id.gs1.org/01/1'],
    bad: ['', 'x', '/a', 'urn:a b'],
  },
} as const;

describe.each(Object.entries(FORMS))('%s', (name, { good, bad }) => {
  test('takes its form alike in a variable, a literal and an answer', () => {
    for (const value of good) {
      expect(scalar(name).parseValue(value)).toBe(value);
      expect(scalar(name).parseLiteral(parseValue(JSON.stringify(value)))).toBe(value);
      expect(scalar(name).serialize(value)).toBe(value);
    }
  });

  test.each([...bad, 7, true, null, {}, ['1']])('refuses %j', (value) => {
    const refused = expect.objectContaining({ code: 'BAD_INPUT' });
    expect(() => scalar(name).parseValue(value)).toThrow(refused);
    expect(() => scalar(name).serialize(value)).toThrow(refused);
  });

  test('refuses a literal that is no text: 1 is not "1"', () => {
    expect(() => scalar(name).parseLiteral({ kind: Kind.INT, value: '1' })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  });
});

describe.each(['JWK', 'Proof'])('%s', (name) => {
  test('takes an object, also as a literal with variables in it', () => {
    expect(scalar(name).parseValue({ kty: 'EC' })).toEqual({ kty: 'EC' });
    expect(scalar(name).parseLiteral(parseValue('{ kty: $kty }'), { kty: 'EC' })).toEqual({
      kty: 'EC',
    });
  });

  test.each(['{}', 7, null, [], [{}]])('refuses %j', (value) => {
    expect(() => scalar(name).parseValue(value)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  });
});
