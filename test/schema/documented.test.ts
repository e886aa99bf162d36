import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { MAX_ROWS } from '../../src/federation/document/limits.js';
import { MAX_PAGE, pageSize } from '../../src/graph/page.js';

const api = buildSchema(
  readFileSync(fileURLToPath(new URL('../../schema/api.graphql', import.meta.url)), 'utf8'),
);
const types = Object.values(api.getTypeMap()).filter((type) => !isIntrospectionType(type));
const fields = types
  .filter((type) => isObjectType(type) || isInterfaceType(type))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ at: `${type.name}.${field.name}`, field })),
  );
const args = fields.flatMap(({ at, field }) =>
  field.args.map((argument) => ({ at: `${at}(${argument.name}:)`, input: argument })),
);
const inputs = types
  .filter(isInputObjectType)
  .flatMap((type) =>
    Object.values(type.getFields()).map((input) => ({ at: `${type.name}.${input.name}`, input })),
  );

/** That a word of the rule stands in a description: "Null if ...", "Absent: ...". */
function says(description: string | null | undefined, word: RegExp): boolean {
  return word.test(description ?? '');
}

describe('the published API says', () => {
  test('of every scalar of its own where it is specified', () => {
    const own = types.filter(isScalarType).filter((type) => !isSpecifiedScalarType(type));
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter(({ specifiedByURL }) => !specifiedByURL?.startsWith('https://'))).toEqual([]);
  });

  test('of every field that can be null when it is', () => {
    const silent = fields
      .filter(({ field }) => !isNonNullType(field.type))
      .filter(({ field }) => !says(field.description, /\bnull\b/i));
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  test('of no field that is never null that it could be', () => {
    const wrong = fields
      .filter(({ field }) => isNonNullType(field.type))
      .filter(({ field }) => says(field.description, /\bnull\b/i));
    expect(wrong.map(({ at }) => at)).toEqual([]);
  });

  test('of everything that may be left out what follows', () => {
    const silent = [...args, ...inputs]
      .filter(({ input }) => isOptional(input))
      .filter(({ input }) => !says(input.description, /\babsent\b/i));
    expect(silent.map(({ at }) => at)).toEqual([]);
  });
});

describe('of each `first` the published API says', () => {
  const pages = args.filter(({ input }) => input.name === 'first');

  test('something, for there are pages', () => {
    expect(pages.length).toBeGreaterThan(10);
  });

  test.each(pages.map(({ at, input }) => [at, input] as const))('%s as it is', (_, input) => {
    const usual = input.defaultValue as number;
    expect(pageSize(null, usual)).toBe(usual);
    const said = input.description ?? '';
    expect(said).toContain(`1 to ${MAX_PAGE.toLocaleString('en-US')}.`);
    expect(said).toContain(`Absent or null: ${usual}.`);
    expect(said).toContain(`more than ${MAX_ROWS.toLocaleString('en-US')} rows`);
  });

  test('BAD_INPUT beyond its maximum, and that is so', () => {
    expect(pageSize(MAX_PAGE, 50)).toBe(MAX_PAGE);
    for (const first of [0, MAX_PAGE + 1]) {
      expect(() => pageSize(first, 50)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    }
    expect(pages.filter(({ input }) => !says(input.description, /BAD_INPUT/))).toEqual([]);
  });
});

function isOptional(input: GraphQLArgument | GraphQLInputField): boolean {
  return !isRequiredArgument(input as GraphQLArgument);
}
