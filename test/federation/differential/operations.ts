import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  doTypesOverlap,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLBoolean,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  GraphQLNonNull,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isUnionType,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { MAX_SIZE } from '../../../src/federation/document/limits.js';
import { measureDocument } from '../../../src/federation/document/measure.js';
import { FITTING, type Fitting } from './inputs.js';
import { nameOf } from './nodes-of.js';
import { INHERITED } from './odd-names.js';
import { Random } from './random.js';
import { makeValid, TYPENAME } from './tidy.js';
import { Values } from './values.js';

/** A valid operation over a schema, with variables that fit. */
export interface Operation {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

const DEEPEST = 9;
const MUTATION_PERCENT = 12;
const INTROSPECTION_PERCENT = 6;
/** Of operations whose names may be those that every object has. */
const INHERITED_PERCENT = 8;

/**
 * The operation of a seed: valid over the schema, within the limits of a document, and as awkward as
 * those two let it be. The same seed gives the same operation for as long as the schema is the same.
 */
export function operationOf(
  schema: GraphQLSchema,
  seed: number,
  fitting: Fitting = FITTING,
): Operation {
  const random = new Random(seed);
  for (;;) {
    const maker = new Maker(schema, random, fitting);
    const made = maker.make();
    const operation = { ...made, document: makeValid(schema, made.document) };
    if (isWithinLimits(operation.document)) return operation;
  }
}

function isWithinLimits(document: DocumentNode): boolean {
  const size = measureDocument(document);
  return Object.entries(MAX_SIZE).every(([name, most]) => size[name as keyof typeof size] <= most);
}

class Maker {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #values: Values;
  readonly #fragments: FragmentDefinitionNode[] = [];
  readonly #isOddlyNamed: boolean;
  #left: number;

  constructor(schema: GraphQLSchema, random: Random, fitting: Fitting) {
    this.#schema = schema;
    this.#random = random;
    this.#isOddlyNamed = random.chance(INHERITED_PERCENT);
    this.#values = new Values(random, fitting, this.#isOddlyNamed);
    this.#left = 4 + random.below(random.pick([6, 16, 50]));
  }

  make(): Operation {
    const mutation = this.#schema.getMutationType();
    const isMutation = mutation && this.#random.chance(MUTATION_PERCENT);
    const root = isMutation ? mutation : this.#schema.getQueryType();
    if (!root) throw new Error('a schema has queries');
    const selectionSet = this.#select(root, 0);
    const name = this.#random.chance(30) ? { name: nameOf(this.#named('Asked')) } : {};
    const document: DocumentNode = {
      kind: Kind.DOCUMENT,
      definitions: [
        {
          kind: Kind.OPERATION_DEFINITION,
          operation: isMutation ? OperationTypeNode.MUTATION : OperationTypeNode.QUERY,
          ...name,
          variableDefinitions: this.#values.definitions,
          selectionSet,
        },
        ...this.#fragments,
      ],
    };
    return { document, variables: this.#values.given };
  }

  #select(type: GraphQLCompositeType, depth: number): SelectionSetNode {
    const wanted = 1 + this.#random.below(depth === 0 ? 3 : 5);
    const selections: SelectionNode[] = [];
    for (let i = 0; i < wanted && (this.#left > 0 || i === 0); i += 1) {
      this.#left -= 1;
      selections.push(this.#selection(type, depth, selections));
    }
    return { kind: Kind.SELECTION_SET, selections };
  }

  #selection(
    type: GraphQLCompositeType,
    depth: number,
    before: readonly SelectionNode[],
  ): SelectionNode {
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const isRoot = depth === 0;
    if (isRoot && this.#random.chance(INTROSPECTION_PERCENT)) return this.#introspection();
    if (fields.length === 0 || this.#random.chance(isAbstractType(type) ? 50 : 18)) {
      if (depth < DEEPEST && this.#left > 0) return this.#fragment(type, depth);
    }
    if (fields.length === 0 || this.#random.chance(10)) {
      return { ...TYPENAME, ...this.#alias(type), ...this.#directives() };
    }
    const same = before.filter((one) => one.kind === Kind.FIELD && one.selectionSet !== undefined);
    if (same.length > 0 && this.#random.chance(25)) {
      return this.#again(this.#random.pick(same) as FieldNode, type, depth);
    }
    const shallow = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    const isEnd = depth >= DEEPEST || this.#left <= 0;
    const field = this.#random.pick(isEnd && shallow.length > 0 ? shallow : fields);
    return this.#field(type, field, depth);
  }

  #field(
    parent: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    depth: number,
  ): FieldNode {
    const given = field.args.flatMap((arg): ArgumentNode[] => {
      const isNeeded = isNonNullType(arg.type) && arg.defaultValue === undefined;
      if (!isNeeded && !this.#random.chance(40)) return [];
      const hasDefault = arg.defaultValue !== undefined;
      const value = this.#values.valueAt(arg.type, arg.name, hasDefault);
      return [{ kind: Kind.ARGUMENT, name: nameOf(arg.name), value }];
    });
    return {
      kind: Kind.FIELD,
      name: nameOf(field.name),
      ...this.#alias(parent),
      arguments: given,
      ...this.#directives(),
      ...this.#below(getNamedType(field.type), depth),
    };
  }

  /** The same field once more in one selection set: its answer is one, with the fields of both. */
  #again(field: FieldNode, parent: GraphQLCompositeType, depth: number): FieldNode {
    const type = isUnionType(parent) ? undefined : parent.getFields()[field.name.value]?.type;
    const named = type === undefined ? undefined : getNamedType(type);
    const { directives: _, ...same } = field;
    if (named === undefined || this.#random.chance(20)) return { ...same, ...this.#directives() };
    return { ...same, ...this.#directives(), ...this.#below(named, depth) };
  }

  #below(type: GraphQLNamedType, depth: number): { readonly selectionSet?: SelectionSetNode } {
    return isCompositeType(type) ? { selectionSet: this.#select(type, depth + 1) } : {};
  }

  #fragment(type: GraphQLCompositeType, depth: number): SelectionNode {
    const directives = this.#directives();
    if (this.#random.chance(15)) {
      const selectionSet = this.#select(type, depth + 1);
      return { kind: Kind.INLINE_FRAGMENT, ...directives, selectionSet };
    }
    const on = this.#random.pick(this.#overlapping(type));
    const known = this.#fragments.filter(
      ({ typeCondition }) => typeCondition.name.value === on.name,
    );
    if (known.length > 0 && this.#random.chance(50)) {
      return { kind: Kind.FRAGMENT_SPREAD, name: this.#random.pick(known).name, ...directives };
    }
    const typeCondition = { kind: Kind.NAMED_TYPE as const, name: nameOf(on.name) };
    const selectionSet = this.#select(on, depth + 1);
    if (this.#random.chance(60)) {
      return { kind: Kind.INLINE_FRAGMENT, typeCondition, ...directives, selectionSet };
    }
    const free = INHERITED.find((one) => this.#fragments.every(({ name }) => name.value !== one));
    const name = nameOf((this.#isOddlyNamed && free) || `F${this.#fragments.length}`);
    this.#fragments.push({ kind: Kind.FRAGMENT_DEFINITION, name, typeCondition, selectionSet });
    return { kind: Kind.FRAGMENT_SPREAD, name, ...directives };
  }

  /** Types that an object of this type can be asked as. An abstract one is asked as its members. */
  #overlapping(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    const members = isAbstractType(type) ? [...this.#schema.getPossibleTypes(type)] : [];
    const others = Object.values(this.#schema.getTypeMap()).filter(
      (one): one is GraphQLCompositeType =>
        isAbstractType(one) && doTypesOverlap(this.#schema, one, type),
    );
    return [type, ...members, ...members, ...others];
  }

  #introspection(): SelectionNode {
    const leaf = { kind: Kind.FIELD as const, name: nameOf(this.#random.pick(['name', 'kind'])) };
    const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [leaf] };
    if (this.#random.chance(50)) {
      const name = nameOf('queryType');
      const queryType: FieldNode = { kind: Kind.FIELD, name, selectionSet };
      const below: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [queryType] };
      return { kind: Kind.FIELD, name: nameOf('__schema'), selectionSet: below };
    }
    const value = {
      kind: Kind.STRING as const,
      value: this.#random.pick(['Trial', 'Record', 'No']),
    };
    const given: ArgumentNode = { kind: Kind.ARGUMENT, name: nameOf('name'), value };
    return { kind: Kind.FIELD, name: nameOf('__type'), arguments: [given], selectionSet };
  }

  /** A name of its own, that of another field, or that of a key which a router looks for. */
  #alias(type: GraphQLCompositeType): { readonly alias?: FieldNode['name'] } {
    if (this.#isOddlyNamed && this.#random.chance(20)) return { alias: nameOf(this.#named('a')) };
    if (!this.#random.chance(12)) return {};
    const fields = isUnionType(type) ? [] : Object.keys(type.getFields());
    const keys = ['id', 'gtin', 'lot', 'pseudonym', 'study', 'nodes', 'representations'];
    return { alias: nameOf(this.#random.pick(['a', 'b', '_a', ...keys, ...fields, ...fields])) };
  }

  /** One that every object has, in an operation of such names. */
  #named(usual: string): string {
    return this.#isOddlyNamed ? this.#random.pick(INHERITED) : usual;
  }

  #directives(): { readonly directives?: readonly DirectiveNode[] } {
    if (!this.#random.chance(9)) return {};
    const names = this.#random.chance(15)
      ? ['skip', 'include']
      : [this.#random.pick(['skip', 'include'])];
    return {
      directives: names.map((name) => ({
        kind: Kind.DIRECTIVE,
        name: nameOf(name),
        arguments: [
          {
            kind: Kind.ARGUMENT,
            name: nameOf('if'),
            value: this.#values.valueAt(new GraphQLNonNull(GraphQLBoolean), 'if', false),
          },
        ],
      })),
    };
  }
}
