import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** A request as one client would send it. */
export interface MadeRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What no scalar of this graph takes everywhere, and some nowhere. */
const ODD_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300, -0],
  ...['', ' ', '\u0000', '\ud800', 'x'.repeat(5_000), '1', '__proto__', '%00', "'; --", '\u202e'],
  ...['0000-00-00', '2024-02-30', '+275760-09-13T00:00:00Z', '99999-01-01', '1e999', 'NaN'],
  ...['urn:epc:id:sgtin:0.0.0', 'NCT00000001', '07', '-5', '9'.repeat(77), 'riverside-hospital'],
  ...[[], [null], [[1]], {}, { a: 1 }, { __proto__: 1 }, { pi_a: [1], pi_b: null }],
];

const oddValue = fc.oneof(
  fc.constantFrom(...ODD_VALUES),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** What fits a leaf often enough that its resolver runs. */
const FITTING: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1, 2, 20, 1_000],
  Boolean: [true, false],
  String: ['a', 'NCT00000001', '2026-01-01', 'abcdefghijklmnop', '\u0000'],
  ID: ['NCT00000001', 'riverside-hospital', '09521234000013', '1', '\u0000', 'é'],
  Field: ['0', '1', '5', '9'.repeat(76)],
  DateTime: ['2026-01-01T00:00:00Z', '1899-12-31T23:59:59Z', '9999-12-31T23:59:59.999Z'],
  Date: ['2026-01-01', '2026-01', '9999-99-99'],
  Decimal: ['1', '-1.5', '1e999'],
  URI: ['urn:epc:id:sgtin:9521234.000001.1', 'https://id.gs1.org/01/09521234000013/21/1', 'a:b'],
};

/**
 * Makes requests over a schema, some of them right: fields that are there, with arguments that fit or
 * do not, as literals, variables, defaults, in lists and in input objects; directives, fragments and
 * operations of every kind.
 */
export function requestsOver(schema: GraphQLSchema): fc.Arbitrary<MadeRequest> {
  return fc
    .record({
      kind: fc.constantFrom('query', 'query', 'query', 'mutation', 'subscription'),
      seed: fc.infiniteStream(fc.nat(1_000_000)),
      odd: fc.infiniteStream(oddValue),
    })
    .map(({ kind, seed, odd }) => new Maker(schema, seed, odd).make(kind));
}

class Maker {
  readonly #schema: GraphQLSchema;
  readonly #choices: Iterator<number>;
  readonly #odd: Iterator<unknown>;
  readonly #variables: { name: string; type: string; value: unknown; usual: string }[] = [];
  readonly #fragments: string[] = [];
  #left = 40;

  constructor(schema: GraphQLSchema, choices: Iterator<number>, odd: Iterator<unknown>) {
    this.#schema = schema;
    this.#choices = choices;
    this.#odd = odd;
  }

  make(kind: string): MadeRequest {
    const root = kind === 'mutation' ? this.#schema.getMutationType() : this.#schema.getQueryType();
    const selection = this.#select(root ?? undefined, 5);
    const name = this.#chance(20) ? ' A' : '';
    const defined = this.#variables.map((one) => `$${one.name}: ${one.type}${one.usual}`);
    const variables = defined.length === 0 ? '' : ` (${defined.join(', ')})`;
    const left = this.#variables.filter(() => !this.#chance(10));
    return {
      query: `${kind}${name}${variables}${this.#directive()} ${selection} ${this.#fragments.join(' ')}`,
      variables: Object.fromEntries(left.map((one) => [one.name, one.value])),
    };
  }

  #select(type: GraphQLNamedType | undefined, depth: number): string {
    if (type === undefined || !isCompositeType(type)) return '{ __typename }';
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    const some = fields.filter(() => this.#left > 0 && this.#chance(depth === 5 ? 25 : 45));
    const parts = some.map((field) => this.#field(field, depth));
    if (isAbstractType(type) || this.#chance(5)) parts.push(this.#spread(type, depth));
    if (parts.length === 0 || this.#chance(10)) parts.push(`__typename${this.#directive()}`);
    if (this.#chance(3)) parts.push('__schema { types { name } }');
    return `{ ${parts.join(' ')} }`;
  }

  #field({ name, args, type }: GraphQLField<unknown, unknown>, depth: number): string {
    this.#left -= 1;
    const alias = this.#chance(10) ? `${this.#pick(['a', 'b', '_c'])}${this.#next() % 9}: ` : '';
    const given = args
      .filter((arg) => isNonNullType(arg.type) || this.#chance(50))
      .map((arg) => this.#argument(arg));
    if (this.#chance(2)) given.push('nothing: 1');
    const named = getNamedType(type);
    const written = given.length === 0 ? '' : `(${given.join(', ')})`;
    const below = isCompositeType(named) && depth > 0 ? ` ${this.#select(named, depth - 1)}` : '';
    const leaf = isCompositeType(named) && depth === 0 ? ' { __typename }' : below;
    return `${alias}${name}${written}${this.#directive()}${leaf}`;
  }

  #spread(type: GraphQLNamedType, depth: number): string {
    const on = isAbstractType(type) ? this.#pick(this.#schema.getPossibleTypes(type)) : type;
    const selection = this.#select(on, Math.max(0, depth - 1));
    if (this.#chance(50)) return `... on ${on.name}${this.#directive()} ${selection}`;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on.name} ${selection}`);
    return `...${name}${this.#directive()}`;
  }

  #argument({ name, type }: GraphQLArgument): string {
    if (!this.#chance(50)) return `${name}: ${literal(this.#value(type))}`;
    const variable = `v${this.#variables.length}`;
    const usual = this.#chance(15) ? ` = ${literal(this.#value(type))}` : '';
    const written = this.#chance(4) ? this.#pick(['Int', '[ID]', 'Nothing']) : String(type);
    this.#variables.push({ name: variable, type: written, value: plain(this.#value(type)), usual });
    return `${name}: $${variable}`;
  }

  #value(type: GraphQLInputType): unknown {
    if (this.#chance(12)) return this.#odd.next().value;
    if (isNonNullType(type)) return this.#value(type.ofType);
    if (isListType(type)) {
      return Array.from({ length: this.#next() % 3 }, () => this.#value(type.ofType));
    }
    if (isEnumType(type)) return new Word(this.#pick(type.getValues()).name);
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isNonNullType(field.type) || this.#chance(50),
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type)]));
    }
    if (type.name === '_Any') return this.#reference();
    return this.#pick(FITTING[type.name] ?? [{}, { kty: 'EC' }]);
  }

  #reference(): unknown {
    const names = ['Study', 'Participant', 'Lot', 'Trial', 'Institution', 'Widget', 'Query', 'No'];
    const key = () =>
      this.#chance(40) ? this.#odd.next().value : this.#pick(['1', 'NCT00000001']);
    const all = { id: key(), pseudonym: key(), gtin: key(), lot: key() };
    return { __typename: this.#pick(names), ...(this.#chance(90) ? all : {}) };
  }

  #directive(): string {
    if (!this.#chance(4)) return '';
    const values = ['true', 'false', '1', '"x"', 'null', '$v0', '$none', '{}'];
    return ` @${this.#pick(['skip', 'include', 'defer', 'nothing'])}${this.#chance(90) ? `(if: ${this.#pick(values)})` : ''}`;
  }

  #next(): number {
    return this.#choices.next().value as number;
  }

  #chance(percent: number): boolean {
    return this.#next() % 100 < percent;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#next() % from.length] as T;
  }
}

/** An enum's value: a name in a document, and a string in JSON. */
class Word {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): string {
    return this.text;
  }
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function literal(value: unknown): string {
  if (value instanceof Word) return value.text;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([name]) => /^[A-Za-z_]\w*$/.test(name));
  return `{ ${fields.map(([name, field]) => `${name}: ${literal(field)}`).join(', ')} }`;
}
